//! The part of a group in the future of the task that opened it.

use super::block::Block;
use super::error::GroupError;
use super::handle::TaskGroup;
use super::ledger::Local;
use super::options::Policy;
use crate::cancel::{CancelReason, Cancelled, Frame, Last, Protection, poll_last, task_name};
use crate::runtime;
use crate::task::{self, TaskFailure, TaskId, TaskOutput, drop_quietly};
use crate::time::{Sleep, sleep, sleep_until};
use crate::wait;
use pin_project_lite::pin_project;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread::ThreadId;

/// Rounds of polling children in place, before other tasks get their turn.
const ROUNDS: usize = 8;

/// Guards a group: whatever happens to the future that it is in, no child in
/// place outlives it, and no parallel one is forgotten.
///
/// `'scope` is the time during which children in place are polled. They may
/// borrow whatever outlives it; it is invariant, and ends after the core has
/// been dropped, because the core has a destructor and borrows for `'scope`
/// the anchor, which was made before.
pub struct Core<'scope> {
    group: &'scope TaskGroup<'scope>,
    ended: std::cell::Cell<bool>,
}

// SAFETY: the cell is touched only by the future that drives the group and by
// the destructor, which both need the core mutably or by value in its future.
unsafe impl Sync for Core<'_> {}

impl<'scope> Core<'scope> {
    pub(super) fn guard(group: &'scope TaskGroup<'scope>) -> Self {
        Self {
            group,
            ended: std::cell::Cell::new(false),
        }
    }

    /// Returns the handle for the body.
    pub fn group(&self) -> &'scope TaskGroup<'scope> {
        self.group
    }

    fn block(&self) -> &Arc<Block> {
        self.group.block()
    }

    /// Drives the group: the body, the children in place, and the wait for the
    /// rest.
    pub fn drive<B, V>(&self, body: B) -> Drive<'_, 'scope, B, V>
    where
        B: Future<Output: TaskOutput<Value = V>>,
    {
        let options = &self.block().options;
        let timer = match (options.timeout, options.deadline) {
            (Some(limit), _) => Some((sleep(limit), CancelReason::Timeout(limit))),
            (None, Some(deadline)) => Some((sleep_until(deadline), CancelReason::Deadline)),
            (None, None) => None,
        };
        let (timer, time_is_over) = timer.unzip();
        Drive {
            core: self,
            frame: Frame::made(self.block().scope.clone()),
            body: Some(body),
            value: None,
            timer,
            time_is_over,
            protection: None,
            watching: None,
            spare: VecDeque::new(),
        }
    }

    /// Drops the children in place, here and now; `false` if this is not the
    /// thread where that can be done.
    fn drop_in_place(&self) -> bool {
        let block = self.block();
        let Some(pin) = self.group.pin().take() else {
            return true;
        };
        if !pin.is_here() {
            return false;
        }
        block.doom_in_place();
        while block.has_in_place() {
            let next = {
                let mut local = block.local.lock();
                let next = local.queue.pop_front();
                next.or_else(|| local.yielded.pop_front())
            };
            match next {
                // Its host is pinned, not itself.
                Some(runnable) => _ = task::run(runnable),
                // A waker on another thread is about to queue it, or the
                // destructor of another has spawned it and it waits for room.
                None => {
                    std::thread::yield_now();
                    block.doom_in_place();
                }
            }
        }
        pin.unpin();
        true
    }
}

impl Drop for Core<'_> {
    fn drop(&mut self) {
        if self.ended.get() {
            return;
        }
        let block = self.block();
        block.scope.cancel(Cancelled::at(
            CancelReason::GroupDropped,
            task_name(),
            block.opened_at(),
        ));
        if self.drop_in_place() {
            block.leave();
            return;
        }
        // The children in place may not be touched here. Nobody will poll them
        // any more, so leaving them be is safe; it leaks them and the group.
        std::mem::forget(block.clone());
        if !std::thread::panicking() {
            panic!("{WRONG_THREAD}");
        }
    }
}

const WRONG_THREAD: &str = "a task group with children in place was moved to another thread; \
     such children stay on the thread where they were spawned";

/// That a group has children in place, and where they are.
pub(super) struct Pinned {
    thread: ThreadId,
    /// The task that was pinned for it. Its number only: the group's future may
    /// have been moved to another task, and this one have ended.
    host: Option<TaskId>,
}

