//! A task that may not end yet.

use super::context::{TaskCx, current};
use super::node::Node;
use std::ptr::NonNull;
use std::task::Waker;

/// Keeps the task that was being polled when it was made from ending, as an
/// orphan does, until it is dropped.
pub(crate) struct Adoption {
    node: NonNull<Node>,
    waker: Waker,
}

// SAFETY: nodes are `Sync`, and the one here does not end before this is dropped.
unsafe impl Send for Adoption {}
// SAFETY: a shared adoption gives access to nothing.
unsafe impl Sync for Adoption {}

impl Adoption {
    /// Has the task that this thread is polling wait; `None` outside of tasks.
    pub(crate) fn by_current() -> Option<Self> {
        let host = current().and_then(TaskCx::host)?;
        host.add_orphan();
        Some(Self {
            node: NonNull::from(host),
            waker: host.waker().clone(),
        })
    }
}

impl Drop for Adoption {
    fn drop(&mut self) {
        // SAFETY: the task waits for this.
        unsafe { self.node.as_ref() }.remove_orphan();
        self.waker.wake_by_ref();
    }
}
