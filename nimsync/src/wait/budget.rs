//! The cooperative budget.
//!
//! A task whose channel always has a message, or whose socket always has data,
//! would never return `Pending` by itself and keep its worker from everything
//! else. Each operation of a nimsync future therefore draws one unit from a
//! budget that the worker refills before each poll; when it is used up, the
//! operation yields once. The idea and the number are tokio's.

use crate::prim::thread_local;
use std::cell::Cell;
use std::task::Context;

/// Operations a task may do in one poll.
const UNITS: u32 = 128;

thread_local! {
    /// What is left for the task that this thread polls. Outside of a runtime
    /// nobody refills it, so it starts, and stays, without limit.
    static LEFT: Cell<u32> = const { Cell::new(u32::MAX) };
}

/// Refills the budget; the worker calls it before each poll.
#[inline]
pub(crate) fn refill() {
    LEFT.set(UNITS);
}

/// Ends the limit: the thread polls for no runtime any more.
pub(crate) fn lift() {
    LEFT.set(u32::MAX);
}

/// Draws one unit, and tells whether the operation may go on.
///
/// `false` means that the future must return `Pending` now; its task has been
/// scheduled again.
#[inline]
pub(crate) fn budget(cx: &mut Context<'_>) -> bool {
    match LEFT.get() {
        u32::MAX => true,
        0 => {
            cx.waker().wake_by_ref();
            false
        }
        left => {
            LEFT.set(left - 1);
            true
        }
    }
}

/// Calls `f` without drawing from the budget.
///
/// For what looks at several futures and counts as one operation, or must not
/// be told `Pending` by what is ready.
pub(crate) fn unmetered<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(u32);
    impl Drop for Restore {
        fn drop(&mut self) {
            LEFT.set(self.0);
        }
    }
    let _restore = Restore(LEFT.replace(u32::MAX));
    f()
}
