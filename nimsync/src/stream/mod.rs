//! Streams with backpressure: what happens when a source is faster than its
//! consumer is part of the type of pipe, and every item is accounted for.
//!
//! # Examples
//!
//! ```
//! use nimsync::prelude::*;
//!
//! # nimsync::block_on(async {
//! let (tx, rx) = stream::with::<u32>(Backpressure::Block).capacity(4).build();
//! let batches = task_group!(|g| {
//!     g.spawn(async move {
//!         for n in 1..=5 {
//!             tx.send(n).await?; // waits while four are in the buffer
//!         }
//!     });
//!     rx.map(|n| n * n).batch(2).collect::<Vec<_>>().await
//! })
//! .await;
//! assert_eq!(batches.unwrap(), [vec![1, 4], vec![9, 16], vec![25]]);
//! # });
//! ```
//!
//! # Vocabulary
//!
//! - A **buffered stream** ([`with`]) is a [`Sender`] and a [`Receiver`] with a
//!   bounded buffer between them, and a [`Backpressure`] policy for when it is full.
//! - **Produced** is an item that the stream took from its sender. It is then
//!   **delivered**, **dropped** (by the policy), **discarded** (its receiver went
//!   away), or still **buffered**. An item that comes back in an error was
//!   **refused**, and is not produced.
//! - **Spilled** is an item that went through the overflow of a
//!   [`Spill`]; it is delivered like any other, in its place.
//! - An **operator** is a method of [`StreamExt`], which makes a stream of a stream.
//!
//! # Policies
//!
//! | full, and [`Backpressure`] is | `send` | yields |
//! |---|---|---|
//! | `Block` | waits for room | [`Sent::Queued`] |
//! | `DropNewest` | keeps what is there | [`Sent::Dropped`], with the item |
//! | `DropOldest` | drops what has waited longest | [`Sent::Replaced`], with that item |
//! | `Latest` | the same, with room for one | [`Sent::Replaced`] |
//! | `Fail` | refuses | [`SendError::Full`], with the item |
//! | `Spill(..)` | puts it into memory or a file; waits when that is full | [`Sent::Spilled`] |
//!
//! # Invariants
//!
//! 1. `produced = delivered + dropped + discarded + buffered`, at every moment.
//! 2. Never more than `capacity` items are between the two ends, and in a spill
//!    never more than its limit.
//! 3. Items of one sender are delivered in the order of its `send`s.
//! 4. Closed is final: nothing is produced afterwards, what was produced before is
//!    delivered, then comes the error of [`Sender::fail`], then `None` for ever.
//! 5. Nothing is lost by an error: who cannot put an item into a spill gets it back.
//!
//! # Protocol of the buffer
//!
//! One spin lock guards the queue, the wakers and the counts. The receiver takes
//! the *whole* queue at once and hands it out without the lock; only the number of
//! items it has handed out, `taken`, is shared then. So a lock is taken
//! once for many items when items are plenty, which is when it matters.
//!
//! Room is `capacity - (entered - taken)`. A sender that finds none raises the lowest bit
//! of `taken` under the lock and looks again; the receiver adds to `taken` and sees
//! that bit. Both are read-modify-writes of one word: if the receiver's comes first,
//! the sender sees the room; if it comes second, the receiver sees the bit, takes
//! the lock after the sender, and wakes it. So no wake-up is lost.
//!
//! With `DropOldest` and `Latest` the oldest item has to stay within the reach of the
//! senders, so the receiver takes one at a time.
//!
//! A file has a mutex of its own, taken before the spin lock, never inside of
//! it. Once something is spilled all new items are, until the receiver has
//! read it all back: so order is kept.
//!
//! # What is where
//!
//! ```text
//!   sender.rs  receiver.rs  builder.rs    the two ends
//!     buffer.rs  waiting.rs               queue, counts, sleeping and waking
//!       spill/                            the overflow: a ring on a file
//!   ext.rs     ops/                       operators, one a file
//!     par/                                par_map: hub, workers, limits
//!   source.rs                             what `stream!` expands to
//! ```

mod buffer;
mod builder;
mod error;
mod ext;
#[cfg(all(test, loom))]
mod loom_tests;
mod ops;
mod par;
mod policy;
mod receiver;
mod sender;
#[allow(unsafe_code, reason = "a source's code shares a cell with its stream")]
mod source;
mod spill;
mod stats;
mod waiting;

pub use builder::{Builder, with};
pub use error::{SendError, Sent};
pub use ext::StreamExt;
pub use futures::stream::{Stream, empty, iter};
pub use ops::{
    BatchWithin, BufferedBy, Debounce, Rate, Retry, Retrying, Throttle, TimeoutEach, Window,
    WindowBy, WindowCount, merge,
};
pub use par::{Limit, ParMap, adaptive};
pub use policy::Backpressure;
pub use receiver::{Next, Receiver};
pub use sender::{Sender, Sending};
#[doc(hidden)]
pub use source::{Source, Yielder, source};
pub use spill::{Spill, SpillFile};
pub use stats::Stats;
