//! Counts how many tasks have started and how many destructors have run.

use std::sync::atomic::{AtomicU64, Ordering};

// Relaxed throughout: the counts publish nothing but themselves.
static STARTED: Count = Count(AtomicU64::new(0));
static ENDED: Count = Count(AtomicU64::new(0));

/// Alone on its line, so that counting the one does not slow the other.
#[repr(align(128))]
struct Count(AtomicU64);

/// Held by a task while it lives; counts when it is made and when it is dropped.
#[derive(Debug)]
pub struct Alive(());

impl Alive {
    /// Counts a task as started.
    pub fn begin() -> Alive {
        STARTED.0.fetch_add(1, Ordering::Relaxed);
        Alive(())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        ENDED.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Sets both counts to zero.
pub fn reset() {
    STARTED.0.store(0, Ordering::Relaxed);
    ENDED.0.store(0, Ordering::Relaxed);
}

/// Returns how many have ended.
pub fn ended() -> u64 {
    ENDED.0.load(Ordering::Relaxed)
}

/// Yields until `n` have started.
pub async fn all_started<Y: Future>(n: u64, yield_now: impl Fn() -> Y) {
    while STARTED.0.load(Ordering::Relaxed) < n {
        yield_now().await;
    }
}

/// Yields until `n` have ended.
pub async fn all_ended<Y: Future>(n: u64, yield_now: impl Fn() -> Y) {
    while ended() < n {
        yield_now().await;
    }
}
