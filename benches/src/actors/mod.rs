//! Libraries of actors behind one face, so that a program of actors is written
//! once for all peers. nimsync's is written beside it, as its users would.
//!
//! An actor is a [`Behavior`]; each [`Library`] wraps it into an actor of its
//! own, with its messages sent the way that is fastest there. Nothing is boxed
//! or looked up on behalf of this face. Peers and their ways:
//!
//! - *by hand*: a task that owns the state, tokio's bounded `mpsc`, and a
//!   `oneshot` in the message of an ask;
//! - *kameo*: `tell` and `ask`, bounded mailboxes, which are its default;
//! - *ractor*: `cast` and `call`; its mailboxes have no bound;
//! - *xtra*: `send`, for a tell with `detach`, and bounded mailboxes. They are
//!   heaps, which do not keep messages in order, so it has no part in programs
//!   that need that;
//! - *actix*: `do_send`, which ignores the bound, and `send`. Its actors live on
//!   one thread, or are shared out over two of its arbiters by hand: each
//!   program says which of its actors belong together. Its handlers do not
//!   wait, so it has no part in programs that ask inside of a handler.
//!
//! Features that cost time without being asked for, as spans for tracing, are
//! off. All but actix are on tokio's runtime with as many workers as nimsync's.

mod actix;
mod by_hand;
mod contenders;
mod counter;
mod finish;
mod kameo;
mod ractor;
mod xtra;

pub use self::actix::Actix;
pub use self::by_hand::ByHand;
pub use self::contenders::ActorContenders;
pub use self::counter::{Counter, ToCounter};
pub use self::finish::{Finish, Finished, Report, finish, report};
pub use self::kameo::Kameo;
pub use self::ractor::Ractor;
pub use self::xtra::Xtra;

/// What an actor does.
pub trait Behavior<L: Library>: Sized + Send + 'static {
    /// How many messages wait at most, where the library has a bound.
    ///
    /// More than the default of most where actors would otherwise wait for
    /// each other in a circle.
    const MAILBOX: usize = 64;

    /// What it is sent.
    type Message: Send + 'static;
    /// What it answers to an ask.
    type Reply: Send + 'static;

    /// Handles a message. Actix needs it to be done at once.
    fn handle(&mut self, message: Self::Message) -> impl Future<Output = Self::Reply> + Send;

    /// Tells whether the actor ends by itself after the last message.
    fn is_done(&self) -> bool {
        false
    }
}

/// A library of actors, on a runtime.
pub trait Library: Sized + 'static {
    /// Reaches an actor.
    type Address<B: Behavior<Self>>: Clone + Send + Sync + 'static;

    /// Runs `program` in a task.
    fn run<F>(&self, program: F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static;

    /// Spawns a task. `near` is as for [`spawn`](Library::spawn).
    fn spawn_task(near: u64, task: impl Future<Output = ()> + Send + 'static);

    /// Starts an actor. Where threads do not share their work, those of equal
    /// `near` are on one thread, and those of the next number on another.
    fn spawn<B: Behavior<Self>>(
        near: u64,
        behavior: B,
    ) -> impl Future<Output = Self::Address<B>> + Send;

    /// Sends a message, and waits for room where there is a bound.
    fn tell<B: Behavior<Self>>(
        to: &Self::Address<B>,
        message: B::Message,
    ) -> impl Future<Output = ()> + Send;

    /// Sends a message, and waits for the reply.
    fn ask<B: Behavior<Self>>(
        to: &Self::Address<B>,
        message: B::Message,
    ) -> impl Future<Output = B::Reply> + Send;

    /// Has the actor handle what it was sent before, and waits until it ends.
    fn stop<B: Behavior<Self>>(actor: Self::Address<B>) -> impl Future<Output = ()> + Send;
}
