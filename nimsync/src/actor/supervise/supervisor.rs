//! The supervisor: its declaration, and its task.

use super::super::addr::{Addr, Core, Link};
use super::super::behavior::{ActorOptions, Messages};
use super::super::control::{Control, Ended, HALT, KILL, START, STOP};
use super::super::guard::Guard;
use super::super::host::Host;
use super::super::reason::{Failure, StopReason};
use super::super::system::{ActorSystem, type_name};
use super::child::{Child, Standing};
use super::policy::{Lifetime, Policy, Strategy};
use super::post::{Boss, Event, Post};
use crate::channel::oneshot;
use crate::task::BoxError;
use crate::time::{now, sleep_until};
use crate::wait;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

type Task = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

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
    policy: Policy,
    post: Arc<Post>,
    children: Vec<Child>,
    tasks: Vec<Task>,
}

impl<'a> Supervisor<'a> {
    pub(in crate::actor) fn new(system: &'a ActorSystem, strategy: Strategy) -> Self {
        Self {
            system,
            policy: Policy {
                strategy,
                most: 3,
                within: Duration::from_secs(5),
                first_wait: Duration::ZERO,
                longest_wait: Duration::ZERO,
            },
            post: Post::new(),
            children: Vec::new(),
            tasks: Vec::new(),
        }
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
    pub fn child<A, F, Fut>(&mut self, lifetime: Lifetime, init: F) -> A::Handle
    where
        A: Messages,
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<A, String>> + Send + 'static,
    {
        self.start_child(type_name::<A>().into(), lifetime, init)
    }

    /// As [`child`](Self::child), with a name for reports.
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
        self.start_child(name.into(), lifetime, init)
    }

    fn start_child<A, F, Fut>(&mut self, name: Arc<str>, lifetime: Lifetime, init: F) -> A::Handle
    where
        A: Messages,
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<A, String>> + Send + 'static,
    {
        let options = A::OPTIONS;
        let (core, mailbox) = Core::new(options, name, true, self.system.undelivered());
        // The supervisor has a handle too: nobody else may have one for a while.
        core.control().add_handle();
        let link: Arc<dyn Link> = core.clone();
        let handle = A::handle(Addr::counted(core.clone()));
        let boss = self.boss(lifetime);
        let host = Host::<A>::supervised(core, mailbox, boss);
        let task = Guard::new(link.clone(), options.stop_within, host.live_again(init));
        self.children.push(Child::new(link));
        self.tasks.push(Box::pin(task));
        handle
    }

    fn boss(&self, lifetime: Lifetime) -> Boss {
        Boss {
            post: self.post.clone(),
            child: self.children.len(),
            lifetime,
        }
    }

    /// Declares a supervisor as a child, its children included.
    ///
    /// Its failure is an escalation: then it and all its children are down.
    pub fn supervise(&mut self, lifetime: Lifetime, mut below: Supervisor<'a>) {
        let boss = self.boss(lifetime);
        let link = below.link();
        self.tasks.append(&mut below.tasks);
        let task = below.into_task(link.clone(), Some(boss), None);
        self.children.push(Child::new(link));
        self.tasks.push(task);
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
        let link = self.link();
        let system = self.system;
        for task in std::mem::take(&mut self.tasks) {
            system.start_task(task);
        }
        let task = self.into_task(link.clone(), None, Some(ready));
        system.adopt(&link);
        system.start_task(task);
        match started.await {
            Ok(Ok(())) => Ok(Supervised { link }),
            Ok(Err(failure)) => Err(failure),
            Err(_) => {
                let why = Ended::new(link.clone()).await;
                Err(failure(&*link, "start", why.to_string()))
            }
        }
    }

    /// A supervisor has an address, for orders, and no messages.
    fn link(&self) -> Arc<dyn Link> {
        let options = ActorOptions::new().mailbox(1);
        let (core, _) = Core::<()>::new(options, "supervisor".into(), false, None);
        core
    }

