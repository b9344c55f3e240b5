//! Black-box tests: one binary, a module a topic.

mod actor;
mod bad_input;
mod cancel;
mod channel;
mod groups;
mod http;
mod inside_tokio;
mod layers;
mod lending;
mod locals;
mod net;
mod orphans;
mod panics;
mod runtime;
mod stream;
mod stress;
mod time;
mod tls;
mod tokio_compat;
mod tree;
