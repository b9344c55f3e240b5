//! Floor 1: what futures and threads wait with.
//!
//! - [`WaitSet`]: wakers of many tasks, each under a
//!   key that its future removes when it is dropped.
//! - [`label`]: what a task waits for, for reports ([`note`]).
//! - [`WaitList`]: the same for futures that wait their turn, first come first
//!   served; the [`Waiter`]s live in the futures, so a wait allocates nothing.
//! - [`block_on`]: waiting on a plain thread, with a waker that unparks it.
//! - [`spin`](spin()): looking for something a little, before sleeping for it.
//! - [`budget`]: how much a task may do before it lets others run.
//! - [`inside_task`]: whether this thread is polling a task, so that calls
//!   which would block a worker can refuse.
//!
//! # Invariants of a wait list
//!
//! 1. A waiter is *idle*, *waiting* (linked) or *notified* (unlinked by somebody
//!    else, its wake is under way).
//! 2. Links, and the waker of a waiting waiter, are touched only under the
//!    list's lock.
//! 3. Whoever notifies touches the waiter for the last time when it stores
//!    *notified*; after that the waiter may be gone.
//! 4. Wakers are woken and dropped outside of the lock.
//! 5. A notified waiter that is dropped, or that does not use what it was woken
//!    for, passes the wake on.

mod block;
mod budget;
mod label;
mod list;
mod set;
mod spin;

pub(crate) use block::block_on;
#[cfg(not(loom))]
pub(crate) use block::block_on_timeout;
pub(crate) use budget::{budget, lift, refill, unmetered};
pub(crate) use label::{
    Label, enter_task, inside_task, note, note_ask, note_limit, note_named, note_until,
};
pub(crate) use list::{WaitList, Waiter};
pub(crate) use set::{Drained, WaitKey, WaitSet};
pub(crate) use spin::spin;

use std::task::Waker;

/// Makes `waker` the one in `place`, without a clone if it is already.
///
/// Returns the waker that it replaces, which must not be dropped under a lock:
/// it may be the last thing that holds a task which has ended, with its locals,
/// which are user values, and its cancel scope, which locks the one above it.
#[must_use]
pub(crate) fn replace_waker(place: &mut Option<Waker>, waker: &Waker) -> Option<Waker> {
    match place {
        Some(known) if known.will_wake(waker) => None,
        _ => place.replace(waker.clone()),
    }
}

/// A random number below `bound`.
///
/// Whatever is decided by chance asks here, so that one place decides where
/// chance comes from.
pub(crate) fn random(bound: u32) -> u32 {
    fastrand::u32(..bound)
}
