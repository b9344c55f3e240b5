//! What is known of a task while it lives.

use super::Runnable;
use super::context::TaskCx;
use super::local::Locals;
use super::output::{End, drop_quietly};
use super::trace::Trace;
use crate::cancel::{Cancelled, Kind, Scope, TaskBase, Waiter};
use crate::prim::atomic::{AtomicPtr, AtomicU32, Ordering};
use crate::stats;
use crate::tree::{TaskKind, TaskReport};
use crate::wait::Label;
use std::borrow::Cow;
use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::mem::MaybeUninit;
use std::panic::Location;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

/// The number of a task, unique within the process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    #[cfg(feature = "tracing")]
    pub(super) fn as_u64(self) -> u64 {
        self.0
    }

    /// Numbers a thread takes at a time, so that spawning does not make all
    /// cores write to one counter.
    const BLOCK: u64 = 1024;

    fn next() -> Self {
        static BLOCKS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        thread_local! {
            static NEXT: Cell<u64> = const { Cell::new(0) };
        }
        let mut next = NEXT.get();
        if next.is_multiple_of(Self::BLOCK) {
            // Relaxed: only the uniqueness of the numbers matters.
            next = BLOCKS.fetch_add(1, std::sync::atomic::Ordering::Relaxed) * Self::BLOCK;
        }
        NEXT.set(next + 1);
        Self(next + 1)
    }

    pub(crate) fn number(self) -> u64 {
        self.0
    }

    /// Makes what [`number`](Self::number) returned an id again.
    pub(crate) fn from_number(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({})", self.0)
    }
}

/// The seat of a task that may run on any worker.
pub(crate) const NO_SEAT: u32 = u32::MAX;

// The flags of a node's state. They are only ever set.
/// What is suspended in the task is to be dropped.
const CANCELLED: u32 = 1;
/// The task is polled by the group that it belongs to, not by a worker.
const IN_PLACE: u32 = 1 << 1;
/// The task is a service: its group does not wait for it to end by itself.
const SERVICE: u32 = 1 << 2;
/// The user's future is dropped at the next poll, come what may.
const DOOMED: u32 = 1 << 3;
/// The task runs clean-up: cancelling its group does not reach it.
const SHIELDED: u32 = 1 << 4;
/// The task is polled before it is cut, even if it was cancelled before that.
const HEARD: u32 = 1 << 5;

/// In the count of orphans: the task has ended, and nothing can keep it from it.
const ENDED: u32 = 1 << 31;

const BORN_SHIFT: u32 = 20;

/// Whom a task belongs to.
///
/// # Safety
///
/// An implementation stays alive, and where it is, until it has been told
/// [`Owner::finished`] for each of its tasks.
pub(crate) unsafe trait Owner: Send + Sync {
    /// The scope that the task's own is below.
    fn scope(&self) -> &Arc<Scope>;

    /// Queues the task. It may be finished, and the owner gone, before this
    /// returns: an implementation does not touch itself after it has queued.
    fn schedule(&self, runnable: Runnable, woken_while_running: bool);

    /// The task has failed and is waiting for its orphans.
    fn failing(&self, node: &Node, end: &End);

    /// The task has ended; nothing of it is left but its node.
    ///
    /// The implementation forgets the node, and then drops the waker that
    /// [`Node::release`] returns.
    ///
    /// # Safety
    ///
    /// Called once for each task, with the node of that task.
    unsafe fn finished(&self, node: NonNull<Node>, end: End);

    /// Whether the owner may be told later, and of several tasks at once, that
    /// they have ended without failing.
    fn takes_batches(&self) -> bool {
        false
    }

    /// As [`Owner::finished`], for several tasks that have all ended well, or
    /// have all been cancelled.
    ///
    /// # Safety
    ///
    /// Called once for each task, with nodes of tasks of this owner, of which
    /// there is at least one, if it takes batches.
    unsafe fn finished_all(&self, nodes: &[NonNull<Node>], cancelled: bool) {
        let _ = (nodes, cancelled);
        unreachable!("this owner takes no batches");
    }
}

/// How a task is made.
pub(crate) struct NodeOptions {
    pub(crate) owner: NonNull<dyn Owner>,
    pub(crate) spawned_at: &'static Location<'static>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) in_place: bool,
    pub(crate) service: bool,
    pub(crate) shielded: bool,
    pub(crate) heard: bool,
    pub(crate) seat: u32,
    /// When, in nanoseconds of the clock, roughly.
    pub(crate) born: u64,
}

