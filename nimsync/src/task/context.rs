//! What this thread is polling.

use super::node::Node;
use super::output::End;
use crate::prim::thread_local;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// One poll of a task, on the stack of [`run`](super::run).
pub(crate) struct TaskCx {
    node: NonNull<Node>,
    /// The task that this one runs in, if it runs in place; else itself. None
    /// in place where there is no task around it, when it is dropped outside.
    host: Option<NonNull<Node>>,
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
        let host = match current() {
            _ if !node.is_in_place() => Some(NonNull::from(node)),
            Some(around) => around.host,
            None => None,
        };
        Self {
            node: NonNull::from(node),
            host,
            end: Cell::new(None),
        }
    }

    pub(crate) fn node(&self) -> &Node {
        // SAFETY: by the contract of `new`.
        unsafe { self.node.as_ref() }
    }

    /// Returns the node of the task that a worker polls, be it this one or the
    /// one that this one runs in.
    pub(crate) fn host(&self) -> Option<&Node> {
        // SAFETY: a task in place is polled inside a poll of its host.
        self.host.map(|host| unsafe { host.as_ref() })
    }

    pub(super) fn enter(&self) -> Entered<'_> {
        Entered {
            previous: CURRENT.replace(self),
            _cx: self,
        }
    }
}

pub(super) struct Entered<'a> {
    previous: *const TaskCx,
    _cx: &'a TaskCx,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.previous);
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
