//! Addresses: what handles are made of.

use super::behavior::{ActorOptions, Full, Messages};
use super::control::{Control, Ended, KILL, OVERFLOW, STOP, TIMED};
use super::id::ActorId;
use super::mailbox::{Mailbox, Refused};
use super::message::{Message, Priority, Refusal};
use super::name::Name;
use super::timed::Timed;
use super::undelivered::{OnUndelivered, discard};
use crate::prim::Lock;
use crate::stats::{self, ChannelKind, ChannelStats, Counted, Entry, MessageCounts, Place};
use crate::wait;
use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

/// What all who know an actor share.
pub(super) struct Core<M> {
    control: Control,
    pub(super) mailbox: Mailbox<M>,
    /// Concurrent messages that are handled at a time, at most.
    pub(super) concurrent: usize,
    /// Messages to be sent later, on their way to the host; there once one was.
    #[allow(clippy::box_collection, reason = "most have none, and are to be small")]
    pub(super) timed: Lock<Option<Box<Vec<Timed<M>>>>>,
    /// Where the statistics find it.
    entry: Option<Entry>,
    place: Place,
}

impl<M: Send> stats::Gauge for Core<M> {
    fn gauge(&self, stats: &mut ChannelStats) {
        self.mailbox.gauge(stats);
        stats.senders = self.control.handles();
        stats.receivers = 1;
    }
}

#[expect(unsafe_code, reason = "the statistics find it by its address")]
// SAFETY: numbers behind a lock under which nothing of the user's is called. See `drop`.
unsafe impl<M> Counted for Core<M> {
    fn messages(&self) -> MessageCounts {
        self.mailbox.messages()
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

impl<M> Drop for Core<M> {
    fn drop(&mut self) {
        // Until then it has only been read.
        self.place.leave(self.mailbox.messages());
    }
}

/// What became of a message.
pub(super) enum Posted<M> {
    /// It is in the mailbox, or was discarded as the actor's options say.
    Accepted,
    /// There is no room, and the sender may wait for it.
    NoRoom(M),
    Full(M),
    Stopped(M),
}

impl<M: Message> Core<M> {
    /// Makes what is shared, with one handle counted.
    pub(super) fn new(
        options: ActorOptions,
        name: Name,
        on_undelivered: Option<OnUndelivered>,
    ) -> Arc<Self> {
        // Those that were given a name are shown.
        let entry = match &name {
            Name::Given(name) => Some(Entry::new(name.clone(), ChannelKind::Actor)),
            Name::Type(_) => None,
        };
        let core = Arc::new(Self {
            control: Control::new(name, on_undelivered),
            mailbox: Mailbox::new(options.mailbox, options.full, M::HAS_PRIORITIES),
            concurrent: options.concurrent,
            timed: Lock::new(None),
            entry,
            place: Place::default(),
        });
        stats::list(&core);
        if let Some(entry) = &core.entry {
            let weak = Arc::downgrade(&core);
            entry.attach(weak);
        }
        core
    }

    /// The number under which the registry has the name; 0 without one.
    pub(super) fn name_id(&self) -> u64 {
        self.entry.as_ref().map_or(0, Entry::id)
    }

    /// Says that the current task is about to wait for room, and whose.
    pub(super) fn note_room(&self) {
        if let id @ 1.. = self.name_id() {
            wait::note_named(&"room in the mailbox of", id);
        }
    }

    /// Accepts a message if there is room, and else does as the options say.
    #[inline]
    pub(super) fn post(&self, message: M) -> Posted<M> {
        let lane = message.priority();
        match self.mailbox.push(message, lane) {
            Ok(None) => Posted::Accepted,
            Ok(Some(oldest)) => {
                discard(self, oldest, Refusal::Full);
                Posted::Accepted
            }
            Err(Refused::Closed(message)) => Posted::Stopped(message),
            Err(Refused::Full(message)) => self.without_room(message),
        }
    }

    #[cold]
    fn without_room(&self, message: M) -> Posted<M> {
        match self.mailbox.full() {
            Full::Wait => return Posted::NoRoom(message),
            Full::Reject => {}
            Full::Stop => self.control.order(STOP | OVERFLOW),
            // A mailbox that drops the oldest has room.
            Full::DropNewest | Full::DropOldest => {
                self.mailbox.count_refused();
                discard(self, message, Refusal::Full);
                return Posted::Accepted;
            }
        }
        Posted::Full(message)
    }

    pub(super) fn schedule(&self, timed: Timed<M>) {
        self.timed.lock().get_or_insert_default().push(timed);
        self.control.order(TIMED);
    }
}

/// An actor whose messages do not matter.
pub(super) trait Link: Any + Send + Sync {
    fn control(&self) -> &Control;
    /// Whether there is no room in a lane of the mailbox.
    fn is_full(&self, lane: Priority) -> bool;
}

impl<M: Send + 'static> Link for Core<M> {
    fn control(&self) -> &Control {
        &self.control
    }

    fn is_full(&self, lane: Priority) -> bool {
        self.mailbox.is_full(lane)
    }
}

/// The address of an actor: what its handle wraps.
///
/// Its methods are there on every handle. An actor whose last handle has been
/// dropped handles what is in its mailbox, and ends.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Counter { n: i64 }
///
/// #[actor]
/// impl Counter {
///     pub fn add(&mut self, by: i64) { self.n += by; }
///     pub fn get(&self) -> i64 { self.n }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let counter = system.spawn(Counter { n: 0 });
/// let same = counter.clone();
/// assert_eq!((counter.name(), counter.id()), ("Counter", same.id()));
///
/// counter.add(2).tell().await.unwrap();
/// let why = counter.stop().await;                 // what was accepted is handled before
/// assert!(matches!(why, StopReason::Stopped) && !same.is_alive());
/// assert!(same.get().await.is_err());
/// system.stop().await.unwrap();
/// # });
/// ```
pub struct Addr<A> {
    link: Arc<dyn Link>,
    _actor: PhantomData<fn(A)>,
}

impl<A: Messages> Addr<A> {
    /// Takes over a handle that has been counted.
    pub(super) fn counted(core: Arc<Core<A::Message>>) -> Self {
        Self {
            link: core,
            _actor: PhantomData,
        }
    }