/// The part of a task that others see.
pub(crate) struct Node {
    owner: NonNull<dyn Owner>,
    id: TaskId,
    spawned_at: &'static Location<'static>,
    /// Keeps the allocation alive; set by `start`, taken by `release`.
    waker: UnsafeCell<MaybeUninit<Waker>>,
    /// The task's own scope, made when first asked for: an `Arc` made raw.
    scope: AtomicPtr<Scope>,
    extra: Option<Box<Extra>>,
    state: AtomicU32,
    orphans: AtomicU32,
    seat: AtomicU32,
    polls: AtomicU32,
    /// The owner's key, written by the owner under its lock.
    key: AtomicU32,
    /// How many groups with children in place keep the task at its seat.
    pins: AtomicU32,
    /// In units of 2^20 ns of the clock, about a millisecond: it overflows after
    /// 52 days, and ages are shown modulo that.
    born: u32,
    pub(super) label: Label,
    /// Set by `start`, before the node is shared.
    pub(super) trace: Trace,
}

/// What few tasks have.
struct Extra {
    name: Option<Arc<str>>,
    /// Touched by polls of the task only.
    locals: UnsafeCell<Option<Locals>>,
}

// SAFETY: `owner` is Sync and outlives the task; `waker` is written before the
// node is shared, and read from then on; the locals and the span are touched by polls only;
// the rest is atomic or immutable.
unsafe impl Send for Node {}
// SAFETY: as for `Send`.
unsafe impl Sync for Node {}

impl Node {
    pub(crate) fn new(options: NodeOptions, locals: Option<Locals>) -> Self {
        let state = (u32::from(options.in_place) * IN_PLACE)
            | (u32::from(options.service) * SERVICE)
            | (u32::from(options.shielded) * SHIELDED)
            | (u32::from(options.heard) * HEARD);
        let extra = (options.name.is_some() || locals.is_some()).then(|| {
            Box::new(Extra {
                name: options.name,
                locals: UnsafeCell::new(locals),
            })
        });
        Self {
            owner: options.owner,
            id: TaskId::next(),
            spawned_at: options.spawned_at,
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            scope: AtomicPtr::new(ptr::null_mut()),
            extra,
            state: AtomicU32::new(state),
            orphans: AtomicU32::new(0),
            seat: AtomicU32::new(options.seat),
            polls: AtomicU32::new(0),
            key: AtomicU32::new(0),
            // A task that is born at a seat stays there.
            pins: AtomicU32::new(u32::from(options.seat != NO_SEAT)),
            born: (options.born >> BORN_SHIFT) as u32,
            label: Label::new(),
            trace: Trace::none(),
        }
    }

    pub(crate) fn id(&self) -> TaskId {
        self.id
    }

    pub(crate) fn name(&self) -> Option<&Arc<str>> {
        self.extra.as_ref()?.name.as_ref()
    }

    pub(crate) fn spawned_at(&self) -> &'static Location<'static> {
        self.spawned_at
    }

    /// Returns the values in force in the task.
    ///
    /// # Safety
    ///
    /// Called by the poll of the task, and the result not used beyond that.
    pub(super) unsafe fn locals(&self) -> Option<&Locals> {
        // SAFETY: by contract, and `forget_locals` comes after the last poll.
        unsafe { (*self.extra.as_ref()?.locals.get()).as_ref() }
    }

    /// Drops the values in force: they are the user's, and the node may live
    /// longer than the task.
    ///
    /// # Safety
    ///
    /// Called after the last poll, by the thread that has made it.
    pub(super) unsafe fn forget_locals(&self) {
        if let Some(extra) = &self.extra {
            // SAFETY: by contract nobody else looks at them.
            drop_quietly(unsafe { (*extra.locals.get()).take() });
        }
    }

    pub(crate) fn owner(&self) -> NonNull<dyn Owner> {
        self.owner
    }

    pub(crate) fn label(&self) -> &Label {
        &self.label
    }

    fn age(&self, now: u64) -> Duration {
        let units = ((now >> BORN_SHIFT) as u32).wrapping_sub(self.born);
        Duration::from_nanos(u64::from(units) << BORN_SHIFT)
    }

