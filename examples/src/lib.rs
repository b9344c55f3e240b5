//! Programs written with nimsync; each is an example of this crate.