    fn into_task(self, link: Arc<dyn Link>, boss: Option<Boss>, ready: Option<Starter>) -> Task {
        let running = Running {
            policy: self.policy,
            post: self.post,
            children: self.children,
            stash: VecDeque::new(),
            link: link.clone(),
            boss,
        };
        // Each child has its limit; the supervisor takes as long as they do.
        Box::pin(Guard::new(link, Duration::MAX, running.live(ready)))
    }
}

impl fmt::Debug for Supervisor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("strategy", &self.policy.strategy)
            .field("children", &self.children.len())
            .finish_non_exhaustive()
    }
}

type Starter = oneshot::Sender<Result<(), Failure>>;

/// A supervisor that was started.
///
/// Dropping this changes nothing: the system stops the supervisor.
#[derive(Clone)]
pub struct Supervised {
    link: Arc<dyn Link>,
}

impl Supervised {
    /// Stops the children, the last one first, and then the supervisor.
    pub fn stop(&self) -> Ended {
        self.link.control().order(STOP);
        self.ended()
    }

    /// Waits until the supervisor and its children have ended.
    #[must_use]
    pub fn ended(&self) -> Ended {
        Ended::new(self.link.clone())
    }

    /// Tells whether the supervisor has not ended.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.link.control().ended().is_none()
    }
}

impl fmt::Debug for Supervised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervised")
            .field("alive", &self.is_alive())
            .finish_non_exhaustive()
    }
}

fn failure(link: &dyn Link, during: &'static str, text: String) -> Failure {
    let control = link.control();
    Failure::error(control.id, control.name.clone(), during, text)
}

/// What a supervisor was ordered, if it was.
fn ordered(control: &Control) -> Option<Break> {
    let flags = control.flags();
    if flags & (STOP | KILL) != 0 {
        return Some(Break::End);
    }
    (flags & HALT != 0).then_some(Break::Halt)
}

/// The task of a supervisor.
struct Running {
    policy: Policy,
    post: Arc<Post>,
    children: Vec<Child>,
    /// Events that came while another one was waited for.
    stash: VecDeque<(usize, Event)>,
    link: Arc<dyn Link>,
    boss: Option<Boss>,
}

/// Why a supervisor does not go on.
enum Break {
    /// A child did not start, or was restarted too often.
    Failed(Failure),
    /// Ordered to halt.
    Halt,
    /// Ordered to end, or no child is left.
    End,
}

/// What a supervisor does next.
enum Next {
    Event(usize, Event),
    /// The time of a restart has come.
    Due,
    Break(Break),
}

impl Running {
    async fn live(mut self, mut ready: Option<Starter>) -> Result<(), BoxError> {
        loop {
            if self.boss.is_some() && !self.wait_for_start().await {
                return self.finish(None).await;
            }
            let why = match self.start_all().await {
                Ok(()) => {
                    if let Some(ready) = ready.take() {
                        // The one who started it may have been cancelled.
                        drop(ready.send(Ok(())));
                    }
                    if let Some(boss) = &self.boss {
                        boss.tell(Event::Started);
                    }
                    self.watch_over().await
                }
                Err(why) => why,
            };
            let failed = match why {
                Break::End => return self.finish(None).await,
                Break::Halt => None,
                Break::Failed(failure) => Some(failure),
            };
            let restarts = self.boss.as_ref().is_some_and(Boss::restarts);
            if failed.is_some() && !restarts {
                let result = self.finish(failed.clone()).await;
                return match (ready.take(), failed) {
                    (Some(ready), Some(failure)) => {
                        // It is the one who started it that is told.
                        drop(ready.send(Err(failure)));
                        Ok(())
                    }
                    _ => result,
                };
            }
            self.halt_from(0).await;
            if let Some(boss) = &self.boss {
                boss.tell(failed.map_or(Event::Halted, Event::Failed));
            }
        }
    }

