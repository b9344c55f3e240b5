//! What keeps suspended code from being dropped by cancellation.

use crate::prim::atomic::{AtomicU32, Ordering};
use std::cell::OnceCell;
use std::sync::Arc;

/// How many shields and waiting groups are below a frame.
///
/// It belongs to a frame, the place in a task, and not to the frame's scope:
/// several tasks can run in one scope, and a scope made elsewhere has no way to
/// the task that runs in it. It is made when it is first needed, which is
/// seldom.
#[derive(Default)]
pub(super) struct Shelter(OnceCell<Arc<AtomicU32>>);

impl Shelter {
    pub(super) const fn new() -> Self {
        Self(OnceCell::new())
    }

    pub(super) fn is_taken(&self) -> bool {
        // Relaxed: counted and read by polls of one task, which are ordered by
        // the task's scheduling.
        self.0
            .get()
            .is_some_and(|count| count.load(Ordering::Relaxed) != 0)
    }

    pub(super) fn count(&self) -> Arc<AtomicU32> {
        self.0.get_or_init(|| Arc::new(AtomicU32::new(0))).clone()
    }
}

/// Keeps a suspended future from being dropped by cancellation, as long as it
/// exists.
///
/// Counts itself on every frame from the current one up to the task's.
pub(crate) struct Protection {
    counts: Vec<Arc<AtomicU32>>,
}

impl Protection {
    /// Protects what is being polled.
    pub(crate) fn here() -> Self {
        let counts = super::frame::shelters();
        for count in &counts {
            // Relaxed: see `Shelter::is_taken`.
            count.fetch_add(1, Ordering::Relaxed);
        }
        Self { counts }
    }
}

impl Drop for Protection {
    fn drop(&mut self) {
        for count in &self.counts {
            // Relaxed: see `Shelter::is_taken`.
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
