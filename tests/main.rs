//! Black-box tests: one binary, a module a topic.

mod actor;
mod bad_input;
mod benchmark;
mod book;
mod cancel;
mod channel;
mod fs;
mod groups;
mod http;
mod inside_tokio;
mod inspect;
#[cfg(target_os = "linux")]
mod io;
mod layers;
mod lending;
mod locals;
mod net;
mod orphans;
mod panics;
#[cfg(target_os = "linux")]
mod process;
mod retry;
mod runtime;
#[cfg(target_os = "linux")]
mod signal;
mod stalls;
mod stats;
mod stream;
mod stress;
mod symptoms;
mod time;
mod tls;
mod tokio_compat;
mod trace;
mod tracing;
mod tree;
