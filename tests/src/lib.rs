//! What several test modules need.

#[cfg(target_os = "linux")]
pub mod alone;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts how many of its guards are alive, and how many there have been.
#[derive(Clone, Debug, Default)]
pub struct Census(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    born: AtomicUsize,
    alive: AtomicUsize,
}

impl Census {
    /// Returns an empty census.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one to the living until the guard is dropped.
    #[must_use]
    pub fn guard(&self) -> Alive {
        self.0.born.fetch_add(1, Ordering::SeqCst);
        self.0.alive.fetch_add(1, Ordering::SeqCst);
        Alive(self.0.clone())
    }

    /// Returns how many guards exist.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.0.alive.load(Ordering::SeqCst)
    }

    /// Returns how many guards have ever been made.
    #[must_use]
    pub fn born(&self) -> usize {
        self.0.born.load(Ordering::SeqCst)
    }
}

/// One of the living of a [`Census`].
#[derive(Debug)]
pub struct Alive(Arc<Counts>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Ordering::SeqCst);
    }
}
