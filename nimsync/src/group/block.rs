//! The part of a group that its children know.

mod cancelling;
mod leaving;
#[cfg(all(test, loom))]
mod loom_tests;

use super::error::{GroupError, Inner};
use super::ledger::{Counts, Deferred, Local, NodeRef, State};
use super::options::{GroupOptions, Policy};
use crate::cancel::{
    CancelReason, Cancelled, Kind, OnCancel, Scope, current_scope, enclosing_group,
};
use crate::prim::Lock;
use crate::runtime::{self, ForeignHandle, Shared};
use crate::task::{
    self, End, NO_SEAT, Node, NodeOptions, Output, Owner, Runnable, Started, TaskFailure,
    TaskOutput, drop_quietly,
};
use crate::time::Timers;
use crate::wait::{Drained, WaitKey, replace_waker};
use async_task::Task;
use futures::FutureExt;
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, resume_unwind};
use std::ptr::NonNull;
use std::sync::{Arc, Weak};
use std::task::Waker;

pub(crate) struct Block {
    this: Weak<Self>,
    pub(super) shared: Arc<Shared>,
    pub(super) scope: Arc<Scope>,
    pub(super) options: GroupOptions,
    /// The tokio runtime that children are to find.
    foreign: ForeignHandle,
    opened_at: &'static Location<'static>,
    /// When, in nanoseconds of the clock, roughly.
    opened: u64,
    state: Lock<State>,
    /// Children in place that want to be polled.
    pub(super) local: Lock<Local>,
}

/// What kind of child to spawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ChildKind {
    Parallel,
    InPlace,
    Service,
    /// A service with things to see to: it is polled before it is cut, even if its
    /// group is done before it began.
    Host,
    Deferred,
}

impl ChildKind {
    fn is_service(self) -> bool {
        matches!(self, Self::Service | Self::Host)
    }
}

impl Block {
    /// Opens a group in the scope and the runtime of the calling task.
    pub(super) fn open(
        shared: Arc<Shared>,
        options: GroupOptions,
        opened_at: &'static Location<'static>,
    ) -> Arc<Self> {
        let above = current_scope().unwrap_or_else(Scope::root);
        let timers = crate::time::current_timers();
        let opened = timers.unwrap_or(shared.timers()).seen();
        let block = Arc::new_cyclic(|this| Self {
            this: this.clone(),
            opened,
            foreign: shared.foreign_here(),
            shared,
            scope: above.child(Kind::Plain),
            options,
            opened_at,
            state: Lock::new(State::new()),
            local: Lock::new(Local::new()),
        });
        let hook = Arc::downgrade(&block) as Weak<dyn OnCancel>;
        if task::current().is_none() && enclosing_group().is_none() {
            block.shared.add_outer_group(hook.clone());
        }
        block.scope.set_hook(hook);
        block
    }

