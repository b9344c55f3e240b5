//! Models of a task that ends while others do something to it.
//!
//! Node, wrapper and scopes are the real ones. So is async-task below them, whose
//! operations loom takes for single steps that order nothing; the one order that
//! is relied on is added by [`Node::acquire_wake_ups`].

use super::*;
use crate::cancel::CancelScope;
use crate::cancel::{CancelReason, Cancelled, Kind, Scope};
use crate::prim::model::{self, Bell};
use async_task::Task;
use futures::FutureExt;
use loom::cell::UnsafeCell;
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn};
use std::ops::Deref;
use std::panic::Location;
use std::pin::pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll};

/// An owner with a queue of its own, and the thread that works it off.
pub(crate) struct Parent {
    scope: Arc<Scope>,
    state: Mutex<State>,
    queued: Condvar,
    life: Life,
}

/// Whether the owner exists. Reading it while it is ended is an error.
struct Life(UnsafeCell<bool>);

// SAFETY: loom reports accesses that are not ordered.
unsafe impl Sync for Life {}
// SAFETY: as above.
unsafe impl Send for Life {}

#[derive(Default)]
struct State {
    queue: VecDeque<Runnable>,
    ended: Option<End>,
}

// SAFETY: each model keeps its parent until the task has finished.
unsafe impl Owner for Parent {
    fn scope(&self) -> &Arc<Scope> {
        // SAFETY: loom looks whether it is.
        assert!(self.life.0.with(|life| unsafe { *life }));
        &self.scope
    }

    fn schedule(&self, runnable: Runnable, _: bool) {
        self.state.lock().unwrap().queue.push_back(runnable);
        self.queued.notify_one();
    }

    fn failing(&self, _: &Node, _: &End) {}

    unsafe fn finished(&self, node: NonNull<Node>, end: End) {
        // SAFETY: called once, and the node is not used after this.
        drop(unsafe { Node::release(node) });
        let before = self.state.lock().unwrap().ended.replace(end);
        assert!(before.is_none(), "a task ends once");
    }
}

impl Parent {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            scope: Scope::root(),
            state: Mutex::default(),
            queued: Condvar::new(),
            life: Life(UnsafeCell::new(true)),
        })
    }

    /// As if the owner were freed.
    fn end(&self) {
        // SAFETY: loom looks whether it is.
        self.life.0.with_mut(|life| unsafe { *life = false });
    }

    /// Makes a task, and queues it.
    pub(crate) fn start<F>(self: &Arc<Self>, future: F) -> Handle<<F::Output as TaskOutput>::Value>
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        let owner: NonNull<dyn Owner> = NonNull::from(&**self);
        let options = NodeOptions {
            owner,
            spawned_at: Location::caller(),
            name: None,
            in_place: false,
            service: false,
            shielded: false,
            heard: false,
            seat: NO_SEAT,
            born: 0,
        };
        // SAFETY: the future is `Send` and owns what it uses, and so does its
        // output.
        let Started { runnable, handle } = unsafe { start(future, options) };
        runnable.schedule();
        Handle(Some(handle))
    }

    /// Polls the task once, here.
    pub(crate) fn run_once(&self) {
        let runnable = self.state.lock().unwrap().queue.pop_front();
        run(runnable.expect("the task is queued"));
    }

    /// Runs the task until it has ended. A task that is never scheduled again
    /// makes a deadlock.
    pub(crate) fn run(&self) -> End {
        loop {
            let runnable = {
                let mut state = self.state.lock().unwrap();
                if let Some(end) = state.ended.take() {
                    return end;
                }
                while state.queue.is_empty() {
                    state = self.queued.wait(state).unwrap();
                }
                state.queue.pop_front().unwrap()
            };
            run(runnable);
        }
    }
}

/// A task's handle that does not cancel the task, as `Child` does not.
pub(crate) struct Handle<T>(Option<Task<Output<T>, Node>>);

impl<T> Handle<T> {
    fn node(&self) -> NodePointer {
        NodePointer(NonNull::from(
            self.0.as_ref().expect("set until the drop").metadata(),
        ))
    }

    fn output(mut self) -> Option<Output<T>> {
        self.0.take()?.now_or_never()
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.detach();
        }
    }
}

fn cause() -> Cancelled {
    Cancelled::new(CancelReason::Manual, None)
}

/// A task that would wait for ever ends when it is cancelled, whether that
/// comes before, while or after it is polled for the first time.
#[test]
fn loom_a_cancelled_task_ends() {
    model::check(|| {
        let parent = Parent::new();
        let handle = parent.start(pending::<()>());
        let runner = thread::spawn({
            let parent = parent.clone();
            move || assert!(matches!(parent.run(), End::Cancelled))
        });
        handle.node().cancel(cause());
        runner.join().unwrap();
        assert!(handle.node().cause().is_some());
    });
}

