//! What an actor is to the runtime.

use super::addr::Addr;
use super::context::Cx;
use super::id::ActorId;
use super::message::Message;
use super::reason::StopReason;
use std::future::Future;
use std::time::Duration;

/// A struct with `#[actor]`.
///
/// The macro implements it; [`Messages`] comes from the `#[actor]` on the impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    label = "there is no `#[actor]` on `{Self}`",
    note = "put `#[actor]` on the struct and on its impl"
)]
pub trait Actor: Sized + Send + 'static {
    /// The handle, a wrapper around [`Addr`].
    type Handle: Clone + Send + Sync + 'static;

    /// What the attribute said.
    const OPTIONS: ActorOptions = ActorOptions::new();

    /// Makes a handle of an address.
    fn handle(addr: Addr<Self>) -> Self::Handle;
}

/// An actor that has messages: an impl with `#[actor]`.
#[diagnostic::on_unimplemented(
    message = "actor `{Self}` has no messages",
    label = "there is no `#[actor]` impl block for `{Self}`",
    note = "put its messages in `#[actor] impl {Self} {{ pub fn ..(&mut self) {{ .. }} }}`"
)]
pub trait Messages: Actor {
    /// What waits in the mailbox.
    type Message: Message;

    /// Handles one message.
    fn dispatch(
        &mut self,
        message: Self::Message,
        cx: &mut Cx<Self>,
    ) -> impl Future<Output = ()> + Send;

    /// Handles one message beside others: one that
    /// [`is_concurrent`](Message::is_concurrent).
    ///
    /// # Errors
    ///
    /// What an error that nobody asked for is, as text.
    fn dispatch_concurrent(
        &self,
        message: Self::Message,
    ) -> impl Future<Output = Result<(), String>> + Send {
        let name = message.name();
        async move { unreachable!("`{name}` is not concurrent") }
    }

    /// Runs before the first message. An error, as text, is a failure.
    fn started(&mut self, cx: &mut Cx<Self>) -> impl Future<Output = Result<(), String>> + Send {
        let _ = cx;
        async { Ok(()) }
    }

    /// Runs after the last message, also when the actor has failed.
    fn stopped(&mut self, why: StopReason) -> impl Future<Output = ()> + Send {
        let _ = why;
        async {}
    }

    /// Runs when a watched actor has ended.
    fn exited(
        &mut self,
        id: ActorId,
        why: StopReason,
        cx: &mut Cx<Self>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (id, why, cx);
        async {}
    }

    /// Returns the messages that the actor sends itself at intervals.
    #[must_use]
    fn beats() -> Vec<Beat<Self::Message>> {
        Vec::new()
    }
}

/// An interval, and what makes the message that an actor sends itself at it.
pub type Beat<M> = (Duration, fn() -> M);

/// An actor that a supervisor can make: one with an `#[init]` method.
#[diagnostic::on_unimplemented(
    message = "a supervisor cannot make the actor `{Self}`",
    label = "`{Self}` has no `#[init]` method",
    note = "write `#[init] fn new() -> Self {{ .. }}` in its `#[actor]` impl"
)]
pub trait Init: Messages {
    /// The arguments of the method.
    type Args: Send;

    /// Makes the actor. An error, as text, is a failure.
    fn init(args: Self::Args) -> impl Future<Output = Result<Self, String>> + Send;
}

/// What happens to a message for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Full {
    /// The sender waits.
    Wait,
    /// The sender is told that the mailbox is full.
    Reject,
    /// A tell is dropped and reported as undelivered; an asker is told that the
    /// mailbox is full.
    DropNewest,
    /// The message that has waited longest is dropped for it: if it was a tell, it
    /// is reported as undelivered; its asker is told that the mailbox is full.
    DropOldest,
    /// The sender is told that the mailbox is full, and the actor is stopped: it
    /// handles what is in its mailbox, and ends with [`StopReason::Overflowed`].
    Stop,
}

/// The options of `#[actor(..)]`.
///
/// # Examples
///
/// ```
/// use nimsync::actor::{ActorOptions, Full};
///
/// const SMALL: ActorOptions = ActorOptions::new().mailbox(8).full(Full::DropOldest);
/// # let _ = SMALL;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ActorOptions {
    pub(super) mailbox: usize,
    pub(super) full: Full,
    pub(super) stop_within: Duration,
    pub(super) concurrent: usize,
}

impl ActorOptions {
    /// A mailbox of 64 messages, senders that wait for room, five seconds to stop,
    /// and 32 concurrent messages.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            mailbox: 64,
            full: Full::Wait,
            stop_within: Duration::from_secs(5),
            concurrent: 32,
        }
    }

    /// Sets how many messages wait at most; of each priority, if messages have
    /// priorities.
    ///
    /// # Panics
    ///
    /// If that is 0.
    #[must_use]
    pub const fn mailbox(mut self, messages: usize) -> Self {
        assert!(messages > 0, "a mailbox holds at least one message");
        self.mailbox = messages;
        self
    }

    /// Lets messages pile up without a bound, if need be until memory is full.
    #[must_use]
    pub const fn unbounded(mut self) -> Self {
        self.mailbox = usize::MAX;
        self
    }

    /// Sets what happens to a message for which there is no room.
    #[must_use]
    pub const fn full(mut self, full: Full) -> Self {
        self.full = full;
        self
    }

    /// Sets how long a stop may take before it becomes a kill, and a kill before
    /// the actor is dropped.
    #[must_use]
    pub const fn stop_within(mut self, limit: Duration) -> Self {
        self.stop_within = limit;
        self
    }

    /// Sets how many concurrent messages are handled at the same time at most.
    #[must_use]
    pub const fn concurrent(mut self, messages: usize) -> Self {
        self.concurrent = messages;
        self
    }
}

impl Default for ActorOptions {
    fn default() -> Self {
        Self::new()
    }
}