    /// Makes a task a child; hands the future back, dropped, if the group has
    /// been closed.
    ///
    /// # Safety
    ///
    /// - A future that is not in place is `Send`, and so is its output.
    /// - What the future borrows outlives the task: for a child in place until
    ///   the core has been dropped, else until the task has finished.
    /// - The output is `'static`, or outlives the handle.
    pub(super) unsafe fn spawn<F>(
        &self,
        future: F,
        kind: ChildKind,
        name: Option<Arc<str>>,
        spawned_at: &'static Location<'static>,
    ) -> Option<Task<Output<<F::Output as TaskOutput>::Value>, Node>>
    where
        F: Future,
        F::Output: TaskOutput,
    {
        let in_place = kind == ChildKind::InPlace;
        let owner: NonNull<dyn Owner + '_> = NonNull::from(self);
        let options = NodeOptions {
            owner,
            spawned_at,
            name,
            in_place,
            service: kind.is_service(),
            heard: kind == ChildKind::Host,
            shielded: kind == ChildKind::Deferred,
            seat: NO_SEAT,
            born: crate::time::current_timers()
                .map_or_else(|| self.shared.timers().read(), Timers::seen),
        };
        let too_late;
        // SAFETY: the caller vouches for the future. In-place tasks are run by
        // the core only. The block outlives its tasks (invariant 2).
        let Started { runnable, handle } =
            unsafe { task::start(self.foreign.wrap(future), options) };
        let node = handle.metadata();
        let mut runnable = Some(runnable);
        {
            let mut state = self.state.lock();
            if state.closed && kind != ChildKind::Deferred {
                drop(state);
                // Dropping the runnable drops the future; the waker in the node
                // is the last thing that holds the task but for the handle.
                drop(runnable);
                // SAFETY: nobody else has seen the node, so nobody else will
                // release it.
                drop(unsafe { Node::release(node.into()) });
                handle.detach();
                return None;
            }
            let key = state.tasks.insert(NodeRef(node.into()));
            node.set_key(key);
            // The services have been cancelled, and the core does not look again. (If
            // there are children, it will.)
            too_late = kind.is_service() && state.joining && state.children == 0;
            if matches!(kind, ChildKind::Parallel | ChildKind::InPlace) {
                state.children += 1;
                state.in_place += usize::from(in_place);
                if let Some(limit) = self.options.limit {
                    if state.running >= limit {
                        state.queued.extend(runnable.take());
                    } else {
                        state.running += 1;
                    }
                }
            }
        }
        // After the insertion: a cancellation that has not found the child in
        // the list has raised the scope's state before.
        if self.scope.is_ended() && kind != ChildKind::Deferred {
            node.set_cancelled();
            if runnable.is_none() {
                // It waits for its turn, or has had it: then it may have been
                // polled before the flag was set.
                node.wake();
            }
        }
        if too_late {
            node.cancel(Cancelled::at(CancelReason::Done, None, self.opened_at));
        }
        let eager = self.options.eager && kind == ChildKind::Parallel;
        match runnable {
            None => self.shared.count_spawn(),
            Some(runnable) if in_place => {
                self.shared.count_spawn();
                self.queue_in_place(runnable, false);
            }
            Some(runnable) if eager && runtime::works_for(&self.shared) => {
                self.shared.count_spawn();
                // It may have been pinned in this poll, and have ended.
                if task::run(runnable) {
                    runtime::release_seat();
                }
            }
            // SAFETY: `self` keeps the runtime alive.
            Some(runnable) => unsafe {
                runtime::schedule_spawned(NonNull::from(&*self.shared), runnable);
            },
        }
        Some(handle)
    }

    fn queue_in_place(&self, runnable: Runnable, yielded: bool) {
        let waker = {
            let mut local = self.local.lock();
            if yielded {
                local.yielded.push_back(runnable);
            } else {
                local.queue.push_back(runnable);
            }
            if local.driving {
                None
            } else {
                local.waker.take()
            }
        };
        // The block may be gone here: the host may have polled the task, and
        // the group ended, on another thread.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn add_deferred(&self, deferred: Deferred) {
        self.state.lock().deferred.push(deferred);
    }

    /// The body has ended: from now on the core is woken by the last child.
    ///
    /// Returns whether no task and no clean-up is left. If not, `waker` is
    /// stored. When only services are left, they are cancelled; when only
    /// clean-up is left, it is started.
    pub(super) fn join(&self, waker: &Waker) -> bool {
        let (wait, no_tasks, before) = {
            let mut state = self.state.lock();
            state.joining = true;
            if state.is_empty() && state.deferred.is_empty() {
                state.closed = true;
                return true;
            }
            let before = replace_waker(&mut state.waker, waker);
            let wait = state.children != 0 || (state.tasks.is_empty() && state.orphans != 0);
            (wait, state.tasks.is_empty(), before)
        };
        drop(before);
        if wait {
            return false;
        }
        if no_tasks {
            self.start_deferred();
        } else {
            self.cancel_services();
        }
        false
    }

    /// Starts the task that runs the clean-up, if there is any.
    fn start_deferred(&self) {
        let deferred = std::mem::take(&mut self.state.lock().deferred);
        if deferred.is_empty() {
            return;
        }
        let run = async move {
            let mut panic = None;
            for one in deferred.into_iter().rev() {
                // Clean-up that does not end in time is dropped; there is
                // nobody left to tell.
                let limited = crate::cancel::timeout(one.limit, one.future);
                if let Err(payload) = AssertUnwindSafe(limited).catch_unwind().await {
                    drop_quietly(panic.replace(payload));
                }
            }
            if let Some(payload) = panic {
                resume_unwind(payload);
            }
        };
        // SAFETY: the future owns what it uses and is `Send`.
        let handle = unsafe { self.spawn(run, ChildKind::Deferred, None, self.opened_at) };
        if let Some(handle) = handle {
            handle.detach();
        }
    }

