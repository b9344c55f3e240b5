//! The nodes of the cancellation tree.

#[cfg(all(test, loom))]
mod loom_tests;

use super::cause::Cancelled;
use crate::prim::Lock;
use crate::prim::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use crate::stats;
use crate::time::{Sleep, sleep};
use crate::trace::{self, Event, What};
use crate::tree::{DEEPEST, GroupReport};
use crate::wait::{WaitKey, WaitSet};
use slab::Slab;
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

/// The state of a scope. It only grows.
const ACTIVE: u8 = 0;
/// Asked to end: whoever looks sees it; nothing is dropped yet.
const ASKED: u8 = 1;
/// Ended: what is suspended in it and not protected is dropped.
const ENDED: u8 = 2;

/// What belongs to a scope besides the scopes below it: a group.
pub(crate) trait OnCancel: Send + Sync {
    /// The scope's state has been raised; `ended` tells how far.
    fn on_cancel(&self, ended: bool);

    /// A group below has been dropped with children still running: the group
    /// does not end before [`OnCancel::release`]. Called inside of its body.
    fn adopt(&self);

    /// Those children have ended.
    fn release(&self);

    /// The task that opened the group has ended while the group's future has
    /// neither ended nor been dropped: it was forgotten, or handed out. Cancels
    /// the group and has that task, which is being polled, wait for it.
    fn abandon(&self);

    /// Describes the group and what is below it, for the live tree.
    fn describe(&self, depth: usize) -> GroupReport;
}

/// Who waits for what runs in a scope, as those above this module know it.
pub(crate) type Waiter = Arc<dyn Any + Send + Sync>;

pub(crate) struct Scope {
    parent: Option<Arc<Scope>>,
    /// The place among the parent's children.
    key: usize,
    /// Whether cancellation from above stops here.
    shield: bool,
    /// Whether a task begins here: protection is counted up to this one.
    task: bool,
    /// Of a task's scope: whether what is suspended in the task is to be dropped.
    /// Set when the scope and all below it have been raised.
    task_ended: AtomicBool,
    state: AtomicU8,
    /// Of a task's scope: how many shields and waiting groups the task has.
    protected: Arc<AtomicU32>,
    cause: OnceLock<Arc<Cancelled>>,
    /// Of this scope and those below it, unless they have another one.
    waiter: Option<Waiter>,
    inner: Lock<Inner>,
}

struct Inner {
    children: Slab<Below>,
    waiters: WaitSet,
    /// The group that the scope belongs to.
    hook: Option<Weak<dyn OnCancel>>,
    /// The task that the scope belongs to, to be woken when the scope has ended.
    /// Kept until then, or until the task has ended.
    task_waker: Option<Waker>,
    /// Ends the scope when its grace period is over.
    grace: Option<Pin<Box<Sleep>>>,
}

/// A scope as the one above it knows it.
struct Below {
    scope: Weak<Scope>,
    /// As in the scope. To look there takes a reference, and if that turned out
    /// to be the last one, the scope would be dropped under the lock that it
    /// takes to unlink itself.
    shield: bool,
}

/// A cancellation that goes down the tree.
#[derive(Default)]
struct Raising {
    /// The scopes that are still to be raised, each with its cause.
    below: Vec<(Arc<Scope>, Arc<Cancelled>)>,
    /// Whom to tell in the end.
    waiters: Vec<Waker>,
    /// Scopes of tasks that have been ended.
    tasks: Vec<Arc<Scope>>,
    hooks: Vec<Arc<dyn OnCancel>>,
}

/// What kind of scope to make below another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Shield,
    /// A task's own. See [`Scope::child_of_task`].
    Task,
}

impl Scope {
    /// Makes a scope with nothing above it.
    pub(crate) fn root() -> Arc<Self> {
        Arc::new(Self::unlinked(None, 0, Kind::Task, None, None))
    }

    fn unlinked(
        parent: Option<Arc<Self>>,
        key: usize,
        kind: Kind,
        task_waker: Option<Waker>,
        waiter: Option<Waiter>,
    ) -> Self {
        Self {
            parent,
            key,
            shield: kind == Kind::Shield,
            task: kind == Kind::Task,
            task_ended: AtomicBool::new(false),
            state: AtomicU8::new(ACTIVE),
            protected: Arc::new(AtomicU32::new(0)),
            cause: OnceLock::new(),
            waiter,
            inner: Lock::new(Inner {
                children: Slab::new(),
                waiters: WaitSet::new(),
                hook: None,
                task_waker,
                grace: None,
            }),
        }
    }

    /// Makes a scope below `self`; born cancelled if `self` is and it is not a
    /// shield.
    pub(crate) fn child(self: &Arc<Self>, kind: Kind) -> Arc<Self> {
        self.link(kind, None, self.waiter.clone())
    }

    /// Makes a scope below `self` for what somebody else waits for.
    pub(crate) fn child_for(self: &Arc<Self>, waiter: Waiter) -> Arc<Self> {
        self.link(Kind::Plain, None, Some(waiter))
    }

