//! What becomes of a group whose core is dropped, or forgotten, before it has
//! ended.

use super::super::ledger::{Adopter, Left};
use super::Block;
use crate::task::drop_quietly;
use std::sync::Arc;

impl Block {
    /// The core is being dropped before the group has ended; children in place
    /// are gone. Has the calling task wait for what is left.
    pub(in crate::group) fn leave(self: &Arc<Self>) {
        {
            let mut state = self.state.lock();
            state.closed = true;
            // What is left has an adopter if the group was abandoned before.
            // That alone does not say so: a future that was handed out may have
            // been polled since, and have spawned.
            if state.left.is_some() {
                return;
            }
            if state.is_empty() && state.deferred.is_empty() {
                drop(state);
                return self.drop_unwanted();
            }
        }
        self.leave_to(Adopter::here());
    }

    pub(super) fn leave_to(self: &Arc<Self>, adopter: Adopter) {
        let mut state = self.state.lock();
        if state.left.is_some() {
            // Left and abandoned at once: who was first waits.
            drop(state);
            return adopter.release();
        }
        // The reference that the last task gives up.
        std::mem::forget(self.clone());
        state.left = Some(Left { adopter });
        let over = state.is_over();
        drop(state);
        if over {
            // SAFETY: the core is gone and no task is left.
            unsafe { self.end_without_core() };
        }
    }

    /// Runs the clean-up, or frees the block and tells who waits for it.
    ///
    /// # Safety
    ///
    /// The core is gone, or will not be polled any more, and no task is left
    /// but children in place. `self` may be freed.
    pub(super) unsafe fn end_without_core(&self) {
        let mut state = self.state.lock();
        if !state.deferred.is_empty() {
            drop(state);
            // The task that this starts will come here again.
            return self.start_deferred();
        }
        let Some(left) = state.left.take() else {
            // A child in place has ended after the last of the others: the core
            // of an abandoned group is being dropped, and holds the block.
            return;
        };
        drop(state);
        self.drop_unwanted();
        // SAFETY: `leave_to` forgot one reference for each `left` that it set,
        // and this one was taken above.
        drop(unsafe { Arc::from_raw(self) });
        left.adopter.release();
    }

    /// Drops the errors and the payload that nobody will ask for.
    ///
    /// They are user values, so they go before the parent goes on, and not with
    /// the block, which a canceller on another thread may have in its hands. What
    /// panicked has been through the panic hook.
    pub(in crate::group) fn drop_unwanted(&self) {
        self.take_failures().into_iter().for_each(drop_quietly);
        drop_quietly(self.take_panic());
    }
}