    /// Lets the core be woken by cancellation although its body has not ended.
    pub(super) fn watch(&self, waker: &Waker) {
        let before = replace_waker(&mut self.state.lock().waker, waker);
        drop(before);
    }

    /// Cancels the group because of one of its tasks.
    fn fail(&self, reason: CancelReason, node: &Node) {
        let cause = Cancelled::at(reason, Some(node.display_name()), node.spawned_at());
        self.scope.cancel_after(self.options.grace, cause);
    }

    pub(super) fn record_body_failure(&self, failure: TaskFailure) {
        self.state.lock().failures.push(failure);
    }

    pub(super) fn record_panic(&self, payload: Box<dyn Any + Send>) {
        let mut state = self.state.lock();
        let later = if state.panic.is_none() {
            state.panic = Some(payload);
            None
        } else {
            Some(payload)
        };
        drop(state);
        drop_quietly(later);
    }

    /// Takes down the failure of a child, unless nobody wants it.
    fn record_failure(&self, failure: TaskFailure) {
        if self.options.policy == Policy::IgnoreErrors {
            drop_quietly(failure);
        } else {
            self.state.lock().failures.push(failure);
        }
    }

    pub(super) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.state.lock().panic.take()
    }

    pub(super) fn counts(&self) -> Counts {
        self.state.lock().counts
    }

    /// Returns how many children live, and how many of them may run.
    pub(super) fn alive(&self) -> (usize, usize) {
        let state = self.state.lock();
        (state.children, state.children - state.queued.len())
    }

    pub(super) fn has_room(&self, key: &mut Option<WaitKey>, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if self.options.limit.is_none_or(|limit| state.running < limit) {
            return true;
        }
        let before = state.room.register(key, waker);
        drop(state);
        drop(before);
        false
    }

    pub(super) fn forget_room(&self, key: &mut Option<WaitKey>) {
        if key.is_some() {
            let waker = self.state.lock().room.remove(key);
            drop(waker);
        }
    }

    pub(super) fn opened_at(&self) -> &'static Location<'static> {
        self.opened_at
    }

    /// Returns the error of a group that has ended without success.
    pub(super) fn error(&self) -> GroupError {
        GroupError::new(Inner {
            name: self.options.name.clone(),
            opened_at: self.opened_at,
            failures: self.take_failures(),
            cancelled: self.scope.cause().cloned(),
        })
    }

    pub(super) fn take_failures(&self) -> Vec<TaskFailure> {
        std::mem::take(&mut self.state.lock().failures)
    }

    pub(super) fn has_failures(&self) -> bool {
        !self.state.lock().failures.is_empty()
    }

    /// Whether a child in place is alive.
    pub(super) fn has_in_place(&self) -> bool {
        self.state.lock().in_place != 0
    }

    /// With a limit: queues in place or on the workers the child whose turn it
    /// is.
    fn dispatch(&self, runnable: Runnable) {
        if runnable.metadata().is_in_place() {
            self.queue_in_place(runnable, false);
        } else {
            // SAFETY: the runnable's task is unfinished, so the block is alive,
            // and it keeps the runtime alive.
            unsafe { runtime::schedule(NonNull::from(&*self.shared), runnable, true) };
        }
    }
}

// SAFETY: the block outlives its tasks (invariant 2 of the module).
unsafe impl Owner for Block {
    fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    fn schedule(&self, runnable: Runnable, woken_while_running: bool) {
        if runnable.metadata().is_in_place() {
            self.queue_in_place(runnable, woken_while_running);
        } else {
            // SAFETY: `self` is alive now, and keeps the runtime alive.
            unsafe {
                runtime::schedule(NonNull::from(&*self.shared), runnable, woken_while_running);
            }
        }
    }

