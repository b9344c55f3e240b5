//! Cancel scopes: what ends early, why, and what is protected from it.
//!
//! # Vocabulary
//!
//! - A **scope** is a node of the cancellation tree. Cancelling it cancels all
//!   below it, except what lies under a **shield**.
//! - A scope is first **asked** to end (its waits for cancellation are over, its
//!   checks say so) and then **ended** (what is still suspended is dropped).
//!   Without a grace period the two are one step.
//! - A **frame** is the place in a running task where a scope begins: one in each
//!   task, one in each future that brings a scope along ([`CancelScope::run`],
//!   timeouts, shields, group bodies, arms of a race). Frames are linked while
//!   they are polled; the innermost is found through a thread-local. A frame
//!   makes its scope only when somebody asks for it, so that a timeout around
//!   something that is ready costs no allocation.
//!
//! # Invariants
//!
//! 1. *Level, not edge*: state only grows (active, asked, ended), a scope made
//!    below a cancelled one is born cancelled, and every check reads the state.
//! 2. *A cause is set once*, before the state that it explains can be seen.
//! 3. *Last poll*: what is cancelled is polled once more with the state in
//!    place, and dropped only if that poll returns `Pending` and nothing in it
//!    is protected (`frame::poll_last` is the one place where this is decided).
//! 4. *Protected* means: a shield below has been begun and has not ended, or a
//!    group below is waiting for its children. Both count themselves on every
//!    frame from their own up to the task's.
//!
//! # Protocol of cancelling
//!
//! Canceller: set the cause, raise the state, then under the scope's lock take
//! the children and the waiters, release it, and go on below. New child: link
//! into the parent under the parent's lock, then read the parent's state. In
//! whatever order the two lock, the child is either taken or sees the state.

mod cause;
mod frame;
mod handle;
mod protection;
mod race;
mod run;
mod scope;
mod shield;
mod timeout;

pub use cause::{CancelReason, Cancelled};
pub(crate) use frame::{
    Frame, Last, TaskBase, current_cause, current_is_ended, current_scope, current_task_ends_alone,
    current_waiter, enclosing_group, poll_last, poll_last_known, task_name, task_scope,
};
pub use handle::CancelScope;
pub(crate) use protection::Protection;
#[doc(hidden)]
pub use race::{Arm, FirstOk, Race, Racing, first_ok, race};
pub use run::{Run, WaitCancelled};
pub(crate) use scope::{Kind, OnCancel, Scope, Waiter};
pub use shield::{Shield, shield};
pub use timeout::{TimeLimit, TimedOut, Timeout, timeout, timeout_at};

/// Returns the scope that the calling code runs in.
///
/// Inside a task it is never missing: the innermost of the scopes that have
/// been entered, else the task's own. Elsewhere it is a fresh scope that
/// nothing cancels but the caller.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     assert!(nimsync::cancel::current().active());
/// });
/// ```
pub fn current() -> CancelScope {
    CancelScope::from_inner(frame::current_scope().unwrap_or_else(Scope::root))
}

/// Lets other tasks run, and fails if the scope around it has been cancelled.
///
/// The thing to call in a long computation: it is where such a task can be
/// cancelled at all.
///
/// # Cancel safety
///
/// It holds nothing and may be dropped at any time.
///
/// # Errors
///
/// [`Cancelled`] if the current scope is cancelled before or after the yield.
///
/// # Examples
///
/// ```
/// use nimsync::cancel::{self, Cancelled};
///
/// async fn sum(parts: &[Vec<u64>]) -> Result<u64, Cancelled> {
///     let mut sum = 0;
///     for part in parts {
///         sum += part.iter().sum::<u64>();
///         cancel::checkpoint().await?;
///     }
///     Ok(sum)
/// }
/// # assert_eq!(nimsync::block_on(sum(&[vec![1], vec![2]])).unwrap(), 3);
/// ```
pub async fn checkpoint() -> Result<(), Cancelled> {
    frame::check()?;
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
    frame::check()
}