impl Pinned {
    /// Pins the calling task to its worker.
    pub(super) fn here() -> Self {
        let host = task::current().and_then(task::TaskCx::host);
        let pinned = host.zip(runtime::current_seat()).map(|(host, seat)| {
            if host.pin(seat) {
                runtime::hold_seat();
            }
            host.id()
        });
        Self {
            thread: std::thread::current().id(),
            host: pinned,
        }
    }

    fn is_here(&self) -> bool {
        self.thread == std::thread::current().id()
    }

    /// Panics on another thread than the one where the first child was spawned.
    pub(super) fn check(&self) {
        assert!(self.is_here(), "{WRONG_THREAD}");
    }

    /// Ends the pinning. A host that is not the calling task stays pinned: the
    /// group has been moved out of it.
    fn unpin(self) {
        let host = task::current().and_then(task::TaskCx::host);
        if let Some(host) = host.filter(|host| Some(host.id()) == self.host)
            && host.unpin()
        {
            runtime::release_seat();
        }
    }
}

/// Where a group keeps its [`Pinned`].
pub(super) type PinPlace = Mutex<Option<Pinned>>;

pin_project! {
    /// The future of a task group.
    ///
    /// The value's type is a parameter and not `<B::Output as TaskOutput>::Value`:
    /// when the compiler checks whether a future that contains this one is
    /// `Send`, it forgets lifetimes, and would not find the implementation for a
    /// boxed error any more.
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Drive<'a, 'scope, B, V> {
        core: &'a Core<'scope>,
        frame: Frame,
        #[pin]
        body: Option<B>,
        value: Option<V>,
        #[pin]
        timer: Option<Sleep>,
        time_is_over: Option<CancelReason>,
        // From when the group is cancelled until its children have ended.
        protection: Option<Protection>,
        // The waker that the block has, by its address.
        watching: Option<usize>,
        // An empty queue to swap with the one of the children in place.
        spare: VecDeque<task::Runnable>,
    }
}

impl<B, V> Future for Drive<'_, '_, B, V>
where
    B: Future<Output: TaskOutput<Value = V>>,
{
    type Output = Result<V, GroupError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let block = this.core.block();
        // Until the body has ended the waker stays where it was put; a task's
        // waker is always the same, so this is done once.
        if this.body.is_none() || !this.watching.is_some_and(|known| known == address(cx)) {
            *this.watching = Some(address(cx));
            block.watch(cx.waker());
        }
        if let Some(timer) = this.timer.as_mut().as_pin_mut()
            && timer.poll(cx).is_ready()
        {
            this.timer.set(None);
            if let Some(reason) = this.time_is_over.take() {
                let cause = Cancelled::at(reason, None, block.opened_at());
                block.scope.cancel_after(block.options.grace, cause);
            }
        }
        if this.core.group.has_in_place() {
            block.local.lock().driving = true;
        }
        for _ in 0..ROUNDS {
            if this.body.is_some() {
                poll_body(this.body.as_mut(), this.value, this.frame, block, cx);
            }
            let more = this.core.group.has_in_place() && {
                run_in_place(this.core, this.spare);
                !block.local.lock().queue.is_empty()
            };
            if quorum_reached(block) {
                block.cancel_rest();
            }
            if more {
                continue;
            }
            if this.body.is_none() && block.join(cx.waker()) {
                this.core.ended.set(true);
                if this.core.group.has_in_place()
                    && let Some(pin) = this.core.group.pin().take()
                {
                    pin.unpin();
                }
                *this.protection = None;
                return finish(block, this.value.take());
            }
            break;
        }
        // A group that has been cancelled and waits for its children must not
        // be dropped for that cancellation.
        if this.body.is_none() && this.frame.is_ended() && this.protection.is_none() {
            *this.protection = Some(Protection::here());
        }
        if this.core.group.has_in_place() {
            leave_in_place(block, cx);
        }
        if this.body.is_none() {
            wait::note(&"the children of a group");
        }
        if let Some(timer) = this.timer.as_ref().as_pin_ref() {
            timer.note_limit();
        }
        Poll::Pending
    }
}

fn address(cx: &Context<'_>) -> usize {
    cx.waker().data() as usize
}

/// Ends a poll of a group with children in place: they wake the host from now
/// on.
fn leave_in_place(block: &Block, cx: &Context<'_>) {
    let mut local = block.local.lock();
    local.driving = false;
    let Local { queue, yielded, .. } = &mut *local;
    queue.append(yielded);
    if !queue.is_empty() {
        drop(local);
        cx.waker().wake_by_ref();
        return;
    }
    let before = wait::replace_waker(&mut local.waker, cx.waker());
    drop(local);
    drop(before);
}

