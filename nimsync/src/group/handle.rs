//! The handle with which a body spawns children.

use super::block::{Block, ChildKind};
use super::body::{Core, PinPlace, Pinned};
use super::child::Child;
use super::error::GroupError;
use super::ledger::Deferred;
use super::named::NamedTask;
use super::options::GroupOptions;
use super::ready::{Ready, Start, WaitReady};
use super::spawner::Spawner;
use super::supervise::{Restart, supervise};
use crate::cancel::{CancelScope, TimeLimit};
use crate::prim::atomic::{AtomicBool, Ordering};
use crate::runtime;
use crate::task::TaskOutput;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

/// How long deferred clean-up may take unless it says otherwise.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// What can be spawned: a future.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be spawned as a task",
    label = "this is not a future",
    note = "pass `async {{ .. }}` or call an `async fn` without `.await`: the group runs the future"
)]
pub trait Spawnable: Future<Output = Self::Returns> {
    /// What the future yields.
    ///
    /// The same as [`Future::Output`]; by this name the compiler asks for a
    /// `Spawnable` first, and can say what is wrong with something else.
    type Returns;
}

#[diagnostic::do_not_recommend]
impl<F: Future> Spawnable for F {
    type Returns = F::Output;
}

/// A task group, as its body sees it.
///
/// Made by [`task_group!`](crate::task_group!). `'scope` is the time during
/// which children in place may run: they can borrow what outlives it.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// /// Spawns into the group of the caller: the signature says so.
/// fn feed(g: &TaskGroup<'_>, count: u32) {
///     for n in 0..count {
///         g.spawn(async move { n * n });
///     }
/// }
///
/// # nimsync::block_on(async {
/// task_group!(|g| {
///     feed(g, 10);
///     assert_eq!(g.len() + g.completed(), 10);
/// })
/// .await
/// # }).unwrap();
/// ```
pub struct TaskGroup<'scope> {
    block: Arc<Block>,
    pin: PinPlace,
    /// Whether there has been a child in place.
    in_place: AtomicBool,
    /// Invariant: a shorter `'scope` would let children in place borrow what is
    /// gone when they run, a longer one would let the handle escape.
    _scope: PhantomData<fn(&'scope ()) -> &'scope ()>,
}

/// Holds a group for as long as its core may refer to it.
#[doc(hidden)]
pub struct Anchor {
    group: TaskGroup<'static>,
}

/// Opens a group in the task that calls it.
#[doc(hidden)]
#[track_caller]
#[must_use]
pub fn open(options: GroupOptions) -> Anchor {
    Anchor {
        group: TaskGroup {
            block: Block::open(runtime::here(), options, Location::caller()),
            pin: PinPlace::new(None),
            in_place: AtomicBool::new(false),
            _scope: PhantomData,
        },
    }
}

impl Anchor {
    /// Returns a spawner for the group that has not begun yet.
    pub(super) fn spawner(&self) -> Spawner {
        self.group.spawner()
    }

    fn group<'scope>(&'scope self) -> &'scope TaskGroup<'scope> {
        let group: *const TaskGroup<'static> = &self.group;
        // SAFETY: the lifetime parameter is a marker, so the types have the
        // same layout. The reference is bound to the borrow of the anchor. What
        // makes the marker true, that children in place are gone when `'scope`
        // is over, is the core's work: the one caller makes one at once.
        unsafe { &*group.cast() }
    }
}

impl<'scope> Core<'scope> {
    /// Begins the time in which the group may be used.
    #[doc(hidden)]
    #[must_use]
    pub fn new(anchor: &'scope Anchor) -> Self {
        Self::guard(anchor.group())
    }
}

impl<'scope> TaskGroup<'scope> {
    pub(super) fn block(&self) -> &Arc<Block> {
        &self.block
    }

    pub(super) fn pin(&self) -> MutexGuard<'_, Option<Pinned>> {
        self.pin.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether there has been a child in place.
    pub(super) fn has_in_place(&self) -> bool {
        // Relaxed: as where it is set.
        self.in_place.load(Ordering::Relaxed)
    }

