//! Black-box tests of the channels: one suite for all modes, then what is special to each.

mod bad_input;
mod conformance;
mod limits;
mod model;
mod others;
mod runtime;
mod select;
mod stress;
mod support;
mod waits;
