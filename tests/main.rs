//! Black-box tests: one binary, a module a topic.

mod actor;
mod bad_input;
mod benchmark;
mod cancel;
mod channel;
mod groups;
mod inspect;
mod layers;
mod lending;
mod locals;
mod net;
mod orphans;
mod panics;
mod runtime;
mod stalls;
mod stats;
mod stream;
mod stress;
mod time;
mod trace;
mod tree;
