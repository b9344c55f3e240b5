//! The wrapper around a task's future, and the one way to run it.

use super::context::{TaskCx, current, watch_abandon};
use super::local;
use super::node::{NO_SEAT, Node, NodeOptions};
use super::output::{End, Output, PanicCause, TaskFailure, TaskOutput, Value, drop_quietly};
use super::trace::Trace;
use super::{BoxError, Runnable};
use crate::cancel::{CancelReason, Cancelled, Frame, Last, poll_last_known};
use crate::stats::{self, Counter};
use crate::wait;
use async_task::{ScheduleInfo, Task, WithInfo};
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A task that has been made and not queued yet.
pub(crate) struct Started<T> {
    pub(crate) runnable: Runnable,
    pub(crate) handle: Task<Output<T>, Node>,
}

/// Makes a task of `future`.
///
/// # Safety
///
/// - The runnable is run by [`run`], and only on threads that may poll and drop
///   the future and its output: any, if both are `Send`.
/// - What the future borrows lives until its owner has been told that the task
///   is finished, or until it is certain that it is never run again.
/// - The owner has put the node where it finds it before it queues the runnable.
pub(crate) unsafe fn start<'a, F>(
    future: F,
    options: NodeOptions,
) -> Started<<F::Output as TaskOutput>::Value>
where
    F: Future + 'a,
    F::Output: TaskOutput,
{
    let mut node = Node::new(options, local::current_locals());
    node.trace = Trace::of(&node, size_of::<F>());
    // SAFETY: the contract of `spawn_unchecked` is that of this function; the
    // schedule function owns nothing.
    let (runnable, handle) = unsafe {
        async_task::Builder::new().metadata(node).spawn_unchecked(
            |_| TaskFuture::Running { future },
            // The function by its own type, which has no size.
            WithInfo(schedule),
        )
    };
    let waker = runnable.waker();
    // SAFETY: nobody else has seen the node yet.
    unsafe { runnable.metadata().hold(waker) };
    runnable.metadata().trace.cloned();
    Started { runnable, handle }
}

fn schedule(runnable: Runnable, info: ScheduleInfo) {
    stats::count(Counter::Wakes, 1);
    runnable.metadata().trace.woken();
    let owner = runnable.metadata().owner();
    // SAFETY: the owner outlives its unfinished tasks, and this one is being
    // queued, so it is not finished.
    unsafe { owner.as_ref() }.schedule(runnable, info.woken_while_running);
}

/// Polls a task once, and tells its owner if that was the end of it.
///
/// Returns whether it was, and the task was pinned to its seat.
pub(crate) fn run(runnable: Runnable) -> bool {
    stats::count(Counter::Polls, 1);
    let Some(Ended { node, end, pinned }) = poll_once(runnable) else {
        return false;
    };
    count_end(&end);
    // SAFETY: the owner is alive, and this is the one call for this task.
    unsafe { node.as_ref().owner().as_ref().finished(node, end) };
    pinned
}

/// Polls a task once; if that was the end of it, its owner is told by `batch`.
///
/// The poll is counted by the caller, the end when the owner is told.
///
/// Returns, if it was, whether the task was pinned to its seat.
// In two places, of which the loop of the worker is one.
#[inline(always)]
pub(crate) fn run_in_batch(runnable: Runnable, batch: &mut Batch) -> Option<bool> {
    let Ended { node, end, pinned } = poll_once(runnable)?;
    // SAFETY: the owner is alive until it has been told of the task.
    let owner = unsafe { node.as_ref().owner().as_ref() };
    if matches!(end, End::Done | End::Cancelled) && owner.takes_batches() {
        batch.add(node, matches!(end, End::Cancelled));
    } else {
        count_end(&end);
        // SAFETY: as above, and this is the one call for this task.
        unsafe { owner.finished(node, end) };
    }
    Some(pinned)
}

fn count_end(end: &End) {
    let how = match end {
        End::Done => Counter::Completed,
        End::Failed(_) => Counter::Failed,
        End::Cancelled => Counter::Cancelled,
        End::Panicked(_) => Counter::Panicked,
    };
    stats::count(how, 1);
}

