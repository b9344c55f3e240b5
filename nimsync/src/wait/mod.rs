//! Floor 1: what futures and threads wait with.
//!
//! - [`WaitSet`]: wakers of many tasks, kept in insertion order, each under a
//!   key that its future removes when it is dropped.
//! - [`label`]: what a task waits for, for reports ([`note`]).
//! - [`budget`]: how much a task may do before it lets others run.
//! - [`inside_task`]: whether this thread is polling a task, so that calls
//!   which would block a worker can refuse.

mod budget;
mod label;
mod set;

pub(crate) use budget::refill;
pub(crate) use label::{Label, enter_task, inside_task, note, note_until};
pub(crate) use set::{WaitKey, WaitSet};

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
