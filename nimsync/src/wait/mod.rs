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
pub(crate) use set::{WaitKey, WaitSet, replace_waker};
