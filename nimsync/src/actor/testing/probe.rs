//! A recipient that keeps what it is sent.

use super::super::error::TellError;
use super::super::id::ActorId;
use super::super::recipient::{Recipient, Takes, Telling, Upgrade, WeakRecipient};
use crate::channel::{TrySendError, unbounded};
use crate::time::sleep;
use futures::future::{Either, select};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// Stands for an actor that takes an `M`, and keeps what it is sent.
///
/// It needs no runtime, but for the methods that wait. When it is dropped, its recipients refuse
/// messages as those of an actor do that has ended.
///
/// # Examples
///
/// ```
/// use nimsync::actor::Recipient;
/// use nimsync::actor::testing::{Probe, TestActor};
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Alarm { limit: u32, to: Recipient<String> }
///
/// #[actor]
/// impl Alarm {
///     pub fn measured(&mut self, value: u32) {
///         if value > self.limit {
///             let _ = self.to.try_tell(format!("{value} is too much"));
///         }
///     }
/// }
///
/// let mut probe = Probe::new();
/// let mut alarm = TestActor::new(Alarm { limit: 9, to: probe.recipient() });
/// alarm.tell(|handle| handle.measured(5));
/// assert_eq!(probe.try_next(), None);
/// alarm.tell(|handle| handle.measured(12));
/// assert_eq!(probe.try_next().unwrap(), "12 is too much");
/// ```
pub struct Probe<M> {
    id: ActorId,
    sender: unbounded::Sender<M>,
    receiver: unbounded::Receiver<M>,
}

impl<M: Send + 'static> Probe<M> {
    /// Makes a probe.
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = unbounded();
        Self {
            id: ActorId::next(),
            sender,
            receiver,
        }
    }

    fn entrance(&self) -> Entrance<M> {
        Entrance {
            id: self.id,
            sender: self.sender.clone(),
        }
    }

    /// Returns a recipient that leads here.
    #[must_use]
    pub fn recipient(&self) -> Recipient<M> {
        Recipient::new(Arc::new(self.entrance()))
    }

    /// Returns the same as a weak recipient. It can be upgraded as long as the probe is there.
    #[must_use]
    pub fn weak_recipient(&self) -> WeakRecipient<M> {
        WeakRecipient::new(Box::new(self.entrance()))
    }

    /// Returns the next message, if one is there.
    pub fn try_next(&mut self) -> Option<M> {
        self.receiver.try_recv().ok()
    }

    /// Returns all messages that are there.
    pub fn drain(&mut self) -> Vec<M> {
        std::iter::from_fn(|| self.try_next()).collect()
    }

    /// Waits for the next message.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes no message.
    pub async fn next(&mut self) -> M {
        match self.receiver.recv().await {
            Ok(message) => message,
            Err(_) => unreachable!("the probe has a sender itself"),
        }
    }

    /// Waits for the next message, which is to be `expected`.
    ///
    /// # Panics
    ///
    /// If it is another one.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes no message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use nimsync::actor::testing::Probe;
    /// # nimsync::block_on(async {
    /// let mut probe = Probe::new();
    /// let to = probe.recipient();
    /// to.tell(1).await.unwrap();
    /// probe.expect(1).await;
    /// # });
    /// ```
    #[track_caller]
    pub fn expect(&mut self, expected: M) -> impl Future<Output = ()>
    where
        M: PartialEq + fmt::Debug,
    {
        let caller = Location::caller();
        async move {
            let message = self.next().await;
            assert!(
                message == expected,
                "at {caller}: expected {expected:?}, and {message:?} came"
            );
        }
    }

    /// Waits for that long, in which no message is to come.
    ///
    /// For tests with `start_paused = true`, where no real time passes.
    ///
    /// # Panics
    ///
    /// If one comes, or was there.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes no message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use nimsync::actor::testing::Probe;
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::Runtime::local().paused_clock().build().unwrap().block_on(async {
    /// let mut probe = Probe::<u32>::new();
    /// probe.expect_none_for(60.minutes()).await;
    /// # });
    /// ```
    #[track_caller]
    pub fn expect_none_for(&mut self, time: Duration) -> impl Future<Output = ()>
    where
        M: fmt::Debug,
    {
        let caller = Location::caller();
        async move {
            let next = pin!(self.next());
            if let Either::Left((message, _)) = select(next, pin!(sleep(time))).await {
                panic!("at {caller}: expected no message, and {message:?} came");
            }
        }
    }
}

impl<M: Send + 'static> Default for Probe<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> fmt::Debug for Probe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}

/// What the recipients of a probe are made of, strong or weak.
struct Entrance<M> {
    id: ActorId,
    sender: unbounded::Sender<M>,
}

impl<M> Clone for Entrance<M> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            sender: self.sender.clone(),
        }
    }
}

impl<M: Send + 'static> Takes<M> for Entrance<M> {
    fn try_tell(&self, message: M) -> Result<(), TellError<M>> {
        self.sender.try_send(message).map_err(|error| match error {
            TrySendError::Full(message) => TellError::Full(message),
            TrySendError::Closed(message) => TellError::Stopped(message),
        })
    }

    fn tell(&self, message: M) -> Telling<'_, M> {
        // It has no bound.
        Box::pin(std::future::ready(self.try_tell(message)))
    }

    fn is_alive(&self) -> bool {
        !self.sender.is_closed()
    }

    fn id(&self) -> ActorId {
        self.id
    }

    fn name(&self) -> &str {
        "Probe"
    }

    fn downgrade(&self) -> Box<dyn Upgrade<M>> {
        Box::new(self.clone())
    }
}

impl<M: Send + 'static> Upgrade<M> for Entrance<M> {
    fn upgrade(&self) -> Option<Recipient<M>> {
        self.is_alive()
            .then(|| Recipient::new(Arc::new(self.clone())))
    }

    fn clone_box(&self) -> Box<dyn Upgrade<M>> {
        Box::new(self.clone())
    }
}
