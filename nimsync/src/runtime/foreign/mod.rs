//! A tokio runtime in the background, for libraries that need one.
//!
//! # Purpose
//!
//! Libraries made for tokio look for a handle of its runtime in a thread-local. A
//! runtime of ours that was built with [`Builder::tokio_compat`](super::Builder)
//! starts one of tokio's, with a thread for its driver and its own tasks, and leaves
//! its handle with each thread: workers, those inside `block_on`, and those of
//! the blocking pool. Their futures are then awaited like others; they are polled
//! by our workers, and woken by tokio's driver.
//!
//! # Order of ending
//!
//! The tokio runtime ends after our workers and our blocking pool, so no task of ours
//! misses it. What a library has spawned on it *by itself* is no task of ours: it is in
//! no group, and ends with the tokio runtime at the latest.
//!
//! # The other way round
//!
//! Groups that are opened in a tokio application have their children on workers of
//! ours ([`outside`](super::outside)). A child then finds the tokio runtime in which its
//! group was opened: [`Handle::wrap`] puts it around its future.
//!
//! There are two variants with one face; without the feature `tokio` there is
//! nothing to enter.

#[cfg(not(feature = "tokio"))]
mod off;
#[cfg(feature = "tokio")]
mod on;

#[cfg(not(feature = "tokio"))]
pub use off::compat;
#[cfg(not(feature = "tokio"))]
pub(crate) use off::{Foreign, Handle};
#[cfg(feature = "tokio")]
pub use on::{Compat, compat};
#[cfg(feature = "tokio")]
pub(crate) use on::{Foreign, Handle};

/// What only the feature brings.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this needs the feature `tokio` of nimsync, which is off",
    label = "needs the feature `tokio`",
    note = "in Cargo.toml: `nimsync = {{ version = \"0.1\", features = [\"tokio\"] }}`"
)]
pub trait NeedsTokio<'a> {}