    fn failing(&self, node: &Node, end: &End) {
        match end {
            End::Failed(_) if self.options.policy == Policy::FailFast => {
                self.fail(CancelReason::TaskFailed, node);
            }
            End::Panicked(_) => self.fail(CancelReason::TaskPanicked, node),
            _ => {}
        }
    }

    fn takes_batches(&self) -> bool {
        // With a limit somebody may wait for the place, with a quorum for the
        // count.
        self.options.limit.is_none() && !matches!(self.options.policy, Policy::Quorum(_))
    }

    unsafe fn finished_all(&self, nodes: &[NonNull<Node>], cancelled: bool) {
        // SAFETY: by the contract of this function.
        unsafe { self.remove_all(nodes, cancelled) };
    }

    unsafe fn finished(&self, node: NonNull<Node>, end: End) {
        // SAFETY: the node is alive until its waker is dropped below.
        let it = unsafe { node.as_ref() };
        // Cancelling comes first: until the task is taken out, the block is
        // certain to be alive.
        self.failing(it, &end);
        let ordinary = !it.is_service() && !it.is_shielded();
        let mut counts = Counts::default();
        match end {
            End::Done => counts.done = usize::from(ordinary),
            End::Cancelled => counts.cancelled = usize::from(ordinary),
            // What of it nobody wants is dropped here, while the group waits.
            End::Failed(failure) => {
                counts.failed = 1;
                self.record_failure(failure);
            }
            End::Panicked(payload) => {
                counts.panicked = 1;
                self.record_panic(payload);
            }
        }
        let (next, room, waker, last) = {
            let mut state = self.state.lock();
            state.tasks.remove(it.key());
            state.counts.add(counts);
            let quorum =
                counts.done != 0 && self.options.policy == Policy::Quorum(state.counts.done);
            let mut next = None;
            let mut room = Drained::default();
            if ordinary {
                state.children -= 1;
                state.in_place -= usize::from(it.is_in_place());
                if self.options.limit.is_some() {
                    next = state.queued.pop_front();
                    if next.is_none() {
                        state.running -= 1;
                        room = state.room.drain();
                    }
                }
            }
            let empty = state.is_empty();
            let wake = quorum || (state.joining && (empty || (ordinary && state.children == 0)));
            let waker = if !wake {
                None
            } else if state.joining {
                state.waker.take()
            } else {
                // For the quorum. The body goes on, and cancellation has to
                // find the waker.
                state.waker.clone()
            };
            let last = state.is_over();
            (next, room, waker, last)
        };
        // From here on the block may be gone, unless this was the last task of
        // a group without a core, or a child whose turn has come keeps it.
        if let Some(runnable) = next {
            self.dispatch(runnable);
        }
        // SAFETY: this is the one call for the task, which is off the list.
        drop(unsafe { Node::release(node) });
        room.wake();
        if let Some(waker) = waker {
            waker.wake();
        }
        if last {
            // SAFETY: no task is left, and none can be spawned any more.
            unsafe { self.end_without_core() };
        }
    }
}

impl Block {
    /// Takes tasks off the list that have not failed.
    ///
    /// # Safety
    ///
    /// As [`Owner::finished_all`].
    unsafe fn remove_all(&self, nodes: &[NonNull<Node>], cancelled: bool) {
        let (waker, last) = {
            let mut state = self.state.lock();
            for node in nodes {
                // SAFETY: alive until its waker is dropped, below.
                let node = unsafe { node.as_ref() };
                state.tasks.remove(node.key());
                if !node.is_service() && !node.is_shielded() {
                    state.children -= 1;
                    state.counts.done += usize::from(!cancelled);
                    state.counts.cancelled += usize::from(cancelled);
                }
            }
            let empty = state.is_empty();
            let wake = state.joining && (empty || state.children == 0);
            let waker = if wake { state.waker.take() } else { None };
            (waker, state.is_over())
        };
        // From here on the block may be gone, unless this was the last task of
        // a group without a core.
        for &node in nodes {
            // SAFETY: this is the one call for the task, which is off the list.
            drop(unsafe { Node::release(node) });
        }
        if let Some(waker) = waker {
            waker.wake();
        }
        if last {
            // SAFETY: no task is left, and none can be spawned any more.
            unsafe { self.end_without_core() };
        }
    }
}
