//! The documents, as tests: each code block in them is a doctest of this crate.

#[doc = include_str!("../../README.md")]
pub mod readme {}
#[doc = include_str!("../guide.md")]
pub mod guide {}