    pub(crate) fn key(&self) -> usize {
        // Relaxed: written and read under the owner's lock.
        self.key.load(Ordering::Relaxed) as usize
    }

    pub(crate) fn set_key(&self, key: usize) {
        let key = u32::try_from(key).expect("a group has fewer than 2^32 tasks");
        // Relaxed: as in `key`.
        self.key.store(key, Ordering::Relaxed);
    }

    pub(crate) fn polls(&self) -> u32 {
        // Relaxed: shown, nothing else.
        self.polls.load(Ordering::Relaxed)
    }

    pub(super) fn count_poll(&self) {
        // Relaxed, and no read-modify-write: one thread polls at a time.
        let polls = self.polls.load(Ordering::Relaxed);
        self.polls.store(polls.wrapping_add(1), Ordering::Relaxed);
    }

    fn flag(&self, flag: u32) -> bool {
        // Acquire pairs with the release in `raise`: the cause is visible.
        self.state.load(Ordering::Acquire) & flag != 0
    }

    fn raise(&self, flags: u32) {
        // Release pairs with the acquire in `flag`.
        self.state.fetch_or(flags, Ordering::Release);
    }

    /// Whether what is suspended in the task is to be dropped: its group was
    /// cancelled, or its own scope.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.flag(CANCELLED) || self.existing_scope().is_some_and(Scope::is_task_ended)
    }

    pub(crate) fn is_in_place(&self) -> bool {
        self.flag(IN_PLACE)
    }

    pub(crate) fn is_service(&self) -> bool {
        self.flag(SERVICE)
    }

    pub(crate) fn is_shielded(&self) -> bool {
        self.flag(SHIELDED)
    }

    pub(super) fn is_heard(&self) -> bool {
        self.flag(HEARD)
    }

    pub(super) fn is_doomed(&self) -> bool {
        self.flag(DOOMED)
    }

    /// Sets the flag that what is suspended in the task is to be dropped.
    ///
    /// The task sees it at its next poll; the caller wakes it.
    pub(crate) fn set_cancelled(&self) {
        self.raise(CANCELLED);
    }

    /// Makes the next poll drop the user's future without polling it, shields
    /// or not. For children in place, whose group goes now.
    pub(crate) fn doom(&self) {
        self.raise(CANCELLED | DOOMED);
    }

    /// Cancels this task alone, and what is below it.
    ///
    /// May be called by whoever keeps the allocation alive, also while the task
    /// ends, and its owner with it.
    pub(crate) fn cancel(&self, cause: Cancelled) {
        // As if it were an orphan: the task does not end before it is taken
        // back, so the owner is there while the scope is made below its own.
        // Acquire pairs with the release in `remove_orphan`, for what the owner
        // has done meanwhile; Relaxed if nothing follows.
        let keep = |orphans: u32| (orphans & ENDED == 0).then_some(orphans + 1);
        let kept = self
            .orphans
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, keep);
        if kept.is_ok() {
            self.own_scope().cancel(cause);
            self.remove_orphan();
            self.wake();
        }
    }

    /// Schedules the task.
    pub(crate) fn wake(&self) {
        self.waker().wake_by_ref();
    }

    /// Returns the task's waker.
    ///
    /// It stays usable, though without effect, after `release`, as long as
    /// something keeps the allocation alive; whoever holds `&self` does.
    pub(crate) fn waker(&self) -> &Waker {
        // SAFETY: `start` wrote it before it shared the node. After `release`
        // the bits are still a waker of this allocation, which is alive, and
        // we give out no more than a borrow of it.
        unsafe { (*self.waker.get()).assume_init_ref() }
    }

    /// Makes what was done before a wake-up visible to the poll that follows.
    ///
    /// async-task sees to that, but not so that loom would notice.
    #[cfg(all(test, loom))]
    pub(super) fn acquire_wake_ups(&self) {
        self.state.fetch_or(0, Ordering::Acquire);
        self.orphans.fetch_add(0, Ordering::Acquire);
        self.polls.fetch_add(0, Ordering::Acquire);
        let null = ptr::null_mut();
        let _ = self
            .scope
            .compare_exchange(null, null, Ordering::Acquire, Ordering::Acquire);
        if let Some(scope) = self.existing_scope() {
            scope.acquire_task_ended();
        }
    }

    /// Sets the waker that keeps the allocation alive.
    ///
    /// # Safety
    ///
    /// Called once, before anybody else can see the node.
    pub(super) unsafe fn hold(&self, waker: Waker) {
        // SAFETY: nobody else can see the node.
        unsafe { (*self.waker.get()).write(waker) };
    }

    /// Takes the waker that keeps the allocation alive.
    ///
    /// # Safety
    ///
    /// Called once, by the owner when the task has finished. The node may be
    /// gone when the waker is dropped.
    pub(crate) unsafe fn release(this: NonNull<Self>) -> Waker {
        // SAFETY: alive, since the waker has not been taken.
        let node = unsafe { this.as_ref() };
        if let Some(scope) = node.existing_scope() {
            scope.forget_task();
        }
        // SAFETY: `hold` was called, and this is the only call that takes it.
        unsafe { (*node.waker.get()).assume_init_read() }
    }

    pub(crate) fn seat(&self) -> u32 {
        // Relaxed: a task is pinned and unpinned by its own polls, and whoever
        // schedules the next poll is ordered after them by its waking.
        self.seat.load(Ordering::Relaxed)
    }

    /// Keeps the task at `seat`, where it is being polled, until `unpin` was
    /// called as often as this. Tells whether it was free before.
    #[must_use = "the seat counts the tasks that are pinned to it"]
    pub(crate) fn pin(&self, seat: u32) -> bool {
        // Relaxed, both: as in `seat`.
        let first = self.pins.fetch_add(1, Ordering::Relaxed) == 0;
        if first {
            self.seat.store(seat, Ordering::Relaxed);
        }
        first
    }

    /// Undoes one `pin`, in a poll of the task. Tells whether it is free now.
    #[must_use = "the seat counts the tasks that are pinned to it"]
    pub(crate) fn unpin(&self) -> bool {
        // Relaxed, both: as in `seat`.
        let last = self.pins.fetch_sub(1, Ordering::Relaxed) == 1;
        if last {
            self.seat.store(NO_SEAT, Ordering::Relaxed);
        }
        last
    }

    /// Counts a group that was dropped with children still running.
    pub(crate) fn add_orphan(&self) {
        // Relaxed: done in a poll of this very task, which alone reads zero.
        self.orphans.fetch_add(1, Ordering::Relaxed);
    }

    /// The last child of such a group has ended. The caller then wakes the task.
    pub(crate) fn remove_orphan(&self) {
        // Release pairs with the acquire in `try_end`: the destructors of the
        // orphans have run before the task ends.
        self.orphans.fetch_sub(1, Ordering::Release);
    }

    /// Lets the task end, unless it has orphans or is just being cancelled: whoever
    /// ends that wakes it.
    pub(super) fn try_end(&self) -> bool {
        // Acquire pairs with the release in `remove_orphan`. It is an exchange
        // and not a load because `cancel` must not come in between.
        self.orphans
            .compare_exchange(0, ENDED, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    pub(crate) fn owner_scope(&self) -> &Arc<Scope> {
        // SAFETY: the owner outlives the task.
        unsafe { self.owner.as_ref() }.scope()
    }

    /// Returns the task's own scope if it has one.
    pub(crate) fn existing_scope(&self) -> Option<&Scope> {
        // Acquire pairs with the exchange in `own_scope`.
        let scope = self.scope.load(Ordering::Acquire);
        // SAFETY: null, or what `Arc::into_raw` returned; the node owns that
        // reference until it is dropped.
        unsafe { scope.as_ref() }
    }

    /// Returns the task's own scope, and makes it if need be.
    ///
    /// A scope made after the owner's was cancelled is born cancelled, so a
    /// task and its canceller need no further agreement about it.
    pub(crate) fn own_scope(&self) -> Arc<Scope> {
        if self.existing_scope().is_none() {
            let above = match self.is_shielded() {
                true => self.owner_scope().child(Kind::Shield),
                false => self.owner_scope().clone(),
            };
            let made = Arc::into_raw(above.child_of_task(self.waker().clone())).cast_mut();
            // Release pairs with the acquire in `existing_scope`; when somebody
            // else was first, the load below acquires what they have put.
            let put = self.scope.compare_exchange(
                ptr::null_mut(),
                made,
                Ordering::Release,
                Ordering::Relaxed,
            );
            if put.is_err() {
                // SAFETY: just made by `into_raw`, and not put anywhere.
                drop(unsafe { Arc::from_raw(made) });
            }
        }
        // Acquire pairs with the exchange above.
        let scope = self.scope.load(Ordering::Acquire);
        // SAFETY: not null any more; the node owns a reference, and the new
        // one is counted before it is made.
        unsafe {
            Arc::increment_strong_count(scope);
            Arc::from_raw(scope)
        }
    }

    /// Returns what the task waits for, in words, if that is known.
    pub(crate) fn wait(&self) -> Option<Cow<'static, str>> {
        let (text, details) = self.label.get()?;
        let name = details.id().and_then(stats::name_of);
        Some(match (details.is_ask(), name) {
            (false, None) => text.into(),
            (false, Some(name)) => format!("{text} `{name}`").into(),
            (true, None) => format!("ask `{text}`").into(),
            (true, Some(name)) => format!("ask `{name}.{text}`").into(),
        })
    }

    /// Describes the task, for the live tree, without the groups that it has
    /// open: those are in the scope that comes with the report, and are to be
    /// described when no lock is held.
    pub(crate) fn describe(&self, kind: TaskKind, now: u64) -> (TaskReport, Option<Arc<Scope>>) {
        let cancelled = self.is_cancelled().then(|| self.cause()).flatten();
        let report = TaskReport {
            id: self.id.to_string(),
            name: self.name().cloned(),
            spawned_at: self.spawned_at,
            kind,
            age: self.age(now),
            polls: self.polls(),
            busy: None,
            stalled: None,
            doing: None,
            waiting_for: self.wait().map(Cow::into_owned),
            due: self.label.get().and_then(|(_, details)| details.due(now)),
            cancelled: cancelled.map(|cause| cause.to_string()),
            groups: Vec::new(),
        };
        let scope = self.existing_scope().is_some().then(|| self.own_scope());
        (report, scope)
    }

    /// The task's name, or its number where it has none.
    pub(crate) fn display_name(&self) -> Arc<str> {
        match self.name() {
            Some(name) => name.clone(),
            None => self.id.to_string().into(),
        }
    }

    /// Why the task was cancelled, if it was.
    pub(crate) fn cause(&self) -> Option<Arc<Cancelled>> {
        let own = self.existing_scope().and_then(|scope| scope.cause());
        let above = || self.owner_scope().cause().filter(|_| !self.is_shielded());
        own.or_else(above).cloned()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Acquire pairs with the exchange in `own_scope`.
        let scope = self.scope.load(Ordering::Acquire);
        if !scope.is_null() {
            // SAFETY: made by `Arc::into_raw` in `own_scope`, given up here.
            drop(unsafe { Arc::from_raw(scope) });
        }
    }
}

