//! Systems: groups of actors.

use super::addr::{Addr, Core, Link};
use super::behavior::{Actor, ActorOptions, Messages};
use super::error::NameTaken;
use super::guard::Guard;
use super::host::Host;
use super::name::Name;
use super::registry::Registry;
use super::supervise::{Strategy, Supervisor};
use super::undelivered::{OnUndelivered, Undelivered};
use crate::group::{GroupError, GroupOptions, OpenGroup};
use crate::task::BoxError;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A group of actors.
///
/// No actor outlives its system, and no system the task that made it: dropping
/// the system cancels its actors, and the task waits until they have ended. An
/// actor that fails cancels the others, and [`stop`](ActorSystem::stop) or
/// [`join`](ActorSystem::join) says why.
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
///     pub fn increment(&mut self, by: i64) { self.n += by; }
///     pub fn get(&self) -> i64 { self.n }
/// }
///
/// nimsync::block_on(async {
///     let system = ActorSystem::new();
///     let counter = system.spawn(Counter { n: 0 });
///     counter.increment(5).tell().await.unwrap();
///     assert_eq!(counter.get().await.unwrap(), 5);
///     system.stop().await.unwrap();
/// });
/// ```
pub struct ActorSystem {
    group: OpenGroup,
    /// The actors in the order in which they were started.
    actors: Mutex<Vec<Weak<dyn Link>>>,
    registry: Registry,
    on_undelivered: Option<OnUndelivered>,
}

impl ActorSystem {
    /// Opens a system in the calling task.
    ///
    /// # Panics
    ///
    /// Outside of a nimsync runtime.
    #[must_use]
    #[track_caller]
    #[expect(
        clippy::new_without_default,
        reason = "it opens a group where it is called"
    )]
    pub fn new() -> Self {
        Self {
            group: OpenGroup::open(GroupOptions::new()),
            actors: Mutex::new(Vec::new()),
            registry: Registry::new(),
            on_undelivered: None,
        }
    }

    /// Has `report` called for each message that an actor accepted and did not
    /// handle, unless somebody waits for the reply, who is told instead.
    ///
    /// It holds for the actors that are spawned afterwards.
    #[must_use]
    pub fn on_undelivered(mut self, report: impl Fn(Undelivered) + Send + Sync + 'static) -> Self {
        self.on_undelivered = Some(Arc::new(report));
        self
    }

    /// Starts an actor.
    #[track_caller]
    pub fn spawn<A: Messages>(&self, actor: A) -> A::Handle {
        self.start(actor, A::OPTIONS, None, Location::caller()).0
    }

    /// Starts an actor with other options than those of its attribute, which `options` is given.
    ///
    /// # Panics
    ///
    /// If `options` does.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::actor::Full;
    /// use nimsync::prelude::*;
    ///
    /// #[actor(stop_within = "1s")]
    /// struct Log;
    ///
    /// #[actor]
    /// impl Log {
    ///     pub fn line(&mut self, text: String) { println!("{text}") }
    /// }
    ///
    /// // One thread, so that nobody handles the first line before the second is sent.
    /// nimsync::Runtime::local().build().unwrap().block_on(async {
    ///     let system = ActorSystem::new();
    ///     let room = 1;
    ///     let log = system.spawn_with(Log, |options| options.mailbox(room).full(Full::Reject));
    ///     log.line("one".to_owned()).tell().await.unwrap();
    ///     assert!(log.line("two".to_owned()).tell().await.unwrap_err().is_full());
    ///     system.stop().await.unwrap();
    /// });
    /// ```
    #[track_caller]
    pub fn spawn_with<A: Messages>(
        &self,
        actor: A,
        options: impl FnOnce(ActorOptions) -> ActorOptions,
    ) -> A::Handle {
        self.start(actor, options(A::OPTIONS), None, Location::caller())
            .0
    }

    /// Names the next actor.
    pub fn named(&self, name: impl Into<Arc<str>>) -> Named<'_> {
        Named {
            system: self,
            name: name.into(),
        }
    }

    /// Declares a supervisor.
    #[track_caller]
    pub fn supervisor(&self, strategy: Strategy) -> Supervisor<'_> {
        Supervisor::new(self, strategy)
    }

    pub(super) fn undelivered(&self) -> Option<OnUndelivered> {
        self.on_undelivered.clone()
    }

    /// Spawns a task of the system.
    pub(super) fn start_task<F>(
        &self,
        task: F,
        name: Option<Arc<str>>,
        at: &'static Location<'static>,
    ) where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.group.spawn(task, name, at);
    }

    /// Has the system stop an actor, in its turn.
    pub(super) fn adopt(&self, link: &Arc<dyn Link>) {
        let mut actors = self.actors();
        if actors.len() == actors.capacity() {
            actors.retain(|link| link.strong_count() != 0);
        }
        actors.push(Arc::downgrade(link));
    }

    /// Returns the actor of a type that has a name.
    #[must_use]
    pub fn get<A: Messages>(&self, name: &str) -> Option<A::Handle> {
        self.registry.get::<A>(name)
    }

    /// Returns how many actors have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.group.len()
    }

    /// Tells whether no actor is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Stops the actors one after the other, the last one started first, and
    /// waits until they have ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the system, which cancels what is left.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if an actor failed, or the system was cancelled.
    ///
    /// # Panics
    ///
    /// If an actor panicked, with its payload.
    pub async fn stop(self) -> Result<(), GroupError> {
        loop {
            let last = self.actors().pop();
            let Some(last) = last else { break };
            if let Some(link) = last.upgrade() {
                link.control().order(super::control::STOP);
                super::control::Ended::new(link).await;
            }
        }
        self.join().await
    }

    /// Waits until all actors have ended by themselves.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the system, which cancels what is left.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if an actor failed, or the system was cancelled.
    ///
    /// # Panics
    ///
    /// If an actor panicked, with its payload.
    pub async fn join(self) -> Result<(), GroupError> {
        let Self {
            group, registry, ..
        } = self;
        // Names keep their actors alive; from here on nobody can ask for them.
        drop(registry);
        group.join().await
    }

    fn actors(&self) -> std::sync::MutexGuard<'_, Vec<Weak<dyn Link>>> {
        self.actors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start<A: Messages>(
        &self,
        actor: A,
        options: ActorOptions,
        name: Option<Arc<str>>,
        at: &'static Location<'static>,
    ) -> (A::Handle, Arc<dyn Link>) {
        let prepared = prepare(actor, options, name.clone(), self.on_undelivered.clone());
        let (link, task) = (prepared.link, prepared.task);
        self.adopt(&link);
        self.group.spawn(task, name, at);
        (prepared.handle, link)
    }
}

