//! Child processes.

mod bad_input;
mod ends;
mod pipes;