/// A task that ends by itself while it is cancelled ends once, and whoever waits
/// for it is told the same as its owner.
#[test]
fn loom_a_task_cancelled_while_it_completes_ends_once() {
    model::check(|| {
        let parent = Parent::new();
        let mut polls = 0;
        let handle = parent.start(poll_fn(move |cx| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(7);
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        let runner = thread::spawn({
            let parent = parent.clone();
            move || matches!(parent.run(), End::Done)
        });
        handle.node().cancel(cause());
        let done = runner.join().unwrap();
        match handle.output().expect("the task has ended") {
            Output::Done(value) => assert!(done && value.into_inner() == 7),
            Output::Cancelled(_) => assert!(!done),
            Output::Failed(_) | Output::Panicked(_) => unreachable!(),
        }
    });
}

/// A handle may be used while the task ends, and its owner with it.
#[test]
fn loom_a_handle_does_not_reach_an_owner_that_is_gone() {
    model::check(|| {
        let parent = Parent::new();
        let handle = parent.start(async {});
        let node = handle.node();
        let canceller = thread::spawn(move || node.cancel(cause()));
        parent.run();
        parent.end();
        canceller.join().unwrap();
    });
}

/// A task that cancels its own scope, or has others do it, ends.
#[test]
fn loom_a_task_ends_with_its_own_scope() {
    model::check(|| {
        let parent = Parent::new();
        let handle = parent.start(pending::<()>());
        let scope = CancelScope::from_inner(handle.node().own_scope());
        let canceller = thread::spawn(move || scope.cancel());
        assert!(matches!(parent.run(), End::Cancelled));
        parent.end();
        canceller.join().unwrap();
    });
}

/// A task does not end before its orphans have, and then it does; what they did
/// is visible.
#[test]
fn loom_a_task_ends_after_its_orphans() {
    struct Last(UnsafeCell<u32>);
    // SAFETY: loom checks the accesses.
    unsafe impl Sync for Last {}
    // SAFETY: as above.
    unsafe impl Send for Last {}

    model::check(|| {
        let parent = Parent::new();
        let handle = parent.start(async {
            let host = current().and_then(TaskCx::host).expect("inside a task");
            host.add_orphan();
            host.add_orphan();
        });
        // The future is gone after the first poll; the task is not.
        parent.run_once();
        assert!(parent.state.lock().unwrap().ended.is_none());

        let traces = Arc::new([Last(UnsafeCell::new(0)), Last(UnsafeCell::new(0))]);
        let orphans = [0, 1].map(|i| {
            let traces = traces.clone();
            let host = handle.node();
            let waker = handle.node().waker().clone();
            thread::spawn(move || {
                // SAFETY: read by others only after this orphan has gone.
                traces[i].0.with_mut(|trace| unsafe { *trace = 1 });
                host.remove_orphan();
                waker.wake();
            })
        });
        // As if something else kept waking it: whenever it finds that no orphan
        // is left, all they did must be visible, without a lock.
        while parent.state.lock().unwrap().ended.is_none() {
            handle.node().wake();
            let runnable = parent.state.lock().unwrap().queue.pop_front();
            runnable.map(run);
            thread::yield_now();
        }
        for trace in &*traces {
            // SAFETY: both orphans are gone.
            assert_eq!(trace.0.with(|trace| unsafe { *trace }), 1);
        }
        for orphan in orphans {
            orphan.join().unwrap();
        }
    });
}

/// The wake-up for the last orphan is not lost when the task is being polled.
#[test]
fn loom_a_draining_task_hears_of_its_last_orphan() {
    model::check(|| {
        let parent = Parent::new();
        let handle = parent.start(async {
            current()
                .and_then(TaskCx::host)
                .expect("inside a task")
                .add_orphan();
        });
        parent.run_once();
        let host = handle.node();
        let waker = handle.node().waker().clone();
        let orphan = thread::spawn(move || {
            host.remove_orphan();
            waker.wake();
        });
        // A poll that has nothing to do with it.
        handle.node().wake();
        assert!(matches!(parent.run(), End::Done));
        orphan.join().unwrap();
    });
}

/// A task's scope that is made while the owner's is cancelled is cancelled, and
/// all who ask for it get the same.
#[test]
fn loom_a_scope_made_late_is_born_cancelled() {
    model::check(|| {
        let parent = Parent::new();
        let handle = parent.start(async {});
        let canceller = thread::spawn({
            let parent = parent.clone();
            move || parent.scope.cancel(cause())
        });
        let node = handle.node();
        let other = thread::spawn(move || node.own_scope());
        let scope = handle.node().own_scope();
        let below = scope.child(Kind::Plain);
        canceller.join().unwrap();
        assert!(Arc::ptr_eq(&scope, &other.join().unwrap()));
        assert!(scope.is_ended() && below.is_ended());
        parent.run();
    });
}

/// Waiting for a scope of the task's own ends when the owner's is cancelled,
/// also while the task makes its scope.
#[test]
fn loom_a_wait_in_a_scope_made_late_ends() {
    model::check(|| {
        let parent = Parent::new();
        let handle = parent.start(async {});
        let canceller = thread::spawn({
            let parent = parent.clone();
            move || parent.scope.cancel(cause())
        });
        let bell = Bell::new();
        let scope = CancelScope::from_inner(handle.node().own_scope());
        let waker = bell.waker();
        let mut cx = Context::from_waker(&waker);
        let mut cancelled = pin!(scope.cancelled());
        while cancelled.as_mut().poll(&mut cx).is_pending() {
            bell.wait();
        }
        canceller.join().unwrap();
        parent.run();
    });
}

struct NodePointer(NonNull<Node>);

// SAFETY: nodes are `Sync`.
unsafe impl Send for NodePointer {}

impl Deref for NodePointer {
    type Target = Node;

    fn deref(&self) -> &Node {
        // SAFETY: all users keep the handle or a waker, and with it the node.
        unsafe { self.0.as_ref() }
    }
}
