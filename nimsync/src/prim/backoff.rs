//! Waiting for another thread that is in the middle of a few instructions.

use super::sync::{spin_loop, yield_now};

/// Spins a little, then gives the core away.
///
/// With few cores the other thread may well be off its core, and then only giving up ours helps; so the spin is short.
pub(crate) struct Backoff {
    step: u32,
}

/// Rounds of doubling pauses before the first yield: 1 + 2 + 4 + 8 + 16 pauses are below a microsecond.
const SPIN_ROUNDS: u32 = 5;
/// Yields before [`Backoff::is_exhausted`]: several time slices of a loaded core.
const YIELD_ROUNDS: u32 = 64;

impl Backoff {
    pub(crate) fn new() -> Self {
        Backoff { step: 0 }
    }

    /// Waits a little longer than last time.
    pub(crate) fn snooze(&mut self) {
        if cfg!(any(loom, shuttle)) || self.step >= SPIN_ROUNDS {
            yield_now();
        } else {
            for _ in 0..1_u32 << self.step {
                spin_loop();
            }
        }
        self.step = self.step.saturating_add(1);
    }

    /// Whether the next wait is a spin rather than a yield.
    pub(crate) fn is_spinning(&self) -> bool {
        self.step
            < if cfg!(any(loom, shuttle)) {
                1
            } else {
                SPIN_ROUNDS
            }
    }

    /// Whether so much time was spent that the caller should do something else.
    pub(crate) fn is_exhausted(&self) -> bool {
        let limit = if cfg!(any(loom, shuttle)) {
            1
        } else {
            SPIN_ROUNDS + YIELD_ROUNDS
        };
        self.step > limit
    }
}
