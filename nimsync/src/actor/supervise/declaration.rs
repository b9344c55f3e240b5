//! The declaration of a supervisor: who its children are, and how it treats them.

use super::super::addr::{Addr, Core, Link};
use super::super::behavior::{ActorOptions, Messages};
use super::super::control::{Control, Ended};
use super::super::guard::Guard;
use super::super::host::Host;
use super::super::message::Priority;
use super::super::name::Name;
use super::super::reason::Failure;
use super::super::system::ActorSystem;
use super::children::Children;
use super::policy::{Lifetime, Policy, Strategy};
use super::post::{Boss, Post};
use super::spec::ChildSpec;
use super::supervised::Supervised;
use super::task::{self, Running, Starter};
use crate::channel::oneshot;
use crate::task::BoxError;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A supervisor that is being declared.
///
/// # Examples
///
/// ```
/// use nimsync::actor::{Lifetime, Strategy};
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Worker { done: u32 }
///
/// #[actor]
/// impl Worker {
///     pub fn job(&mut self, n: u32) -> u32 {
///         assert_ne!(n, 0, "there is no job 0");
///         self.done += 1;
///         self.done
///     }
/// }
///
/// nimsync::block_on(async {
///     let system = ActorSystem::new();
///     let mut supervisor = system.supervisor(Strategy::OneForOne).restarts(3, 5.seconds());
///     let worker = supervisor.child(Lifetime::Permanent, || async { Ok(Worker { done: 0 }) });
///     supervisor.start().await.unwrap();
///     assert_eq!(worker.job(1).await, Ok(1));
///     assert!(worker.job(0).await.is_err());
///     assert_eq!(worker.job(2).await, Ok(1), "it was restarted, and the handle is good");
///     system.stop().await.unwrap();
/// });
/// ```
#[must_use = "a supervisor does nothing until it is started"]
pub struct Supervisor<'a> {
    system: &'a ActorSystem,
    at: &'static Location<'static>,
    policy: Policy,
    link: Arc<dyn Link>,
    children: Children,
    /// The tasks of all below, to be spawned together.
    tasks: Vec<Task>,
}

/// A task that is yet to be spawned.
struct Task {
    name: Option<Arc<str>>,
    /// Where it was declared.
    at: &'static Location<'static>,
    future: Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>,
}

impl<'a> Supervisor<'a> {
    #[track_caller]
    pub(in crate::actor) fn new(system: &'a ActorSystem, strategy: Strategy) -> Self {
        Self {
            system,
            at: Location::caller(),
            policy: Policy {
                strategy,
                most: 3,
                within: Duration::from_secs(5),
                first_wait: Duration::ZERO,
                longest_wait: Duration::ZERO,
            },
            link: address("supervisor".into()),
            children: Children::new(Post::new()),
            tasks: Vec::new(),
        }
    }