    /// Makes the scope of a task, which is woken when the scope ends.
    ///
    /// The caller sees to it that `forget_task` is called in time: the waker
    /// keeps the task's allocation alive, and that the scope.
    pub(crate) fn child_of_task(self: &Arc<Self>, waker: Waker) -> Arc<Self> {
        self.link(Kind::Task, Some(waker), self.waiter.clone())
    }

    fn link(
        self: &Arc<Self>,
        kind: Kind,
        task_waker: Option<Waker>,
        waiter: Option<Waiter>,
    ) -> Arc<Self> {
        let child = {
            let mut inner = self.inner.lock();
            let place = inner.children.vacant_entry();
            let parent = Some(self.clone());
            let key = place.key();
            let child = Arc::new(Self::unlinked(parent, key, kind, task_waker, waiter));
            place.insert(Below {
                scope: Arc::downgrade(&child),
                shield: child.shield,
            });
            child
        };
        // Read after linking: see the protocol in the module's documentation.
        let state = self.state();
        if state != ACTIVE
            && kind != Kind::Shield
            && let Some(cause) = self.cause()
        {
            child.raise(state, cause.inherited());
        }
        child
    }

    /// Connects a group that cancellation of this scope goes on to.
    ///
    /// If the scope is being cancelled, either the group is told, or what reads
    /// the state after this call sees it.
    pub(crate) fn set_hook(&self, hook: Weak<dyn OnCancel>) {
        let before = self.inner.lock().hook.replace(hook);
        debug_assert!(before.is_none(), "a scope belongs to one group");
    }

    fn state(&self) -> u8 {
        // Acquire pairs with the release in `raise`: whoever sees the state
        // sees the cause.
        self.state.load(Ordering::Acquire)
    }

    /// Whether it was asked to end, or has ended.
    pub(crate) fn is_asked(&self) -> bool {
        self.state() >= ASKED
    }

    /// Whether what is suspended in it is to be dropped.
    pub(crate) fn is_ended(&self) -> bool {
        self.state() == ENDED
    }

    /// Whether what is suspended in the group around the task that the scope belongs
    /// to is *not* to be dropped.
    pub(super) fn group_goes_on(&self) -> bool {
        let mut scope = self;
        while let Some(above) = &scope.parent {
            if scope.task {
                return !above.is_ended();
            }
            scope = above;
        }
        false
    }

    pub(crate) fn cause(&self) -> Option<&Arc<Cancelled>> {
        self.cause.get()
    }

    /// Who waits for what runs in it, if somebody has said so.
    pub(crate) fn waiter(&self) -> Option<&Waiter> {
        self.waiter.as_ref()
    }

    pub(crate) fn shelter(&self) -> &Arc<AtomicU32> {
        &self.protected
    }

    pub(crate) fn is_protected(&self) -> bool {
        // Relaxed: counted and read by polls of one task, which are ordered by
        // the task's scheduling.
        self.protected.load(Ordering::Relaxed) != 0
    }

    pub(super) fn hook(&self) -> Option<Arc<dyn OnCancel>> {
        let hook = self.inner.lock().hook.clone();
        hook?.upgrade()
    }

    /// Abandons the groups in this scope and the scopes below it, within the
    /// same task.
    ///
    /// Works on a list of its own, as `raise` does.
    pub(crate) fn abandon_groups(&self) {
        let mut below = self.below();
        while let Some(scope) = below.pop() {
            match scope.hook() {
                Some(group) => group.abandon(),
                None if scope.task => {}
                None => below.append(&mut scope.below()),
            }
        }
    }

    /// Returns the scopes right below.
    fn below(&self) -> Vec<Arc<Self>> {
        let inner = self.inner.lock();
        let children = inner.children.iter();
        let scopes = children.filter_map(|(_, child)| child.scope.upgrade());
        scopes.collect()
    }

    /// Describes the groups in this scope and the scopes below it, within the
    /// same task, for the live tree.
    pub(crate) fn describe(&self, depth: usize) -> Vec<GroupReport> {
        if depth >= DEEPEST {
            return Vec::new();
        }
        let below = self.below();
        // A group describes the tasks in it, and each of those its own scope,
        // so the scopes below a group's are not looked at here.
        let groups = below.iter().flat_map(|scope| match scope.hook() {
            Some(group) => vec![group.describe(depth + 1)],
            None if scope.task => Vec::new(),
            None => scope.describe(depth),
        });
        groups.collect()
    }

    /// Cancels the scope and everything below it.
    pub(crate) fn cancel(&self, cause: Cancelled) {
        note_in_trace(&cause);
        self.raise(ENDED, Arc::new(cause));
    }