    /// Opens a group for code that cannot use a macro.
    ///
    /// # Cancel safety
    ///
    /// As [`task_group!`](crate::task_group!): dropping the future cancels the
    /// children, and the task that drops it waits for them.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if the body or a child failed, or the group was cancelled.
    ///
    /// # Panics
    ///
    /// If the body or a child panicked.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::GroupOptions;
    ///
    /// nimsync::block_on(async {
    ///     let sum = TaskGroup::run(GroupOptions::new(), async |g| {
    ///         let a = g.spawn(async { 20 });
    ///         a.await + 22
    ///     }).await;
    ///     assert_eq!(sum.unwrap(), 42);
    /// });
    /// ```
    pub async fn run<F, R, V>(options: GroupOptions, body: F) -> Result<V, GroupError>
    where
        F: AsyncFnOnce(&TaskGroup<'_>) -> R,
        R: TaskOutput<Value = V>,
    {
        let anchor = open(options);
        let core = Core::new(&anchor);
        core.drive(body(core.group())).await
    }

    /// Spawns a child that runs in parallel, on any worker.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let length = task_group!(|g| {
    ///     let text = g.spawn(async { "computed elsewhere".to_owned() });
    ///     text.await.len()
    /// }).await;
    /// assert_eq!(length.unwrap(), 18);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'static,
        F::Returns: TaskOutput<Value: Send + 'static>,
    {
        self.start_child(future, ChildKind::Parallel, None)
    }

    /// Spawns a child that runs in place: concurrently with the body, on the
    /// same thread.
    ///
    /// It may borrow what outlives the group, need not be `Send`, and is polled
    /// while the body waits, too. As long as there are such children, the task
    /// that the group belongs to stays on its worker.
    ///
    /// # Panics
    ///
    /// The group's future panics if it is polled on another thread afterwards,
    /// which happens only on executors other than nimsync's, or if a program
    /// moves the future to another task by hand.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let mut log = Vec::new();
    /// task_group!(|g| {
    ///     g.spawn_local(async { log.push("from the child"); });
    /// }).await.unwrap();
    /// assert_eq!(log, ["from the child"]);
    /// # });
    /// ```
    ///
    /// What does not outlive the group cannot be borrowed:
    ///
    /// ```compile_fail,E0597
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(|g| {
    ///     let local = String::from("of the body");
    ///     g.spawn_local(async { println!("{local}"); });
    /// }).await.unwrap();
    /// # });
    /// ```
    ///
    /// and the handle does not leave it:
    ///
    /// ```compile_fail,E0597
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let mut kept = None;
    /// task_group!(|g| { kept = Some(g); }).await.unwrap();
    /// kept.unwrap().spawn(async {});
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + 'scope,
        F::Returns: TaskOutput<Value: 'scope>,
    {
        self.start_in_place(future, None)
    }

    /// Spawns a child that runs a blocking call on the blocking pool.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let bytes = task_group!(|g| {
    ///     let file = g.spawn_blocking(|| std::fs::read("Cargo.toml"));
    ///     file.await.len()
    /// }).await;
    /// assert!(bytes.unwrap() > 0);
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, call: F) -> Child<R::Value>
    where
        F: FnOnce() -> R + Send + 'static,
        R: TaskOutput<Value: Send + 'static> + Send + 'static,
    {
        self.start_child(runtime::unblock(call), ChildKind::Parallel, None)
    }

    /// Spawns a helper that is cancelled when the body and the ordinary
    /// children have ended: a heartbeat, a listener.
    ///
    /// If it fails or panics before that, so does the group.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(|g| {
    ///     g.service(async {
    ///         loop {
    ///             sleep(1.seconds()).await;
    ///             println!("still working");
    ///         }
    ///     });
    ///     g.spawn(async { println!("the work") }); // when it is done, the service is cancelled
    /// })
    /// .await
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn service<F>(&self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'static,
        F::Returns: TaskOutput<Value: Send + 'static>,
    {
        self.start_child(future, ChildKind::Service, None)
    }

    /// Spawns a service that is polled before it is cut.
    #[track_caller]
    pub(crate) fn host<F>(&self, future: F)
    where
        F: Future + Send + 'static,
        F::Output: TaskOutput<Value: Send + 'static>,
    {
        drop(self.start_child(future, ChildKind::Host, None));
    }

    /// Spawns a child and waits until it says that it is ready.
    ///
    /// The child gets a [`Ready`] handle; what it sets there is the result of
    /// this call, and the child goes on. If it ends before that, the code that
    /// awaits this ends as well, as with a [`Child`] that did not succeed.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(|g| {
    ///     let port = g.start(|ready| async move {
    ///         ready.set(8080);
    ///         nimsync::yield_now().await;
    ///     }).await;
    ///     assert_eq!(port, 8080);
    /// }).await.unwrap();
    /// # });
    /// ```
    #[track_caller]
    pub fn start<V, F, Fut>(&self, child: F) -> Start<V>
    where
        V: Send + 'static,
        F: FnOnce(Ready<V>) -> Fut,
        Fut: Spawnable + Send + 'static,
        Fut::Returns: TaskOutput<Value: Send + 'static>,
    {
        let (ready, start) = Start::channel();
        drop(self.start_child(child(ready), ChildKind::Parallel, None));
        start
    }

    /// Spawns a child that is started again when it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::Restart;
    ///
    /// # nimsync::block_on(async {
    /// let mut tries = 0;
    /// let value = task_group!(|g| {
    ///     let child = g.supervise(Restart::on_failure(3, 10.seconds()), move || {
    ///         tries += 1;
    ///         let this_try = tries;
    ///         async move {
    ///             if this_try < 3 { Err("not yet") } else { Ok(this_try) }
    ///         }
    ///     });
    ///     child.await
    /// }).await;
    /// assert_eq!(value.unwrap(), 3);
    /// # });
    /// ```
    #[track_caller]
    pub fn supervise<F, Fut>(
        &self,
        restart: Restart,
        child: F,
    ) -> Child<<Fut::Returns as TaskOutput>::Value>
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Spawnable + Send + 'static,
        Fut::Returns: TaskOutput<Value: Send + 'static>,
    {
        self.start_child(supervise(restart, child), ChildKind::Parallel, None)
    }

    /// Names the next child.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(|g| {
    ///     let child = g.task("worker").spawn(async {});
    ///     assert_eq!(child.name(), Some("worker"));
    /// }).await.unwrap();
    /// # });
    /// ```
    pub fn task(&self, name: impl Into<Arc<str>>) -> NamedTask<'_, 'scope> {
        NamedTask::new(self, name.into())
    }

    /// Defers clean-up until all children have ended.
    ///
    /// It runs shielded from cancellation, the newest first, for ten seconds at
    /// most, and also when the group is cancelled or dropped half way.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(|g| {
    ///     g.defer(async { println!("second") });
    ///     g.spawn(async { println!("first") });
    /// }).await.unwrap();
    /// # });
    /// ```
    pub fn defer<F>(&self, clean_up: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.defer_within(CLEAN_UP, clean_up);
    }

    /// As [`defer`](Self::defer), with a time limit of its own.
    pub fn defer_within<F>(&self, limit: impl TimeLimit, clean_up: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.block.add_deferred(Deferred {
            future: Box::pin(clean_up),
            limit: limit.into_limit(),
        });
    }

    /// Returns an owned handle that spawns into the group as long as it lives.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let sum = task_group!(|g| {
    ///     let spawner = g.spawner();
    ///     let child = g.spawn(async move {
    ///         let grandchild = spawner.spawn(async { 2u32 })?; // a sibling, in fact
    ///         Ok::<_, nimsync::GroupClosed>(grandchild.await + 1)
    ///     });
    ///     child.await
    /// })
    /// .await;
    /// assert_eq!(sum.unwrap(), 3);
    /// # });
    /// ```
    #[must_use]
    pub fn spawner(&self) -> Spawner {
        Spawner::new(self.block.clone())
    }

    /// Waits until the group's limit leaves room for another child.
    ///
    /// For a producer that should not run ahead of the children. Without a
    /// limit there is always room.
    ///
    /// # Cancel safety
    ///
    /// It reserves nothing, and may be dropped at any time.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(limit = 2, |g| {
    ///     for n in 0..10u32 {
    ///         g.ready().await; // so that no more than two are there
    ///         g.spawn(async move { n * n });
    ///     }
    /// })
    /// .await
    /// # }).unwrap();
    /// ```
    pub fn ready(&self) -> WaitReady {
        WaitReady::new(self.block.clone())
    }

    /// Cancels the group: its children and its body.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let ended = task_group!(|g| {
    ///     g.spawn(sleep(1.minutes()));
    ///     g.cancel();
    ///     sleep(1.minutes()).await; // the body, too, is cut off where it waits
    /// })
    /// .await;
    /// assert!(ended.unwrap_err().cancelled().is_some());
    /// # });
    /// ```
    #[track_caller]
    pub fn cancel(&self) {
        self.scope().cancel();
    }

    /// Returns the cancel scope of the group.
    pub fn scope(&self) -> CancelScope {
        CancelScope::from_inner(self.block.scope.clone())
    }

    /// Tells whether the group has been cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.block.scope.is_asked()
    }

    /// Returns how many children live; services do not count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.block.alive().0
    }

    /// Tells whether no child lives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many children live and are not held back by the limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(policy = ignore_errors, |g| {
    ///     g.spawn(async { 7u32 }).outcome().await;
    ///     g.spawn(async { Err::<(), _>("no") }).outcome().await;
    ///     assert_eq!((g.len(), g.running(), g.completed(), g.failed()), (0, 0, 1, 1));
    /// })
    /// .await
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn running(&self) -> usize {
        self.block.alive().1
    }

    /// Returns how many children have ended with success.
    #[must_use]
    pub fn completed(&self) -> usize {
        self.block.counts().done
    }

    /// Returns how many children have failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.block.counts().failed
    }

