//! Random trees of everything.