/// Tasks of one owner that have all ended well, or have all been cancelled, and
/// that the owner is still to be told of.
///
/// Telling it takes the owner's lock, which workers would otherwise hand to
/// each other with every short task. The one who has the batch flushes it
/// before it runs a task of another owner, and before it has nothing to run.
pub(crate) struct Batch {
    nodes: Vec<NonNull<Node>>,
    cancelled: bool,
}

impl Batch {
    /// Enough to make the lock rare, few enough to stay in the cache.
    const MOST: usize = 32;

    pub(crate) fn new() -> Self {
        Self {
            nodes: Vec::with_capacity(Self::MOST),
            cancelled: false,
        }
    }

    #[inline(always)]
    fn add(&mut self, node: NonNull<Node>, cancelled: bool) {
        if cancelled != self.cancelled {
            self.flush();
            self.cancelled = cancelled;
        }
        self.nodes.push(node);
        if self.nodes.len() == Self::MOST {
            self.flush();
        }
    }

    /// Flushes unless the next task to be run has the same owner.
    #[inline]
    pub(crate) fn flush_before(&mut self, next: &Runnable) {
        if let Some(first) = self.nodes.first() {
            // SAFETY: a node is alive until its owner has been told.
            let owner = unsafe { first.as_ref() }.owner();
            if !std::ptr::addr_eq(owner.as_ptr(), next.metadata().owner().as_ptr()) {
                self.flush();
            }
        }
    }

    /// Tells the owner.
    #[inline]
    pub(crate) fn flush(&mut self) {
        if let Some(first) = self.nodes.first() {
            let how = match self.cancelled {
                true => Counter::Cancelled,
                false => Counter::Completed,
            };
            stats::count(how, self.nodes.len() as u64);
            // SAFETY: nodes and owner are alive until the owner has been told,
            // which happens here, once for each node, as the list is emptied.
            let owner = unsafe { first.as_ref().owner().as_ref() };
            // SAFETY: as above; `add` keeps the two kinds of end apart.
            unsafe { owner.finished_all(&self.nodes, self.cancelled) };
            self.nodes.clear();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.flush();
    }
}

/// A task that has ended, and that its owner is to be told of.
struct Ended {
    node: NonNull<Node>,
    end: End,
    /// Whether it was pinned to its seat.
    pinned: bool,
}

/// Polls a task; returns how it ended, if it did.
// As `run_in_batch`.
#[inline(always)]
fn poll_once(runnable: Runnable) -> Option<Ended> {
    // SAFETY: the waker in the node keeps it alive until the owner has been
    // told that the task is finished, which is after this.
    let node = unsafe { &*std::ptr::from_ref(runnable.metadata()) };
    // SAFETY: as above; `cx` does not outlive this function.
    let cx = unsafe { TaskCx::new(node) };
    let guard = AbortOnUnwind;
    {
        let _task = cx.enter();
        let _label = wait::enter_task(node.label());
        // SAFETY: this is the poll.
        let _locals = local::enter(unsafe { node.locals() });
        // SAFETY: as above.
        let _span = unsafe { node.trace.enter() };
        runnable.run();
    }
    let ended = cx.end.take().map(|end| {
        // SAFETY: the last poll has been.
        unsafe { node.forget_locals() };
        // SAFETY: as above.
        unsafe { node.trace.close() };
        Ended {
            node: node.into(),
            end,
            pinned: node.seat() != NO_SEAT,
        }
    });
    std::mem::forget(guard);
    ended
}

/// Aborts the process: a panic that is no task's leaves an owner waiting for
/// ever, and unwinds through a `block_on` whose tasks still use its frame.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        eprintln!("nimsync: a panic in a waker, or in nimsync itself, left its task");
        std::process::abort();
    }
}

/// The future of a task.
pub(super) enum TaskFuture<F, T> {
    Running {
        future: F,
    },
    /// The user's future is gone; orphans are not.
    Draining {
        ended: Option<Outcome<T>>,
    },
}

