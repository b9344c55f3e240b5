//! Floor 1: what is counted while a program runs, and how it is read.
//!
//! # Purpose
//!
//! Counters are always on, so they must cost next to nothing. They are kept
//! where they are counted and added up when somebody asks.
//!
//! # Protocol
//!
//! - A **stripe** is a set of counters. Each seat of a runtime has one, which
//!   only the thread that sits there writes, by plain loads and stores. A worker
//!   has its own at hand; whoever does not know the worker finds it by a
//!   thread-local ([`count`]). What other threads do for a runtime (blocking calls,
//!   spawning from outside) goes to a stripe that they share, by
//!   read-modify-writes.
//! - **Polls** are not counted one by one: a worker has a number of polls to go
//!   until it looks at its timers anyway, and settles what it has used of them
//!   then, and before it sleeps.
//! - **Ends** are counted by the batch in which owners are told of them.
//! - **Messages** are not counted at all: the positions of a ring say how many
//!   went in and out. Each channel is on a list while it lives, and is asked;
//!   what it leaves behind is added up when it ends. One that has a name is in
//!   the **registry** besides. A `oneshot` counts its message in a stripe.
//!
//! So a number is exact when what it counts rests, and a little behind while
//! that runs.
//!
//! # On and off
//!
//! [`ON`] is false with `--cfg nimsync_uncounted`, to measure what all this costs,
//! and for nothing else. Then nobody counts, channels with a name keep no
//! high-water mark, and polls, messages and cancellations are not observed for
//! watchdog, busy times and traces. The live tree stays as it is: places of tasks,
//! what they wait for, and how often each was polled, which is what the rule of
//! the first poll goes by.

mod counters;
#[cfg_attr(any(loom, shuttle), allow(dead_code, reason = "models ask nobody"))]
mod messages;
mod registry;
mod report;

pub(crate) use counters::{
    Counter, Entered, ON, Stripe, Stripes, TimerCounts, count, count_outside, enter, enter_shared,
};
pub(crate) use messages::{Counted, Place, list, messages};
pub(crate) use registry::{Entry, Gauge, channels, name_of};
pub(crate) use report::Thousands;
pub use report::{ChannelKind, ChannelStats, Counts, MessageCounts, RuntimeStats, Stats};