fn quorum_reached(block: &Block) -> bool {
    match block.options.policy {
        Policy::Quorum(wanted) => block.counts().done >= wanted,
        _ => false,
    }
}

/// Polls the body, and drops it if it has ended or is cut off.
fn poll_body<B, V>(
    mut body: Pin<&mut Option<B>>,
    value: &mut Option<V>,
    frame: &Frame,
    block: &Arc<Block>,
    cx: &mut Context<'_>,
) where
    B: Future<Output: TaskOutput<Value = V>>,
{
    let Some(future) = body.as_mut().as_pin_mut() else {
        return;
    };
    let (last, gave_up) = task::watch_abandon(|| {
        // The conversion of an error is the user's as well.
        catch_unwind(AssertUnwindSafe(|| {
            poll_last(frame, future, cx).map(TaskOutput::into_result)
        }))
    });
    match last {
        Ok(Last::Pending) if !gave_up || frame.is_protected() => return,
        Ok(Last::Pending | Last::Cut) => {}
        Ok(Last::Ready(result)) => match result {
            Ok(it) => *value = Some(it),
            // It says that it was cancelled, which we know.
            Err(error) if block.scope.is_asked() && error.is::<Cancelled>() => {}
            Err(error) => {
                block.record_body_failure(TaskFailure::of_body(
                    block.options.name.clone(),
                    block.opened_at(),
                    error,
                ));
                if block.options.policy == Policy::FailFast {
                    cancel_for(block, CancelReason::TaskFailed);
                }
            }
        },
        Err(payload) => {
            block.record_panic(payload);
            cancel_for(block, CancelReason::TaskPanicked);
        }
    }
    let dropped = catch_unwind(AssertUnwindSafe(|| {
        let _entered = frame.enter();
        body.set(None);
    }));
    if let Err(payload) = dropped {
        block.record_panic(payload);
        cancel_for(block, CancelReason::TaskPanicked);
    }
}

fn cancel_for(block: &Block, reason: CancelReason) {
    let by = Some("body of the group".into());
    let cause = Cancelled::at(reason, by, block.opened_at());
    block.scope.cancel_after(block.options.grace, cause);
}

/// Polls each child in place that wants it, once.
fn run_in_place(core: &Core<'_>, spare: &mut VecDeque<task::Runnable>) {
    let block = core.block();
    if block.local.lock().queue.is_empty() {
        return;
    }
    // Before they are taken out: an unwind would drop them on this thread.
    if let Some(pinned) = &*core.group.pin() {
        pinned.check();
    }
    std::mem::swap(&mut block.local.lock().queue, spare);
    while let Some(runnable) = spare.pop_front() {
        task::run(runnable);
    }
}

/// The result of a group that has no task left.
///
/// A group that was cut off because a scope further out has ended has none: like
/// any other wait in a cancelled scope it stays pending, and whoever brought
/// that scope drops it and says why.
fn finish<T>(block: &Block, value: Option<T>) -> Poll<Result<T, GroupError>> {
    if let Some(payload) = block.take_panic() {
        block.drop_unwanted();
        drop_quietly(value);
        resume_unwind(payload);
    }
    let counts = block.counts();
    let failed = block.has_failures();
    let cause = block.scope.cause().filter(|_| block.scope.is_asked());
    let cut_off = value.is_none() || counts.cancelled != 0;
    let from_further_out = cause.is_some_and(|cause| cause.above.is_some());
    if cut_off && !failed && from_further_out && block.scope.is_ended() {
        wait::note(&"the end of a cancelled scope");
        return Poll::Pending;
    }
    // What the body returned is not the whole result if somebody was cut off. A
    // group that was cancelled by hand, though, has what it wanted.
    let by_hand = cause.is_none_or(|cause| cause.reason == CancelReason::Manual);
    let enough = match block.options.policy {
        Policy::Quorum(wanted) => counts.done >= wanted,
        _ => !failed && (!cut_off || by_hand),
    };
    // What is not wanted is not left to the end of the function: if a destructor
    // panics there, what the function returns is leaked (rust-lang/rust#47949).
    Poll::Ready(match value {
        Some(value) if enough => {
            drop(block.take_failures());
            Ok(value)
        }
        unwanted => {
            drop(unwanted);
            Err(block.error())
        }
    })
}