    /// Names the supervisor, for reports.
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.link = address(name.into());
        self
    }

    /// Sets how often each child is restarted within any time of that length; by
    /// default three times within five seconds. One more is a failure of the
    /// supervisor.
    pub fn restarts(mut self, most: usize, within: Duration) -> Self {
        self.policy.most = most;
        self.policy.within = within;
        self
    }

    /// Sets how long to wait before a restart: `first`, then twice as long for each
    /// restart within the window up to `longest`, give or take a quarter. By
    /// default there is no wait.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.policy.first_wait = first;
        self.policy.longest_wait = longest;
        self
    }

    /// Declares a child that `init` makes, at the start and at each restart.
    ///
    /// What is sent by the handle waits in the mailbox until the child runs.
    #[track_caller]
    pub fn child<A, F, Fut>(&mut self, lifetime: Lifetime, init: F) -> A::Handle
    where
        A: Messages,
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<A, String>> + Send + 'static,
    {
        self.add(Name::of_type::<A>(), None, lifetime, A::OPTIONS, init)
    }

    /// As [`child`](Self::child), with a name for reports.
    #[track_caller]
    pub fn named_child<A, F, Fut>(
        &mut self,
        name: impl Into<Arc<str>>,
        lifetime: Lifetime,
        init: F,
    ) -> A::Handle
    where
        A: Messages,
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<A, String>> + Send + 'static,
    {
        self.child_with(ChildSpec::new(name, lifetime), init)
    }

    /// As [`child`](Self::child), with all that can be said of a child.
    #[track_caller]
    pub fn child_with<A, F, Fut>(&mut self, spec: ChildSpec, init: F) -> A::Handle
    where
        A: Messages,
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<A, String>> + Send + 'static,
    {
        let ChildSpec {
            name,
            lifetime,
            options,
        } = spec;
        let options = options.unwrap_or(A::OPTIONS);
        self.add(
            Name::Given(name.clone()),
            Some(name),
            lifetime,
            options,
            init,
        )
    }

    #[track_caller]
    fn add<A, F, Fut>(
        &mut self,
        name: Name,
        task_name: Option<Arc<str>>,
        lifetime: Lifetime,
        options: ActorOptions,
        init: F,
    ) -> A::Handle
    where
        A: Messages,
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<A, String>> + Send + 'static,
    {
        let core = Core::new(options, name, self.system.undelivered());
        // The supervisor has a handle too: nobody else may have one for a while.
        core.control().add_handle();
        let link: Arc<dyn Link> = core.clone();
        let handle = A::handle(Addr::counted(core.clone()));
        let boss = self.children.add(link.clone(), lifetime);
        let host = Host::<A>::supervised(core, boss);
        let task = Guard::new(link, options.stop_within, host.live_again(init));
        self.tasks.push(Task {
            name: task_name,
            at: Location::caller(),
            future: Box::pin(task),
        });
        handle
    }

    /// Declares a supervisor as a child, its children included.
    ///
    /// Its failure is an escalation: then it and all its children are down.
    pub fn supervise(&mut self, lifetime: Lifetime, mut below: Supervisor<'a>) -> Supervised {
        let boss = self.children.add(below.link.clone(), lifetime);
        self.tasks.append(&mut below.tasks);
        let supervised = below.supervised();
        self.tasks.push(below.into_task(Some(boss), None));
        supervised
    }

    /// Starts the children in the order of their declaration, each when the one
    /// before is running.
    ///
    /// # Cancel safety
    ///
    /// The supervisor goes on if this is dropped.
    ///
    /// # Errors
    ///
    /// The [`Failure`] of the first child that does not start; those before it have
    /// been stopped.
    pub async fn start(mut self) -> Result<Supervised, Failure> {
        let (ready, started) = oneshot();
        let (system, supervised) = (self.system, self.supervised());
        let link = self.link.clone();
        for task in std::mem::take(&mut self.tasks) {
            system.start_task(task.future, task.name, task.at);
        }
        let task = self.into_task(None, Some(ready));
        system.adopt(&link);
        system.start_task(task.future, task.name, task.at);
        match started.await {
            Ok(Ok(())) => Ok(supervised),
            Ok(Err(failure)) => Err(failure),
            Err(_) => {
                let why = Ended::new(link.clone()).await;
                Err(task::failure(&*link, "start", why.to_string()))
            }
        }
    }

    /// Returns the system that it is declared in.
    #[must_use]
    pub fn system(&self) -> &'a ActorSystem {
        self.system
    }

    pub(super) fn supervised(&self) -> Supervised {
        Supervised::new(self.link.clone())
    }

    fn into_task(self, boss: Option<Boss>, ready: Option<Starter>) -> Task {
        let name = self.link.control().name.shared();
        let running = Running::new(self.policy, self.children, self.link.clone(), boss);
        // Each child has its limit; the supervisor takes as long as they do.
        let task = Guard::new(self.link, Duration::MAX, running.live(ready));
        Task {
            name: Some(name),
            at: self.at,
            future: Box::pin(task),
        }
    }
}

/// A supervisor has an address, for orders, and no messages.
fn address(name: Arc<str>) -> Arc<dyn Link> {
    Arc::new(Office(Control::new(Name::Given(name), None)))
}

/// What a supervisor has in place of a mailbox: it takes orders only.
struct Office(Control);

impl Link for Office {
    fn control(&self) -> &Control {
        &self.0
    }

    fn is_full(&self, _: Priority) -> bool {
        false
    }
}

impl fmt::Debug for Supervisor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("name", &&*self.link.control().name)
            .field("strategy", &self.policy.strategy)
            .field("children", &self.children.len())
            .finish_non_exhaustive()
    }
}
