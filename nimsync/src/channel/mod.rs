//! Channels: ways for tasks and threads to hand values to each other.
//!
//! They need no runtime: they work on any executor, and block plain threads.
//!
//! # Examples
//!
//! ```
//! use nimsync::prelude::*;
//!
//! # nimsync::block_on(async {
//! let sum = task_group!(|g| {
//!     let (tx, mut rx) = channel::mpsc::<u32>(16);
//!     for n in 1..=3 {
//!         let tx = tx.clone();
//!         g.spawn(async move { tx.send(n).await });
//!     }
//!     drop(tx); // the channel closes with the last sender
//!     let mut sum = 0;
//!     while let Ok(n) = rx.recv().await {
//!         sum += n;
//!     }
//!     sum
//! })
//! .await;
//! assert_eq!(sum.unwrap(), 6);
//! # });
//! ```
//!
//! # Which one
//!
//! | channel | senders | receivers | holds | each value goes to |
//! |---|---|---|---|---|
//! | [`spsc`](fn@spsc) | one | one | `capacity` | the receiver |
//! | [`mpsc`](fn@mpsc) | many | one | `capacity` | the receiver |
//! | [`spmc`](fn@spmc) | one | many | `capacity` | one receiver |
//! | [`mpmc`](fn@mpmc) | many | many | `capacity` | one receiver |
//! | [`unbounded`](fn@unbounded) | many | many | as much as memory | one receiver |
//! | [`rendezvous`](fn@rendezvous) | many | many | nothing | one receiver, before `send` is done |
//! | [`oneshot`](fn@oneshot) | one | one | one value, once | the receiver |
//! | [`broadcast`](fn@broadcast) | many | many | the newest `capacity` | every receiver |
//! | [`watch`](fn@watch) | one | many | the newest | every receiver that looks |
//!
//! The first four are rings, each with the algorithm of its mode: take the narrowest that fits.
//! [`Select`] receives from a set of channels that changes at run time; `select!` waits for several futures of any kind.
//!
//! # Order
//!
//! Values of one sender are received in the order in which they were sent. Values of several senders are received in the order in which
//! the sends took their places. Those who wait are woken first come, first served, each side for itself; a call that has
//! not waited may be faster than somebody who was woken, who then keeps its place at the front.
//!
//! # Closing
//!
//! A channel closes when the last handle of a side is dropped, or by `close()`. After that nothing can be sent; what was sent before
//! can still be received, and then receiving says `Closed`. When the last receiver goes, what is left is dropped at once.
//!
//! # Cancel safety
//!
//! | wait | dropped before it is done |
//! |---|---|
//! | `send` | nothing was sent; the value is dropped |
//! | `send_many` | what was taken from the iterator was sent, but for the one value that waited |
//! | `reserve` | nothing is reserved |
//! | `recv`, `recv_many` | nothing was taken |
//! | `rendezvous` `send` | nothing was sent, unless a receiver has taken the value already |
//!
//! In all cases a wake-up that the dropped wait had got goes to the next in line.
//!
//! # Memory
//!
//! No message and no wait allocates. A channel of the first four modes takes 1.1 KB and its slots (a value, and 8 bytes outside `spsc`).
//!
//! # How it is built
//!
//! ```text
//!   sender.rs  receiver.rs     handles: the public face, `&mut self` or `&self`
//!        end.rs  future.rs     what a handle holds; the waits
//!             core/            ring + wait lists: sleeping, waking, closing
//!               ring/          spsc, stamped (mpsc, spmc, mpmc), list (unbounded)
//! ```

pub mod broadcast;
mod common;
mod core;
mod end;
mod error;
mod future;
mod modes;
mod named;
pub mod oneshot;
mod receiver;
pub mod rendezvous;
mod ring;
mod select;
mod sender;
mod waiting;
pub mod watch;

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, shuttle))]
mod shuttle_tests;

pub use broadcast::broadcast;
pub use error::{
    RecvError, RecvTimeoutError, ReserveError, SendError, SendTimeoutError, TryRecvError,
    TryReserveError, TrySendError,
};
pub use future::{Permit, Receiving, ReceivingMany, Reserving, Sending, SendingMany};
#[doc(hidden)]
pub use modes::starting_at;
pub use modes::{mpmc, mpsc, spmc, spsc, unbounded};
pub use named::{Named, named};
pub use oneshot::oneshot;
pub use receiver::{SharedReceiver, UniqueReceiver};
pub use rendezvous::rendezvous;
pub use select::{Key, Select};
pub use sender::{SharedSender, UniqueSender, WeakSender};
pub use watch::watch;
