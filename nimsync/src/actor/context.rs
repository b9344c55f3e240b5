//! What a handler is given besides its message.

use super::addr::{Addr, Core, Link};
use super::behavior::Messages;
use super::control::LEAVE;
use super::id::ActorId;
use super::pipe::Children;
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
/// struct Countdown { n: u32 }
///
/// #[actor]
/// impl Countdown {
///     pub fn tick(&mut self, cx: &mut Cx<Self>) {
///         self.n -= 1;
///         match self.n {
///             0 => cx.stop(),
///             _ => drop(cx.handle().tick().after(1.milliseconds())),
///         }
///     }
/// }
///
/// # fn main() {
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let countdown = system.spawn(Countdown { n: 3 });
/// countdown.tick().tell().await?;
/// println!("it ended: {}", countdown.ended().await);
/// system.stop().await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// # }
/// ```
pub struct Cx<A: Messages> {
    pub(super) core: Arc<Core<A::Message>>,
    /// What a handler failed of.
    pub(super) failure: Option<String>,
    /// What it waits for elsewhere, from the first time on.
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
