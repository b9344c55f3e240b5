//! Sockets over loopback.

mod bad_input;
mod serve;
mod streams;
mod stress;
mod udp;
#[cfg(unix)]
mod unix;
