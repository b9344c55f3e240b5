//! One message type for many actors.
//!
//! An actor [`Accepts`] a type if it has a message with that one argument, and the macro was told so.
//! A [`Recipient`] is an address of which only that is known. It is a box around an address, so it
//! costs one allocation, and one more for a tell that has to wait.

use super::addr::{Addr, WeakAddr};
use super::behavior::Messages;
use super::call::Call;
use super::error::TellError;
use super::id::ActorId;
use super::message::Plain;
use futures::{Stream, StreamExt, future};
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

/// An actor that takes an `M` as a message.
///
/// The macro implements it for a method with `#[message]` that has one argument. If several take the
/// same type, none of them does, unless it has `#[message(accept)]`; and if any has that, only those
/// do.
#[diagnostic::on_unimplemented(
    message = "actor `{Self}` does not accept `{M}` as a message",
    label = "has no message that is known to take a `{M}` alone",
    note = "write `#[message]` above the method that takes a `{M}` and nothing else; if several do, `#[message(accept)]` above one of them"
)]
pub trait Accepts<M>: Messages {
    /// Makes the message, as a tell.
    fn accept(argument: M) -> Self::Message;

    /// Undoes [`accept`](Accepts::accept).
    fn hand_back(message: Self::Message) -> M;
}

/// The call of the message; to be told only.
fn call<A: Accepts<M>, M>(addr: &Addr<A>, argument: M) -> Call<'_, A, Plain<()>, (M,)> {
    let make = |(argument,), _| A::accept(argument);
    Call::new(addr, (argument,), make, |message| (A::hand_back(message),))
}

pub(super) type Telling<'a, M> =
    Pin<Box<dyn Future<Output = Result<(), TellError<M>>> + Send + 'a>>;

/// Something that takes an `M`, whatever it is.
pub(super) trait Takes<M>: Send + Sync {
    fn try_tell(&self, message: M) -> Result<(), TellError<M>>;
    fn tell(&self, message: M) -> Telling<'_, M>;
    fn is_alive(&self) -> bool;
    fn id(&self) -> ActorId;
    fn name(&self) -> &str;
    fn downgrade(&self) -> Box<dyn Upgrade<M>>;
}

/// The weak form of it.
pub(super) trait Upgrade<M>: Send + Sync {
    fn upgrade(&self) -> Option<Recipient<M>>;
    fn clone_box(&self) -> Box<dyn Upgrade<M>>;
}

impl<A: Accepts<M>, M: Send + 'static> Takes<M> for Addr<A> {
    fn try_tell(&self, message: M) -> Result<(), TellError<M>> {
        call(self, message).try_tell().map_err(alone)
    }

    fn tell(&self, message: M) -> Telling<'_, M> {
        Box::pin(async move { call(self, message).tell().await.map_err(alone) })
    }

    fn is_alive(&self) -> bool {
        Self::is_alive(self)
    }

    fn id(&self) -> ActorId {
        Self::id(self)
    }

    fn name(&self) -> &str {
        Self::name(self)
    }

    fn downgrade(&self) -> Box<dyn Upgrade<M>> {
        Box::new(Self::downgrade(self))
    }
}

impl<A: Accepts<M>, M: Send + 'static> Upgrade<M> for WeakAddr<A> {
    fn upgrade(&self) -> Option<Recipient<M>> {
        self.upgrade_addr()
            .map(|addr| Recipient::new(Arc::new(addr)))
    }

    fn clone_box(&self) -> Box<dyn Upgrade<M>> {
        Box::new(self.clone())
    }
}

/// Takes the one argument out of the list of them.
fn alone<M>(error: TellError<(M,)>) -> TellError<M> {
    match error {
        TellError::Full((message,)) => TellError::Full(message),
        TellError::Stopped((message,)) => TellError::Stopped(message),
        TellError::Deadlock((message,), path) => TellError::Deadlock(message, path),
    }
}

/// Where an `M` can be sent, whichever actor that is.
///
/// It keeps the actor alive as a handle does.
///
/// # Examples
///
/// ```
/// use nimsync::actor::Recipient;
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Log { lines: Vec<String> }
///
/// #[actor]
/// impl Log {
///     #[message]
///     pub fn line(&mut self, text: String) { self.lines.push(text); }
///     pub fn len(&self) -> usize { self.lines.len() }
/// }
///
/// async fn greet(to: Recipient<String>) {
///     to.tell("hello".to_owned()).await.unwrap();
/// }
///
/// nimsync::block_on(async {
///     let system = ActorSystem::new();
///     let log = system.spawn(Log { lines: Vec::new() });
///     greet(log.recipient()).await;
///     assert_eq!(log.len().await.unwrap(), 1);
///     system.stop().await.unwrap();
/// });
/// ```
pub struct Recipient<M>(Arc<dyn Takes<M>>);

