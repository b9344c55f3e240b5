//! HTTP over loopback.

mod bad_input;
mod client;
mod drain;
mod serve;
mod support;
