//! The documents, as tests: each code block in them is a doctest of this crate.
