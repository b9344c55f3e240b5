//! Floor 0: what the standard library and loom both offer, under one name.
//!
//! Everything above takes its atomics, cells and locks from here, so that the
//! protocols of this crate can be run under [loom](https://docs.rs/loom) by
//! compiling with `--cfg loom`, and those of channels under [shuttle](https://docs.rs/shuttle)
//! with `--cfg shuttle`.

pub(crate) mod asymmetric;
mod backoff;
pub(crate) mod cell;
mod local;
mod lock;
#[cfg(all(test, loom))]
pub(crate) mod model;
pub(crate) mod sync;

pub(crate) use backoff::Backoff;
pub(crate) use local::thread_local;
pub(crate) use lock::Lock;

pub(crate) use crossbeam_utils::CachePadded;

#[cfg(not(loom))]
pub(crate) use std::sync::atomic;

#[cfg(loom)]
pub(crate) use loom::sync::atomic;

#[cfg(loom)]
pub(crate) use local::LocalCell;