impl<F> Future for TaskFuture<F, <F::Output as TaskOutput>::Value>
where
    F: Future,
    F::Output: TaskOutput,
{
    type Output = Output<<F::Output as TaskOutput>::Value>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(task) = current() else {
            unreachable!("a task is polled by `run`");
        };
        let node = task.node();
        #[cfg(all(test, loom))]
        node.acquire_wake_ups();
        node.count_poll();
        // SAFETY: `future` is pinned in place below and dropped in place by the
        // assignment; nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        if let Self::Running { future } = this {
            // SAFETY: the task's allocation does not move.
            let future = unsafe { Pin::new_unchecked(future) };
            let Some(mut ended) = poll_user(future, task, cx) else {
                return Poll::Pending;
            };
            if std::mem::needs_drop::<F>() {
                let dropped = catch_unwind(AssertUnwindSafe(|| {
                    // SAFETY: `task` is alive until the end of this poll.
                    let frame = unsafe { Frame::task(task) };
                    let _frame = frame.enter();
                    *this = Self::Draining { ended: None };
                }));
                if let Err(payload) = dropped {
                    // The destructor unwound out of the assignment, so the old
                    // state is gone and the new one was put in its place.
                    drop_quietly(std::mem::replace(&mut ended, panicked(payload)));
                }
            }
            // Groups whose futures were forgotten, or handed out, are cancelled,
            // and become orphans.
            if let Some(scope) = node.existing_scope() {
                scope.abandon_groups();
            }
            if node.try_end() {
                *this = Self::Draining { ended: None };
                return finish(task, ended);
            }
            // SAFETY: the owner is alive: the task has not finished.
            unsafe { node.owner().as_ref() }.failing(node, &ended.1);
            *this = Self::Draining { ended: Some(ended) };
        }
        let Self::Draining { ended } = this else {
            unreachable!("set above");
        };
        if !node.try_end() {
            wait::note(&"children of groups that were dropped");
            return Poll::Pending;
        }
        let Some(ended) = ended.take() else {
            unreachable!("an executor does not poll what is ready");
        };
        finish(task, ended)
    }
}

/// Leaves the end with the poll, for the owner, and the output with the task.
fn finish<T>(task: &TaskCx, (output, end): Outcome<T>) -> Poll<Output<T>> {
    task.end.set(Some(end));
    Poll::Ready(output)
}

/// Polls the user's future; returns how it ended, if it did.
fn poll_user<F>(
    future: Pin<&mut F>,
    task: &TaskCx,
    cx: &mut Context<'_>,
) -> Option<Outcome<<F::Output as TaskOutput>::Value>>
where
    F: Future,
    F::Output: TaskOutput,
{
    let node = task.node();
    let was_cancelled = node.is_cancelled();
    // Who is doomed is cancelled as well.
    if was_cancelled && (node.is_doomed() || (node.polls() == 1 && !node.is_heard())) {
        return Some(cut(node));
    }
    // SAFETY: `task` is alive until the end of this poll.
    let frame = unsafe { Frame::task(task) };
    let (last, gave_up) = watch_abandon(|| {
        // The conversion of an error is the user's as well.
        catch_unwind(AssertUnwindSafe(|| {
            poll_last_known(&frame, was_cancelled, future, cx).map(TaskOutput::into_result)
        }))
    });
    match last {
        Ok(Last::Ready(result)) => Some(match result {
            Ok(value) => (Output::Done(Value::new(value)), End::Done),
            // `?` on a check: it reports what was done to it. The cause is there before
            // the owner has said so to the node.
            Err(error) if error.is::<Cancelled>() && node.cause().is_some() => cut(node),
            Err(error) => failed(node, error),
        }),
        Ok(Last::Pending) if gave_up && !frame.is_protected() => {
            node.own_scope()
                .cancel(Cancelled::new(CancelReason::AwaitedTask, None));
            Some(cut(node))
        }
        Ok(Last::Pending) => None,
        Ok(Last::Cut) => Some(cut(node)),
        Err(payload) => Some(panicked(payload)),
    }
}

/// How a task ended: for who awaits it, and for its owner.
type Outcome<T> = (Output<T>, End);

fn failed<T>(node: &Node, error: BoxError) -> Outcome<T> {
    let failure = TaskFailure::new(node, error);
    (Output::Failed(failure.clone()), End::Failed(failure))
}

fn panicked<T>(payload: Box<dyn Any + Send>) -> Outcome<T> {
    let cause = PanicCause::new(&*payload);
    (Output::Panicked(cause), End::Panicked(payload))
}

fn cut<T>(node: &Node) -> Outcome<T> {
    let cause = node
        .cause()
        .unwrap_or_else(|| Arc::new(Cancelled::new(CancelReason::Manual, None)));
    (Output::Cancelled(cause), End::Cancelled)
}
