//! Tasks: one allocation each, with a node that the rest of the tree can see.
//!
//! # Purpose
//!
//! A task is an [`async_task`] task whose metadata is a [`Node`] and whose
//! future is a [`TaskFuture`](future::TaskFuture) around the user's. The node
//! says who the task is, where it stands and whom to tell when it ends; the
//! wrapper gives it the rules of structured concurrency: the last poll when it
//! is cancelled, panics caught and reported, and no end before the children of
//! groups that it dropped half way (its *orphans*) have ended.
//!
//! # Protocol
//!
//! ```text
//!  spawn ──▶ waiting ──run──▶ running ──▶ user future gone ──▶ finished
//!               ▲                │              │                  │
//!               └────── wake ────┘              │ orphans > 0      │ owner.finished(key)
//!                                               ▼                  ▼ after the poll
//!                                           draining ──────────▶ (same)
//! ```
//!
//! - **Owner**: a group, or the root of a `block_on`. It holds the task's key
//!   and a pointer to its node until [`run`] hands both back with
//!   [`Owner::finished`], after the poll in which the task ended has returned:
//!   by then the user's future, and a result that nobody waits for, have been
//!   dropped. The owner stays alive until then.
//! - **Node**: lives in the task's allocation, which a waker in the node itself
//!   keeps alive until `finished` takes it out.
//! - **Orphans**: counted on the node of the task (for a child that runs in
//!   place: of the task it runs in). Whoever ends the last one wakes the task.
//! - **Cancelling** a task: raise the flag in its node, wake it. The wrapper
//!   reads the flag after each poll.
//!
//! Nothing here knows groups or the runtime: both are reached through `Owner`.

mod adoption;
mod context;
mod future;
mod local;
#[cfg(all(test, loom))]
pub(crate) mod loom_tests;
mod node;
mod output;
mod trace;

pub(crate) use adoption::Adoption;
pub(crate) use context::{TaskCx, abandon, current, watch_abandon};
pub(crate) use future::{Batch, Started, run, run_in_batch, start};
#[doc(hidden)]
pub use local::LocalScope;
pub use local::{AccessError, LocalKey};
pub use node::TaskId;
pub(crate) use node::{NO_SEAT, Node, NodeOptions, Owner, describe_below};
pub(crate) use output::{End, Output, drop_quietly};
pub use output::{PanicCause, TaskFailure, TaskOutput};

/// Any error that can cross threads, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What the executor queues: a task that is to be polled.
pub(crate) type Runnable = async_task::Runnable<Node>;
