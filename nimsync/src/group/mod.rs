//! Task groups: concurrency in which nothing is orphaned.
//!
//! # Purpose
//!
//! A group runs children and ends when all of them have. Errors, panics,
//! deadlines and cancellation travel along the tree of groups and tasks.
//!
//! # Vocabulary
//!
//! - The **block** ([`block`]) is the part of a group that its children know. It
//!   lives on the heap until the last child has ended. What it keeps under its lock
//!   (who is alive, what has failed, who is to be woken) is its [`ledger`].
//! - The **core** ([`Core`]) is the part in the future of the task that opened the
//!   group: it polls the body and the children in place, and waits.
//! - Children are **parallel** (tasks on the workers) or **in place** (polled by
//!   the core). They may be **services**, which are cancelled when the others
//!   are done, and **clean-up** that was deferred, which nothing cancels.
//!
//! # Invariants
//!
//! 1. *No orphans*: the core does not yield a result before the block has no
//!    task left. If the core is dropped earlier, it cancels the group, drops the
//!    children in place at once, and has the task that drops it wait for the rest
//!    (it *adopts* them): that task does not end before they have. Where there is no
//!    task of ours, the rest is counted in [`outside`], where others may wait for it.
//! 2. *The block outlives its tasks*: the core holds it; a dropped core leaves a
//!    reference behind, which the last task gives up.
//! 3. *A child counts until nothing is left of it*: its future, and its result
//!    if nobody holds the handle, have been dropped when the count goes down.
//! 4. *Children in place* are polled and dropped only by the core, on one
//!    thread. Their host is pinned to its worker as long as there are any, and
//!    the core checks the thread, so they need not be `Send`.
//!
//! # Protocol of ending
//!
//! Child: lock the block; take itself out; lower the count; see whether somebody
//! has to be woken; unlock; wake. Core: lock; if tasks are left, store the waker.
//! Both do it under the one lock, so no wake-up is lost. After the unlock a
//! child does not touch the block again, unless it was the last one and the core
//! is gone: then the block is its own to free.

mod block;
mod body;
mod child;
mod error;
mod handle;
mod hosted;
mod ledger;
mod named;
mod open;
mod options;
pub(crate) mod outside;
mod owned;
mod ready;
mod scoped;
mod spawner;
mod supervise;

#[doc(hidden)]
pub use body::Core;
pub use body::Drive;
pub use child::{Child, Outcome};
pub use error::GroupError;
#[doc(hidden)]
pub use handle::Anchor;
pub use handle::{Spawnable, TaskGroup, open};
pub(crate) use hosted::Hosted;
pub use named::NamedTask;
pub(crate) use open::OpenGroup;
pub use options::{GroupOptions, Policy};
pub use owned::{OwnedGroup, OwnedTask, run_owned};
pub use ready::{Ready, Start, WaitReady};
pub use scoped::{RuntimeScope, ScopedChild};
pub use spawner::{GroupClosed, Spawner};
pub use supervise::Restart;