impl fmt::Debug for ActorSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorSystem")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// An actor that has a name and is yet to be started.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Log;
///
/// #[actor]
/// impl Log {
///     pub fn line(&mut self, text: String) { println!("{text}") }
/// }
///
/// nimsync::block_on(async {
///     let system = ActorSystem::new();
///     let log = system.named("audit").spawn_with(Log, |options| options.mailbox(1024)).unwrap();
///     assert_eq!(system.get::<Log>("audit").as_ref(), Some(&log));
///     assert!(system.named("audit").spawn(Log).is_err(), "the name is taken");
///     system.stop().await.unwrap();
/// });
/// ```
#[must_use = "naming an actor does not start it"]
pub struct Named<'a> {
    system: &'a ActorSystem,
    name: Arc<str>,
}

impl Named<'_> {
    /// Starts the actor under its name.
    ///
    /// # Errors
    ///
    /// [`NameTaken`] with the actor, if another one of its type has the name.
    #[track_caller]
    pub fn spawn<A: Messages>(self, actor: A) -> Result<A::Handle, NameTaken<A>> {
        self.start(actor, A::OPTIONS, Location::caller())
    }

    /// Starts the actor under its name, with other options than those of its attribute, which
    /// `options` is given.
    ///
    /// # Errors
    ///
    /// [`NameTaken`] with the actor, if another one of its type has the name.
    ///
    /// # Panics
    ///
    /// If `options` does.
    #[track_caller]
    pub fn spawn_with<A: Messages>(
        self,
        actor: A,
        options: impl FnOnce(ActorOptions) -> ActorOptions,
    ) -> Result<A::Handle, NameTaken<A>> {
        self.start(actor, options(A::OPTIONS), Location::caller())
    }

    fn start<A: Messages>(
        self,
        actor: A,
        options: ActorOptions,
        at: &'static Location<'static>,
    ) -> Result<A::Handle, NameTaken<A>> {
        let Self { system, name } = self;
        let mut actor = Some(actor);
        let claimed = system.registry.claim::<A>(name.clone(), || {
            let actor = actor.take().expect("the name is given once");
            system.start(actor, options, Some(name), at)
        });
        match (claimed, actor) {
            (Some(handle), _) => Ok(handle),
            (None, Some(actor)) => Err(NameTaken(actor)),
            (None, None) => unreachable!("what was started has a handle"),
        }
    }
}

/// An actor whose task is yet to be spawned.
pub(super) struct Prepared<A: Actor, F> {
    pub(super) handle: A::Handle,
    pub(super) link: Arc<dyn Link>,
    pub(super) task: F,
}

/// Makes the task and the handle of an actor.
pub(super) fn prepare<A: Messages>(
    actor: A,
    options: ActorOptions,
    name: Option<Arc<str>>,
    on_undelivered: Option<OnUndelivered>,
) -> Prepared<A, impl Future<Output = Result<(), BoxError>> + Send + 'static> {
    let name = name.map_or_else(Name::of_type::<A>, Name::Given);
    let core = Core::new(options, name, on_undelivered);
    let link: Arc<dyn Link> = core.clone();
    let handle = A::handle(Addr::counted(core.clone()));
    let host = Host::new(core);
    Prepared {
        handle,
        link: link.clone(),
        task: Guard::new(link, options.stop_within, host.live(actor)),
    }
}
