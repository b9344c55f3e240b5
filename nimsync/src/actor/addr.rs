//! Addresses: what handles are made of.

use super::behavior::{ActorOptions, Messages};
use super::control::{Control, Ended, KILL, STOP, TIMED};
use super::id::ActorId;
use super::timed::Timed;
use super::undelivered::OnUndelivered;
use crate::channel::{mailbox, mpsc};
use crate::prim::Lock;
use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

/// What all who know an actor share.
pub(super) struct Core<M> {
    control: Control,
    pub(super) options: ActorOptions,
    pub(super) sender: mpsc::Sender<M>,
    /// Messages to be sent later, on their way to the host.
    pub(super) timed: Lock<Vec<Timed<M>>>,
}

impl<M: Send + 'static> Core<M> {
    /// Makes what is shared, with one handle counted, and the host's end.
    pub(super) fn new(
        options: ActorOptions,
        name: Arc<str>,
        was_named: bool,
        on_undelivered: Option<OnUndelivered>,
    ) -> (Arc<Self>, mpsc::Receiver<M>) {
        let shown = was_named.then(|| name.clone());
        let (sender, receiver) = mailbox(options.mailbox, shown);
        let core = Self {
            control: Control::new(name, on_undelivered),
            options,
            sender,
            timed: Lock::new(Vec::new()),
        };
        (Arc::new(core), receiver)
    }

    pub(super) fn schedule(&self, timed: Timed<M>) {
        self.timed.lock().push(timed);
        self.control.order(TIMED);
    }
}

/// An actor whose messages do not matter.
pub(super) trait Link: Any + Send + Sync {
    fn control(&self) -> &Control;
    /// Whether there is no room in the mailbox.
    fn is_full(&self) -> bool;
}

impl<M: Send + 'static> Link for Core<M> {
    fn control(&self) -> &Control {
        &self.control
    }

    fn is_full(&self) -> bool {
        self.sender.is_full()
    }
}

/// The address of an actor: what its handle wraps.
///
/// Its methods are there on every handle. An actor whose last handle has been
/// dropped handles what is in its mailbox, and ends.
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
        self.link.control().ended().is_none()
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
pub struct WeakAddr<A> {
    link: Weak<dyn Link>,
    _actor: PhantomData<fn(A)>,
}

impl<A: Messages> WeakAddr<A> {
    /// Returns a handle, unless the actor has ended or nobody has one.
    #[must_use]
    pub fn upgrade(&self) -> Option<A::Handle> {
        let link = self.link.upgrade()?;
        if link.control().ended().is_some() || !link.control().revive_handle() {
            return None;
        }
        Some(A::handle(Addr {
            link,
            _actor: PhantomData,
        }))
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
