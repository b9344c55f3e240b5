//! What this thread is polling.

use super::node::Node;
use super::output::End;
use crate::prim::thread_local;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// One poll of a task, on the stack of [`run`](super::run).
pub(crate) struct TaskCx {
    node: NonNull<Node>,
    /// The poll around this one, or null: of a task that runs in place, the poll of
    /// the one that it runs in.
    around: Cell<*const TaskCx>,
    /// How the task has ended, if it ended in this poll.
    pub(super) end: Cell<Option<End>>,
}

thread_local! {
    static CURRENT: Cell<*const TaskCx> = const { Cell::new(ptr::null()) };
    /// See [`abandon`].
    static ABANDONED: Cell<bool> = const { Cell::new(false) };
}

impl TaskCx {
    /// # Safety
    ///
    /// The node stays alive as long as the context is current.
    pub(super) unsafe fn new(node: &Node) -> Self {
        Self {
            node: NonNull::from(node),
            around: Cell::new(ptr::null()),
            end: Cell::new(None),
        }
    }

    pub(crate) fn node(&self) -> &Node {
        // SAFETY: by the contract of `new`.
        unsafe { self.node.as_ref() }
    }

    /// Returns the node of the task that a worker polls, be it this one or the
    /// one that this one runs in. None in place where there is no task around it, when
    /// it is dropped outside.
    pub(crate) fn host(&self) -> Option<&Node> {
        let mut cx = self;
        while cx.node().is_in_place() {
            // SAFETY: the poll around is on the stack, below this one, and current
            // again after it.
            cx = unsafe { cx.around.get().as_ref() }?;
        }
        Some(cx.node())
    }

    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        self.around.set(CURRENT.replace(self));
        Entered { cx: self }
    }
}

pub(super) struct Entered<'a> {
    cx: &'a TaskCx,
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.cx.around.get());
    }
}

/// Returns the context of the task that this thread is polling.
///
/// The lifetime is not checked: use it within the poll, and store nothing.
#[inline]
pub(crate) fn current<'a>() -> Option<&'a TaskCx> {
    let current = CURRENT.get();
    // SAFETY: `Entered` borrows the context while it is current; the callers,
    // all in this crate, keep to the rule above.
    unsafe { current.as_ref() }
}

/// Gives up the body or task that is being polled.
///
/// Called by a future that can never be ready because something it awaited did
/// not succeed, before it returns `Pending`. The innermost group body or task
/// around it sees it after the poll and drops the code that waits.
pub(crate) fn abandon() {
    ABANDONED.set(true);
}

/// Calls `poll`, which does not unwind, and tells whether the code in it gave
/// itself up.
pub(crate) fn watch_abandon<R>(poll: impl FnOnce() -> R) -> (R, bool) {
    // What code beside this has said is not about this.
    let beside = ABANDONED.replace(false);
    let result = poll();
    (result, ABANDONED.replace(beside))
}
