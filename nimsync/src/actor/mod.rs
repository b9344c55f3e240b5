//! Actors: state that one task owns, and that others reach by messages.
//!
//! # Examples
//!
//! ```
//! use nimsync::prelude::*;
//!
//! #[actor]
//! struct Counter { n: u32 }
//!
//! #[actor]
//! impl Counter {
//!     pub fn add(&mut self, by: u32) { self.n += by; }
//!     pub fn get(&self) -> u32 { self.n }
//! }
//!
//! # fn main() {
//! # nimsync::block_on(async {
//! let system = ActorSystem::new();
//! let counter = system.spawn(Counter { n: 0 });
//! counter.add(5).tell().await?; // sends
//! assert_eq!(counter.get().await?, 5); // asks
//! system.stop().await?;
//! # Ok::<(), nimsync::BoxError>(())
//! # }).unwrap();
//! # }
//! ```
//!
//! # Purpose
//!
//! `#[actor]` on a struct and on its impl makes a handle whose methods send
//! messages. The actor handles them one after the other. This module is what
//! the expansion calls; it can be used without the macro, by implementing
//! [`Actor`] and [`Messages`] by hand.
//!
//! # Vocabulary
//!
//! - An **actor** is a value that a task owns, the **host**.
//! - A **message** is a value of the actor's message type. A **tell** sends one
//!   and waits for room only; an **ask** waits for the **reply** as well.
//! - The **mailbox** is the queue, bounded as a rule, in which accepted messages wait.
//! - The **handle** is what others hold. Its **address** ([`Addr`]) is the part
//!   that the macro does not generate. Weak ones do not keep the actor alive.
//! - The **control** is what is known of an actor besides its messages:
//!   who it is, what it was ordered to do, who watches it.
//! - An **order** (stop, kill) and **news** (a watched actor has ended) travel in
//!   a lane of their own, the control's, which is looked at before each message.
//! - A **system** is a group of actors.
//! - A **concurrent** message is handled beside its neighbours (`concurrent`). A **pipe** is
//!   something the actor waits for elsewhere (`pipe`). It and the actors that an actor has spawned
//!   (`offspring`) are its **children** (`children`).
//! - A **recipient** is an address of which only one message type is known.
//!
//! # Invariants
//!
//! 1. *No orphans*: the host is a task of a group. The group ends after it.
//! 2. *One at a time*: the host runs one handler, hook or timed message at a
//!    time, to its end; or several that borrow the actor shared.
//! 3. *Nothing accepted is lost silently*: a message that the mailbox took is
//!    given to a handler, or else discarded by `undelivered::discard`:
//!    its asker is told, or if nobody waits, `on_undelivered` is. Which of the
//!    two is decided under the lock of the reply cell, so it is exactly one.
//! 4. *An end is told once*: the status becomes "ended" once, under the lock of the
//!    control; whoever does it tells the watchers and those who wait.
//! 5. *An asker learns why*: a [`Reply`] that is dropped unanswered settles its
//!    cell with the reason: the handler panicked, the actor ends or is restarted, or
//!    else that it was dropped.
//!
//! # Protocol of an end
//!
//! ```text
//!            stop: refuse new messages, handle what is in
//!  running ─────────────────────────────────────────────▶ stopping ──▶ ended
//!     │      kill, cancelled, failed: cut the handler        ▲  on_stop, then the
//!     └──────────────────────────────────────────────────────┘  rest is discarded
//! ```
//!
//! A stop has a time limit, after which it becomes a kill; `on_stop` has it
//! too, after which it is dropped. An actor without handles ends when its mailbox
//! is empty and not before: a message that waits may give out a handle. Cancelling
//! the group of the actor is a kill, unless the group has ended by itself: then it
//! is a stop. Either way the host protects itself from the cancellation until it
//! has ended.
//!
//! `supervise` has what a supervisor adds to that: the host outlives its value.
//!
//! # The edge
//!
//! A push into an empty mailbox wakes the host, other pushes do not (`mailbox`).
//! The lane has a word of flags and a waker of its
//! own: an order raises its flag, then takes the waker; the host stores the
//! waker, then looks at the flags. Both go through the control's lock.
//!
//! # Waits in a circle
//!
//! An actor that waits inside a handler for the reply of another, or for room
//! in its mailbox, notes that in its control, and then follows the notes from
//! there. If they lead back, nobody of the circle can ever go on, and the wait
//! fails with the path (`waits`). Of two that close a circle at the same time
//! at least the second to take the other's lock sees it.
//!
//! A task in a group that a handler has opened waits in the name of that actor:
//! the scope of the handler names it, and the scopes below inherit that.

mod addr;
mod behavior;
#[allow(unsafe_code, reason = "takes down a note before what it points to")]
mod call;
#[doc(hidden)]
pub mod check;
mod children;
mod concurrent;
mod context;
mod control;
mod error;
mod group;
mod guard;
mod handling;
mod host;
mod id;
#[cfg(all(test, loom))]
mod loom_host_tests;
#[cfg(all(test, loom))]
#[allow(unsafe_code, reason = "looks at a cell as a note does")]
mod loom_tests;
#[allow(unsafe_code, reason = "links waiting senders into a list")]
mod mailbox;
mod message;
mod name;
mod offspring;
mod pipe;
mod pool;
mod reason;
mod recipient;
mod registry;
#[allow(
    unsafe_code,
    reason = "the two ends of an ask share a cell without a lock"
)]
mod reply;
mod supervise;
mod system;
#[allow(unsafe_code, reason = "takes down a note before what it points to")]
mod tell;
pub mod testing;
mod timed;
mod topic;
mod undelivered;
#[allow(
    unsafe_code,
    reason = "knows the actor that a thread polls by its address"
)]
mod waits;

pub use addr::{Addr, WeakAddr};
pub use behavior::{Actor, ActorOptions, Beat, Full, Init, Messages};
pub use call::Call;
pub use context::Cx;
pub use control::Ended;
pub use error::{CallError, NameTaken, TellError};
pub use id::ActorId;
pub use message::{
    Describe, DescribeUnknown, Fallible, IsResult, Message, Plain, Priority, Refusal, Shape,
};
pub use offspring::NamedChild;
pub use pool::Pool;
pub use reason::{Failure, StopReason};
pub use recipient::{Accepts, Recipient, WeakRecipient};
pub use reply::Reply;
pub use supervise::{ChildSpec, Declare, Lifetime, Strategy, Supervised, Supervisor, Tree};
pub use system::{ActorSystem, Named};
pub use tell::Tell;
pub use timed::Timer;
pub use topic::Topic;
pub use undelivered::Undelivered;
pub use waits::WaitPath;