impl TaskBase for TaskCx {
    fn scope(&self) -> Arc<Scope> {
        self.node().own_scope()
    }

    fn is_ended(&self) -> bool {
        self.node().is_cancelled()
    }

    fn is_protected(&self) -> bool {
        let scope = self.node().existing_scope();
        scope.is_some_and(|scope| scope.is_protected())
    }

    fn shelter(&self) -> Arc<AtomicU32> {
        self.node().own_scope().shelter().clone()
    }

    fn cause(&self) -> Option<Arc<Cancelled>> {
        self.node().cause()
    }

    fn name(&self) -> Arc<str> {
        self.node().display_name()
    }

    fn waiter(&self) -> Option<Waiter> {
        self.node().owner_scope().waiter().cloned()
    }
}

/// Adds to reports of tasks the groups that they have open.
pub(crate) fn describe_below(
    tasks: Vec<(TaskReport, Option<Arc<Scope>>)>,
    depth: usize,
) -> Vec<TaskReport> {
    let with_groups = |(mut report, scope): (TaskReport, Option<Arc<Scope>>)| {
        report.groups = scope.map_or(Vec::new(), |scope| scope.describe(depth));
        report
    };
    tasks.into_iter().map(with_groups).collect()
}

/// Turns a payload that a panic carried into words.
pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(message) = payload.downcast_ref::<&'static str>() {
        return (*message).to_owned();
    }
    match payload.downcast_ref::<String>() {
        Some(message) => message.clone(),
        None => "a value that is not a message".to_owned(),
    }
}
