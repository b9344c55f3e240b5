//! Files and folders.

mod atomic;
mod bad_input;
mod files;
mod folders;
