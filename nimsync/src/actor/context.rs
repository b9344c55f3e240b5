//! What a handler is given besides its message.

use super::addr::{Addr, Core, Link};
use super::behavior::Messages;
use super::children::Children;
use super::control::LEAVE;
use super::id::ActorId;

use std::fmt;
use std::sync::Arc;

/// The context of a handler: the actor as seen from inside.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Countdown { left: u32 }
///
/// #[actor]
/// impl Countdown {
///     #[on_start]
///     fn up(&mut self, cx: &mut Cx<Self>) {
///         cx.handle().step().after(1.milliseconds());
///     }
///
///     #[message]
///     fn step(&mut self, cx: &mut Cx<Self>) {
///         self.left -= 1;
///         match self.left {
///             0 => cx.stop(),
///             _ => drop(cx.handle().step().after(1.milliseconds())),
///         }
///     }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let countdown = system.spawn(Countdown { left: 3 });
/// assert!(matches!(countdown.ended().await, StopReason::Stopped));
/// system.stop().await.unwrap();
/// # });
/// ```
pub struct Cx<A: Messages> {
    pub(super) core: Arc<Core<A::Message>>,
    /// What a handler failed of.
    pub(super) failure: Option<String>,
    /// What it waits for elsewhere, and actors of its own; from the first one on.
    pub(super) children: Option<Box<Children<A>>>,
}

impl<A: Messages> Cx<A> {
    pub(super) fn new(core: Arc<Core<A::Message>>) -> Self {
        Self {
            core,
            failure: None,
            children: None,
        }
    }

    pub(super) fn children(&mut self) -> &mut Children<A> {
        self.children
            .get_or_insert_with(|| Box::new(Children::new()))
    }

    /// News has come of an actor that is watched: if it is a child its end is that news and no more.
    pub(super) fn was_told_of(&mut self, id: ActorId) {
        if let Some(children) = &mut self.children {
            children.offspring.forget(id);
        }
    }

    pub(super) fn addr(&self) -> Addr<A> {
        self.core.control().add_handle();
        Addr::counted(self.core.clone())
    }

    /// Returns a handle of this actor.
    #[must_use]
    pub fn handle(&self) -> A::Handle {
        A::handle(self.addr())
    }

    /// Returns the number of this actor.
    #[must_use]
    pub fn id(&self) -> ActorId {
        self.core.control().id
    }

    /// Returns the name of this actor; its type's, if it was given none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.core.control().name
    }

    /// Stops this actor: it handles what is in its mailbox, and ends.
    ///
    /// A permanent child of a supervisor ends at once instead, and is started
    /// again with its mailbox.
    pub fn stop(&self) {
        self.core.control().order(LEAVE);
    }

    /// Has this actor told when `other` ends: its `#[on_exit]` method runs.
    pub fn watch<B>(&self, other: &Addr<B>) {
        let link: Arc<dyn Link> = self.core.clone();
        other.link().control().add_watcher(&link);
    }

    /// Undoes [`watch`](Self::watch).
    pub fn unwatch<B>(&self, other: &Addr<B>) {
        let link: Arc<dyn Link> = self.core.clone();
        other.link().control().remove_watcher(&link);
    }

    /// Fails the actor when the handler has returned.
    ///
    /// What the expansion calls for an error that nobody asked for.
    pub fn fail(&mut self, what: String) {
        self.failure.get_or_insert(what);
    }
}

impl<A: Messages> fmt::Debug for Cx<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cx({} {})", self.name(), self.id())
    }
}