impl<M: Send + 'static> Recipient<M> {
    pub(super) fn new(takes: Arc<dyn Takes<M>>) -> Self {
        Self(takes)
    }

    /// Sends a message, and waits for room if need be.
    ///
    /// # Cancel safety
    ///
    /// A tell that is dropped before it is done has sent nothing.
    ///
    /// # Errors
    ///
    /// [`TellError`] with the message, if it was not accepted.
    pub async fn tell(&self, message: M) -> Result<(), TellError<M>> {
        match self.0.try_tell(message) {
            // It may be the actor's choice to refuse; its own tell knows.
            Err(TellError::Full(message)) => self.0.tell(message).await,
            sent => sent,
        }
    }

    /// Sends a message if there is room.
    ///
    /// # Errors
    ///
    /// [`TellError`] with the message, if it was not accepted.
    pub fn try_tell(&self, message: M) -> Result<(), TellError<M>> {
        self.0.try_tell(message)
    }

    /// Tells whether the actor has not ended yet.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.is_alive()
    }

    /// Returns the number of the actor.
    #[must_use]
    pub fn id(&self) -> ActorId {
        self.0.id()
    }

    /// Returns the name of the actor.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Tells whether the two lead to the same actor.
    #[must_use]
    pub fn same_actor(&self, other: &Self) -> bool {
        self.id() == other.id()
    }

    /// Returns a recipient that does not keep the actor alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakRecipient<M> {
        WeakRecipient(self.0.downgrade())
    }
}

impl<A: Accepts<M>, M: Send + 'static> From<Addr<A>> for Recipient<M> {
    fn from(addr: Addr<A>) -> Self {
        Self::new(Arc::new(addr))
    }
}

impl<M> Clone for Recipient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: Send + 'static> fmt::Debug for Recipient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recipient").field(&self.name()).finish()
    }
}

/// A recipient that does not keep its actor alive.
///
/// # Examples
///
/// ```
/// use nimsync::actor::testing::Probe;
///
/// let probe = Probe::<u32>::new();
/// let weak = probe.recipient().downgrade();
/// weak.upgrade().unwrap().try_tell(1).unwrap();
/// drop(probe);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakRecipient<M>(Box<dyn Upgrade<M>>);

impl<M: Send + 'static> WeakRecipient<M> {
    pub(super) fn new(upgrade: Box<dyn Upgrade<M>>) -> Self {
        Self(upgrade)
    }

    /// Returns a recipient, unless the actor has ended or nobody has a handle.
    #[must_use]
    pub fn upgrade(&self) -> Option<Recipient<M>> {
        self.0.upgrade()
    }
}

impl<M> Clone for WeakRecipient<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone_box())
    }
}

impl<M> fmt::Debug for WeakRecipient<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakRecipient").finish_non_exhaustive()
    }
}

impl<A> Addr<A> {
    /// Returns this address as that of something that takes an `M`.
    #[must_use]
    pub fn recipient<M: Send + 'static>(&self) -> Recipient<M>
    where
        A: Accepts<M>,
    {
        self.clone().into()
    }

    /// Makes messages of the items of a stream, until it ends or the actor takes no more; yields how
    /// many were accepted.
    ///
    /// An item waits for room in the mailbox, and the stream is not polled meanwhile. The future does
    /// the work: await it, or spawn it. [`Cx::attach`](super::Cx::attach) leaves that to the actor.
    ///
    /// # Cancel safety
    ///
    /// An item that waits for room when it is dropped is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Sum { sum: u32 }
    ///
    /// #[actor]
    /// impl Sum {
    ///     #[message]
    ///     pub fn add(&mut self, n: u32) { self.sum += n; }
    ///     pub fn sum(&self) -> u32 { self.sum }
    /// }
    ///
    /// # nimsync::block_on(async {
    /// let system = ActorSystem::new();
    /// let sum = system.spawn(Sum { sum: 0 });
    /// assert_eq!(sum.attach(futures::stream::iter(1..=10)).await, 10);
    /// assert_eq!(sum.sum().await.unwrap(), 55);
    /// system.stop().await.unwrap();
    /// # });
    /// ```
    pub fn attach<S>(&self, stream: S) -> impl Future<Output = usize> + use<A, S>
    where
        S: Stream,
        A: Accepts<S::Item>,
    {
        feed(self.clone(), stream)
    }
}

/// Sends the items of a stream.
pub(super) async fn feed<A, S>(addr: Addr<A>, stream: S) -> usize
where
    S: Stream,
    A: Accepts<S::Item>,
{
    let mut stream = pin!(stream);
    let mut ended = addr.ended();
    let mut count = 0;
    loop {
        let next = match future::select(&mut ended, stream.next()).await {
            future::Either::Left(_) => return count,
            future::Either::Right((next, _)) => next,
        };
        let Some(item) = next else { return count };
        if call(&addr, item).tell().await.is_err() {
            return count;
        }
        count += 1;
    }
}
