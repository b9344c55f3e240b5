//! Black-box tests: one binary, a module a topic.

mod actor;
mod bad_input;
mod cancel;
mod channel;
mod fs;
mod groups;
mod http;
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
mod stalls;
mod stats;
#[cfg(target_os = "linux")]
mod signal;
mod stream;
mod stress;
mod time;
mod tree;
