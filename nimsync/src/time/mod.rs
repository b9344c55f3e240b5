//! Clocks, timers and the futures that wait for them.
//!
//! # Purpose
//!
//! [`sleep`] and everything with a deadline wait on a timer wheel.
//! Time is always read from the clock of the runtime that the caller is
//! inside, never from the operating system directly, so that a test can bring
//! its own time ([`crate::test`] with `start_paused = true`).
//!
//! # Protocol
//!
//! Each worker owns a `Timers`: a clock and a wheel under a lock of a few
//! instructions. A [`Sleep`] registers itself at its first `Pending`, with the
//! timers of the thread that polls it, and unlinks itself when it is dropped;
//! a sleep that is ready at once, or never polled, costs nothing. The worker
//! fires its timers between polls and, while it is parked, wakes in time for
//! the earliest of them. Outside of a runtime a thread of its own does that
//! ([`outside`]).
//!
//! ```text
//!            first Pending             worker: deadline reached
//!   idle ───────────────────▶ linked ───────────────────────────▶ fired
//!     ▲                          │
//!     └──────────────────────────┘ drop, reset
//! ```
//!
//! Only the holder of the wheel's lock moves an entry, so a timer that fires
//! while it is dropped is either unlinked before or done after; the waker is
//! taken under the lock and woken outside of it.

mod clock;
mod duration;
mod outside;
mod sleep;
mod timers;
mod wheel;

pub use duration::DurationWords;
pub(crate) use outside::counts as outside_counts;
pub use sleep::{Sleep, sleep, sleep_until};
pub(crate) use timers::{Entered as EnteredTimers, Timers, current as current_timers, enter};

use std::time::Instant;

/// Returns the current time of the runtime that the caller is inside.
///
/// Under a paused test clock this is virtual time. Outside of a runtime it is
/// [`Instant::now`].
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let before = nimsync::now();
///     sleep(5.milliseconds()).await;
///     assert!(nimsync::now() - before >= 5.milliseconds());
/// });
/// ```
#[must_use]
pub fn now() -> Instant {
    match timers::current() {
        Some(timers) => timers.clock().now(),
        None => Instant::now(),
    }
}