    /// Whether to start; else to end.
    async fn wait_for_start(&mut self) -> bool {
        let control = self.link.control();
        poll_fn(|_| {
            let flags = control.flags();
            if flags & (STOP | KILL) != 0 {
                return Poll::Ready(false);
            }
            if flags & START != 0 {
                control.lower(START | HALT);
                return Poll::Ready(true);
            }
            wait::note(&"to be started");
            Poll::Pending
        })
        .await
    }

    /// Starts those that have not ended, in order.
    async fn start_all(&mut self) -> Result<(), Break> {
        for child in 0..self.children.len() {
            if self.children[child].standing == Standing::Halted {
                match self.start(child).await? {
                    Event::Failed(failure) => return Err(Break::Failed(failure)),
                    Event::Ended(StopReason::Failed(failure)) => {
                        return Err(Break::Failed(failure));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Starts a child and waits for what comes of it, or for an order.
    async fn start(&mut self, child: usize) -> Result<Event, Break> {
        self.children[child].start();
        // Until it says otherwise: if an order comes first, it is to be halted.
        self.children[child].standing = Standing::Running;
        let event = loop {
            if let Some(event) = self.take_stashed(child) {
                break event;
            }
            let (of, event) = poll_fn(|cx| {
                if let Some(why) = ordered(self.link.control()) {
                    return Poll::Ready(Err(why));
                }
                self.post.poll(cx).map(Ok)
            })
            .await?;
            self.stash.push_back((of, event));
        };
        self.children[child].standing = match event {
            Event::Started => Standing::Running,
            Event::Ended(_) => Standing::Ended,
            Event::Failed(_) | Event::Left | Event::Halted => Standing::Halted,
        };
        Ok(event)
    }

    /// Halts the running children from `first` on, the last one first.
    async fn halt_from(&mut self, first: usize) {
        for child in (first..self.children.len()).rev() {
            self.halt(child).await;
        }
        // Those that wait for a restart will be started with the rest.
        for child in &mut self.children[first..] {
            if let Standing::Waiting(_) = child.standing {
                child.standing = Standing::Halted;
            }
        }
    }

    async fn halt(&mut self, child: usize) {
        if self.children[child].standing != Standing::Running {
            return;
        }
        self.children[child].halt();
        let event = loop {
            match self.wait_for(child).await {
                // It was still starting.
                Event::Started => {}
                event => break event,
            }
        };
        self.children[child].standing = match event {
            Event::Ended(_) => Standing::Ended,
            // It may have failed before it saw the order: it is down either way.
            _ => Standing::Halted,
        };
    }

    /// Waits for the next event of a child; those of others are kept for later.
    async fn wait_for(&mut self, child: usize) -> Event {
        loop {
            if let Some(event) = self.take_stashed(child) {
                return event;
            }
            let event = poll_fn(|cx| self.post.poll(cx)).await;
            self.stash.push_back(event);
        }
    }

    fn take_stashed(&mut self, child: usize) -> Option<Event> {
        let at = self.stash.iter().position(|(of, _)| *of == child)?;
        self.stash.remove(at).map(|(_, event)| event)
    }

    /// Restarts children until it is told otherwise.
    async fn watch_over(&mut self) -> Break {
        loop {
            if self.is_deserted() {
                return Break::End;
            }
            let done = match self.next().await {
                Next::Break(why) => Err(why),
                Next::Due => self.restart_due().await,
                Next::Event(child, event) => self.happened(child, event).await,
            };
            if let Err(why) = done {
                return why;
            }
        }
    }

    fn is_deserted(&self) -> bool {
        let ended = |child: &Child| child.standing == Standing::Ended;
        !self.children.is_empty() && self.children.iter().all(ended)
    }

    async fn next(&mut self) -> Next {
        let due = self
            .children
            .iter()
            .filter_map(|child| match child.standing {
                Standing::Waiting(until) => Some(until),
                _ => None,
            });
        let mut timer = pin!(due.min().map(sleep_until));
        poll_fn(|cx| {
            if let Some(why) = ordered(self.link.control()) {
                return Poll::Ready(Next::Break(why));
            }
            if let Some((child, event)) = self.stash.pop_front() {
                return Poll::Ready(Next::Event(child, event));
            }
            if let Poll::Ready((child, event)) = self.post.poll(cx) {
                return Poll::Ready(Next::Event(child, event));
            }
            if let Some(timer) = timer.as_mut().as_pin_mut()
                && timer.poll(cx).is_ready()
            {
                return Poll::Ready(Next::Due);
            }
            wait::note(&"the failure of a child");
            Poll::Pending
        })
        .await
    }

    /// Something happened to a child that was running.
    async fn happened(&mut self, child: usize, event: Event) -> Result<(), Break> {
        let failed = match event {
            Event::Ended(_) => {
                self.children[child].standing = Standing::Ended;
                return Ok(());
            }
            Event::Started | Event::Halted => return Ok(()),
            Event::Failed(failure) => Some(failure),
            Event::Left => None,
        };
        self.children[child].standing = Standing::Halted;
        self.restart_later(child, failed).await
    }

    /// Sees to it that a child that is down is restarted, and with it those that
    /// the strategy says.
    async fn restart_later(&mut self, child: usize, failed: Option<Failure>) -> Result<(), Break> {
        let now = now();
        let Some(wait) = self.children[child].restarts.count(&self.policy, now) else {
            let link = &*self.children[child].link;
            let too_often = || failure(link, "restart", "it left too often".to_owned());
            return Err(Break::Failed(failed.unwrap_or_else(too_often)));
        };
        let affected = match self.policy.strategy {
            Strategy::OneForOne => child..child + 1,
            Strategy::OneForAll => 0..self.children.len(),
            Strategy::RestForOne => child..self.children.len(),
        };
        for other in affected.clone().rev() {
            self.halt(other).await;
        }
        let until = now + wait;
        for other in &mut self.children[affected] {
            other.standing = match other.standing {
                Standing::Ended => Standing::Ended,
                Standing::Waiting(before) => Standing::Waiting(before.max(until)),
                Standing::Halted | Standing::Running => Standing::Waiting(until),
            };
        }
        Ok(())
    }

    /// Starts those whose time has come, in order, until one fails.
    async fn restart_due(&mut self) -> Result<(), Break> {
        let now = now();
        for child in 0..self.children.len() {
            let Standing::Waiting(until) = self.children[child].standing else {
                continue;
            };
            if until > now {
                continue;
            }
            if let Event::Failed(failure) = self.start(child).await? {
                // A restart that fails counts as one.
                return self.restart_later(child, Some(failure)).await;
            }
        }
        Ok(())
    }

    /// Ends the children for good, the last one first, and then the supervisor.
    async fn finish(&mut self, failed: Option<Failure>) -> Result<(), BoxError> {
        let kill = self.link.control().flags() & KILL != 0;
        for child in (0..self.children.len()).rev() {
            if self.children[child].standing == Standing::Ended {
                continue;
            }
            self.children[child].stop(kill);
            while !matches!(self.wait_for(child).await, Event::Ended(_)) {}
            self.children[child].standing = Standing::Ended;
        }
        let why = match &failed {
            Some(failure) => StopReason::Failed(failure.clone()),
            None if kill => self.link.control().why_killed(),
            None => StopReason::Stopped,
        };
        self.link.control().end(why.clone());
        match (&self.boss, failed) {
            (Some(boss), _) => {
                boss.tell(Event::Ended(why));
                Ok(())
            }
            (None, Some(failure)) => Err(Box::new(failure)),
            (None, None) => Ok(()),
        }
    }
}

impl Drop for Running {
    /// The task was dropped before its end, for instance before its first poll.
    fn drop(&mut self) {
        let control = self.link.control();
        if control.ended().is_none() {
            let why = control.why_killed();
            control.end(why.clone());
            if let Some(boss) = &self.boss {
                boss.tell(Event::Ended(why));
            }
        }
    }
}
