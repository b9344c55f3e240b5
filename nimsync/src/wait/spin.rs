//! A short spin before a thread sleeps.

use crate::prim::sync::{spin_loop, yield_now};

/// Rounds of spinning before the thread sleeps; each is twice as long as the one before, all together are below a microsecond.
const SPINS: u32 = 6;
/// Rounds of giving the core away before the thread sleeps: with as many threads as cores the other side is likely to run then.
const YIELDS: u32 = 2;

/// Tries, spins a little, yields a little; gives up with `None`.
#[inline]
pub(crate) fn spin<O>(mut attempt: impl FnMut() -> Option<O>) -> Option<O> {
    if let Some(output) = attempt() {
        return Some(output);
    }
    if cfg!(any(loom, shuttle)) {
        return None;
    }
    for round in 0..SPINS {
        for _ in 0..1_u32 << round {
            spin_loop();
        }
        if let Some(output) = attempt() {
            return Some(output);
        }
    }
    for _ in 0..YIELDS {
        yield_now();
        if let Some(output) = attempt() {
            return Some(output);
        }
    }
    None
}