    #[inline]
    pub(super) fn core(&self) -> &Core<A::Message> {
        let link: &dyn Any = &*self.link;
        match link.downcast_ref() {
            Some(core) => core,
            None => unreachable!("addresses of an actor lead to a core for its messages"),
        }
    }
}

impl<A> Addr<A> {
    pub(super) fn link(&self) -> &Arc<dyn Link> {
        &self.link
    }

    /// Returns the number of the actor.
    #[must_use]
    pub fn id(&self) -> ActorId {
        self.link.control().id
    }

    /// Returns the name of the actor; its type's, if it was given none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.link.control().name
    }

    /// Tells whether the actor has not ended yet.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.link.control().has_ended()
    }

    /// Stops the actor: it takes no more messages, handles what is in its
    /// mailbox, and ends.
    ///
    /// The order is given by the call; awaiting the result waits for the end. If
    /// the actor is not done within its time limit, it is killed.
    pub fn stop(&self) -> Ended {
        self.link.control().order(STOP);
        self.ended()
    }

    /// Kills the actor: its handler is cancelled where it waits, and what is in
    /// the mailbox is reported as undelivered.
    ///
    /// The order is given by the call; awaiting the result waits for the end.
    pub fn kill(&self) -> Ended {
        self.link.control().order(KILL);
        self.ended()
    }

    /// Waits until the actor has ended, and yields why.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Counter { n: u32 }
    ///
    /// #[actor]
    /// impl Counter {
    ///     pub fn add(&mut self, by: u32) -> u32 { self.n += by; self.n }
    /// }
    ///
    /// # fn main() {
    /// # nimsync::block_on(async {
    /// let system = ActorSystem::new();
    /// let counter = system.named("visits").spawn(Counter { n: 0 })?;
    /// assert_eq!((counter.name(), counter.is_alive()), ("visits", true));
    /// assert!(system.get::<Counter>("visits").is_some());
    ///
    /// counter.stop();
    /// println!("it ended: {}", counter.ended().await);
    /// assert!(counter.add(1).await.is_err());
    /// system.stop().await?;
    /// # Ok::<(), nimsync::BoxError>(())
    /// # }).unwrap();
    /// # }
    /// ```
    #[must_use]
    pub fn ended(&self) -> Ended {
        Ended::new(self.link.clone())
    }

    /// Has this actor told when `other` ends: its `#[on_exit]` method runs.
    ///
    /// It is told once, at once if `other` has ended already. A restart is no
    /// end.
    pub fn watch<B>(&self, other: &Addr<B>) {
        other.link.control().add_watcher(&self.link);
    }

    /// Undoes [`watch`](Self::watch). News that is on its way arrives.
    pub fn unwatch<B>(&self, other: &Addr<B>) {
        other.link.control().remove_watcher(&self.link);
    }

    /// Returns an address that does not keep the actor alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakAddr<A> {
        WeakAddr {
            link: Arc::downgrade(&self.link),
            _actor: PhantomData,
        }
    }
}

impl<A> Clone for Addr<A> {
    fn clone(&self) -> Self {
        self.link.control().add_handle();
        Self {
            link: self.link.clone(),
            _actor: PhantomData,
        }
    }
}

impl<A> Drop for Addr<A> {
    fn drop(&mut self) {
        self.link.control().drop_handle();
    }
}

impl<A> PartialEq for Addr<A> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl<A> Eq for Addr<A> {}

impl<A> Hash for Addr<A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl<A> fmt::Debug for Addr<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Addr({} {})", self.name(), self.id())
    }
}

/// An address that does not keep its actor alive.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Counter { n: i64 }
///
/// #[actor]
/// impl Counter {
///     pub fn add(&mut self, by: i64) { self.n += by; }
///     pub fn get(&self) -> i64 { self.n }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let counter = system.spawn(Counter { n: 1 });
/// let weak = counter.downgrade();
/// assert_eq!(weak.upgrade().unwrap().get().await.unwrap(), 1);
/// let ended = counter.ended();
/// drop(counter);
/// assert!(matches!(ended.await, StopReason::Unreachable));
/// assert!(weak.upgrade().is_none());
/// system.stop().await.unwrap();
/// # });
/// ```
pub struct WeakAddr<A> {
    link: Weak<dyn Link>,
    _actor: PhantomData<fn(A)>,
}

impl<A: Messages> WeakAddr<A> {
    /// Returns a handle, unless the actor has ended or nobody has one.
    #[must_use]
    pub fn upgrade(&self) -> Option<A::Handle> {
        self.upgrade_addr().map(A::handle)
    }

    pub(super) fn upgrade_addr(&self) -> Option<Addr<A>> {
        let link = self.link.upgrade()?;
        if link.control().has_ended() || !link.control().revive_handle() {
            return None;
        }
        Some(Addr {
            link,
            _actor: PhantomData,
        })
    }
}

impl<A> Clone for WeakAddr<A> {
    fn clone(&self) -> Self {
        Self {
            link: self.link.clone(),
            _actor: PhantomData,
        }
    }
}

impl<A> fmt::Debug for WeakAddr<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakAddr").finish_non_exhaustive()
    }
}
