//! Sockets over loopback.

mod bad_input;
mod faults;
mod serve;
mod streams;
mod stress;
mod udp;
#[cfg(unix)]
mod unix;
