//! Streams: policies, the spill, operators, parallel work, sources.

mod bad_input;
mod disk;
mod ends;
mod interop;
mod operators;
mod par_map;
mod policies;
mod random;
mod sources;
mod support;