    #[track_caller]
    pub(super) fn start_child<F>(
        &self,
        future: F,
        kind: ChildKind,
        name: Option<Arc<str>>,
    ) -> Child<<F::Output as TaskOutput>::Value>
    where
        F: Future + Send + 'static,
        F::Output: TaskOutput<Value: Send + 'static>,
    {
        // SAFETY: the future and its value are `Send + 'static`.
        let handle = unsafe { self.block.spawn(future, kind, name, Location::caller()) };
        Child::new(handle.expect("a group is open as long as its handle can be reached"))
    }

    #[track_caller]
    pub(super) fn start_in_place<F>(
        &self,
        future: F,
        name: Option<Arc<str>>,
    ) -> Child<<F::Output as TaskOutput>::Value>
    where
        F: Future + 'scope,
        F::Output: TaskOutput<Value: 'scope>,
    {
        self.pin().get_or_insert_with(Pinned::here).check();
        // Relaxed: written and read by the one task that the group is part of.
        self.in_place.store(true, Ordering::Relaxed);
        // SAFETY: the core polls and drops children in place on the thread that
        // was noted above. What the future borrows outlives `'scope`, and the
        // core drops it before that is over; the value outlives `'scope`, and
        // the handle carries its type.
        let handle = unsafe {
            self.block
                .spawn(future, ChildKind::InPlace, name, Location::caller())
        };
        Child::new(handle.expect("a group is open as long as its handle can be reached"))
    }
}

impl fmt::Debug for TaskGroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("name", &self.block.options.name)
            .field("len", &self.len())
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