    /// Asks the scope to end, and ends it when `grace` is over.
    pub(crate) fn cancel_after(self: &Arc<Self>, grace: Duration, cause: Cancelled) {
        if grace.is_zero() {
            return self.cancel(cause);
        }
        note_in_trace(&cause);
        self.raise(ASKED, Arc::new(cause));
        // The timer holds the scope weakly: a scope that is gone needs no end.
        let waker = Waker::from(Arc::new(End(Arc::downgrade(self))));
        let mut timer = Box::pin(sleep(grace));
        let over = timer
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready();
        if over {
            self.end();
        } else {
            // Of two grace periods the one that is over first ends the scope.
            let unneeded = {
                let mut inner = self.inner.lock();
                match &inner.grace {
                    Some(first) if first.deadline() <= timer.deadline() => Some(timer),
                    _ => inner.grace.replace(timer),
                }
            };
            drop(unneeded);
        }
    }

    /// Ends a scope whose cause is known already.
    fn end(&self) {
        if let Some(cause) = self.cause() {
            self.raise(ENDED, cause.clone());
        }
    }

    /// Raises the state to `state`, here and below.
    ///
    /// Works on a list of its own: ten thousand nested groups must not need ten
    /// thousand stack frames.
    fn raise(&self, state: u8, cause: Arc<Cancelled>) {
        let mut raising = Raising::default();
        let raised = self.raise_here(state, cause, &mut raising);
        while let Some((scope, cause)) = raising.below.pop() {
            if scope.raise_here(state, cause, &mut raising) && scope.task {
                raising.tasks.push(scope);
            }
        }
        // Woken when the last state has been raised: a task's last poll is to
        // see all the scopes that it has as what they are.
        raising.waiters.into_iter().for_each(Waker::wake);
        if state == ENDED {
            if raised && self.task {
                self.end_task();
            }
            raising.tasks.iter().for_each(|scope| scope.end_task());
        }
        for hook in raising.hooks {
            hook.on_cancel(state == ENDED);
        }
    }

    /// Tells whether the state was lower.
    fn raise_here(&self, state: u8, cause: Arc<Cancelled>, raising: &mut Raising) -> bool {
        // The first cause stays: it is what really ended the scope.
        let cause = self.cause.get_or_init(|| cause);
        // Release pairs with the acquire in `state`: the cause is visible. It
        // is an exchange that also acquires, so that of two cancellers the
        // second sees what the first has done to the children.
        if self.state.fetch_max(state, Ordering::AcqRel) >= state {
            return false;
        }
        let hook = {
            let mut inner = self.inner.lock();
            let children = inner.children.iter();
            let reached = children.filter(|(_, child)| !child.shield);
            let reached = reached.filter_map(|(_, child)| child.scope.upgrade());
            raising
                .below
                .extend(reached.map(|scope| (scope, cause.inherited())));
            inner.waiters.drain_to(&mut raising.waiters);
            inner.hook.clone()
        };
        raising.hooks.extend(hook.and_then(|hook| hook.upgrade()));
        true
    }

    /// Ends the task that the scope belongs to.
    fn end_task(&self) {
        // Release pairs with the acquire in `is_task_ended`.
        self.task_ended.swap(true, Ordering::Release);
        let waker = self.inner.lock().task_waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Of a task's scope: whether what is suspended in the task is to be dropped.
    pub(crate) fn is_task_ended(&self) -> bool {
        // Acquire pairs with the release in `end_task`: the causes are visible.
        self.task_ended.load(Ordering::Acquire)
    }

    /// See `Node::acquire_wake_ups`.
    #[cfg(all(test, loom))]
    pub(crate) fn acquire_task_ended(&self) {
        self.task_ended.fetch_or(false, Ordering::Acquire);
    }

    /// The task that the scope belongs to has ended, or nobody will run it.
    pub(crate) fn forget_task(&self) {
        let waker = self.inner.lock().task_waker.take();
        drop(waker);
    }

    /// Registers `waker` to be woken when the state is raised; tells whether
    /// it has been raised to at least `state` already.
    pub(super) fn wait(&self, key: &mut Option<WaitKey>, waker: &Waker, ended: bool) -> bool {
        let wanted = if ended { ENDED } else { ASKED };
        if self.state() >= wanted {
            return true;
        }
        let before = self.inner.lock().waiters.register(key, waker);
        drop(before);
        // Again, after registering: a canceller that took the waiters before us
        // had raised the state before that.
        self.state() >= wanted
    }

    pub(super) fn forget_waiter(&self, key: &mut Option<WaitKey>) {
        if key.is_some() {
            let waker = self.inner.lock().waiters.remove(key);
            drop(waker);
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if let Some(parent) = &self.parent {
            let mut inner = parent.inner.lock();
            inner.children.try_remove(self.key);
        }
    }
}

#[inline(never)]
fn note_in_trace(cause: &Cancelled) {
    if !stats::ON {
        return;
    }
    trace::record(|| {
        let at = crate::time::current_timers()?.clock().nanos();
        let what = What::Cancel(cause.to_string());
        Some(Event { at, what })
    });
}

/// Ends a scope when its grace period is over.
struct End(Weak<Scope>);

impl Wake for End {
    fn wake(self: Arc<Self>) {
        if let Some(scope) = self.0.upgrade() {
            scope.end();
        }
    }
}
