//! One message to many.

use super::error::TellError;
use super::recipient::{Recipient, WeakRecipient};
use futures::stream::{FuturesUnordered, StreamExt};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sends each message to all who have subscribed.
///
/// A copy of a topic is the same topic. What becomes of a message for which a subscriber has no room
/// is the subscriber's choice, by `#[actor(full = ..)]`: where it is `wait`,
/// [`publish`](Topic::publish) waits for it, after all others have got the message. A subscriber that
/// has ended is forgotten.
///
/// # Examples
///
/// ```
/// use nimsync::actor::Topic;
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
/// let (a, b) = (system.spawn(Sum { sum: 0 }), system.spawn(Sum { sum: 100 }));
/// let numbers = Topic::<u32>::new();
/// numbers.subscribe(a.recipient());
/// numbers.subscribe(b.recipient());
/// assert_eq!(numbers.publish(5).await, 2);
/// assert_eq!((a.sum().await.unwrap(), b.sum().await.unwrap()), (5, 105));
/// a.stop().await;
/// assert_eq!(numbers.publish(5).await, 1);
/// system.stop().await.unwrap();
/// # });
/// ```
pub struct Topic<M>(Arc<Mutex<Vec<Subscriber<M>>>>);

#[derive(Clone)]
enum Subscriber<M> {
    Strong(Recipient<M>),
    Weak(WeakRecipient<M>),
}

impl<M: Clone + Send + 'static> Subscriber<M> {
    fn recipient(&self) -> Option<Recipient<M>> {
        match self {
            Self::Strong(recipient) => Some(recipient.clone()),
            Self::Weak(weak) => weak.upgrade(),
        }
        .filter(Recipient::is_alive)
    }
}

impl<M: Clone + Send + 'static> Topic<M> {
    /// Makes a topic that nobody has subscribed to.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Vec::new())))
    }

    fn subscribers(&self) -> MutexGuard<'_, Vec<Subscriber<M>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a recipient sent what is published from now on. An actor that has subscribed already gets
    /// it once all the same.
    ///
    /// The topic keeps the actor alive, as a handle does.
    pub fn subscribe(&self, recipient: Recipient<M>) {
        self.add(&recipient, Subscriber::Strong(recipient.clone()));
    }

    /// The same for a recipient that the topic does not keep alive.
    pub fn subscribe_weak(&self, recipient: WeakRecipient<M>) {
        if let Some(strong) = recipient.upgrade() {
            self.add(&strong, Subscriber::Weak(recipient));
        }
    }

    /// Puts a subscriber in the place of those that lead to the same actor.
    fn add(&self, recipient: &Recipient<M>, subscriber: Subscriber<M>) {
        let gone = self.remove(recipient);
        self.subscribers().push(subscriber);
        drop(gone);
    }

    /// Has a recipient sent nothing more; `false` if it had not subscribed.
    pub fn unsubscribe(&self, recipient: &Recipient<M>) -> bool {
        !self.remove(recipient).is_empty()
    }

    /// Takes out what leads to the same actor, and what leads nowhere.
    fn remove(&self, recipient: &Recipient<M>) -> Vec<Recipient<M>> {
        let mut same = Vec::new();
        // Dropping a recipient can end an actor: not under the lock.
        let mut gone = Vec::new();
        let mut subscribers = self.subscribers();
        let all = std::mem::take(&mut *subscribers);
        for subscriber in all {
            match subscriber.recipient() {
                Some(other) if other.same_actor(recipient) => same.push(other),
                Some(other) => {
                    subscribers.push(subscriber);
                    gone.push(Subscriber::Strong(other));
                }
                None => gone.push(subscriber),
            }
        }
        drop(subscribers);
        drop(gone);
        same
    }

    /// Returns who has subscribed and has not ended, and forgets the others.
    fn current(&self) -> Vec<Recipient<M>> {
        let mut found = Vec::new();
        let mut gone = Vec::new();
        let mut subscribers = self.subscribers();
        let all = std::mem::take(&mut *subscribers);
        for subscriber in all {
            match subscriber.recipient() {
                Some(recipient) => {
                    subscribers.push(subscriber);
                    found.push(recipient);
                }
                None => gone.push(subscriber),
            }
        }
        drop(subscribers);
        drop(gone);
        found
    }

    /// Returns how many have subscribed and have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.current().len()
    }

    /// Tells whether nobody would get a message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sends a message to all subscribers, and yields how many have accepted it.
    ///
    /// Messages that are published one after the other come in that order.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, those who had room have the message, and the others may not.
    pub async fn publish(&self, message: M) -> usize {
        let recipients = self.current();
        let (mut accepted, full) = offer(&recipients, message);
        if !full.is_empty() {
            let mut waiting: FuturesUnordered<_> = full
                .into_iter()
                .map(|(recipient, message)| recipient.tell(message))
                .collect();
            while let Some(sent) = waiting.next().await {
                accepted += usize::from(sent.is_ok());
            }
        }
        accepted
    }

    /// Sends a message to those who have room, and returns how many have accepted it.
    pub fn try_publish(&self, message: M) -> usize {
        offer(&self.current(), message).0
    }
}

/// Sends a message to all; returns how many have accepted it, and who had no room.
fn offer<M: Clone + Send + 'static>(
    recipients: &[Recipient<M>],
    message: M,
) -> (usize, Vec<(&Recipient<M>, M)>) {
    let mut accepted = 0;
    let mut full = Vec::new();
    let mut tell = |recipient, message| match Recipient::try_tell(recipient, message) {
        Ok(()) => accepted += 1,
        Err(TellError::Full(message)) => full.push((recipient, message)),
        Err(_) => {}
    };
    // The last one gets the message itself, the others a copy.
    if let Some((last, others)) = recipients.split_last() {
        for recipient in others {
            tell(recipient, message.clone());
        }
        tell(last, message);
    }
    (accepted, full)
}

impl<M: Clone + Send + 'static> Default for Topic<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M> Clone for Topic<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: Clone + Send + 'static> fmt::Debug for Topic<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
