//! The handle of a child.

use crate::cancel::{CancelReason, Cancelled};
use crate::task::{self, Node, Output, PanicCause, TaskFailure, TaskId};
use crate::wait;
use async_task::Task;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A child of a task group.
///
/// Awaiting it yields the child's value. Awaiting a child that did not succeed
/// ends the code that awaits it: the body or the child that it is part of is
/// dropped there, since what happened is already on record in the group's
/// result. To go on instead, ask for the [`outcome`](Child::outcome).
///
/// Dropping the handle changes nothing for the child: the group waits for it.
///
/// # Cancel safety
///
/// A `&mut Child` may be polled and put aside at any time; the value stays with
/// the child until it is taken.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let total = task_group!(|g| {
///         let a = g.spawn(async { 20 });
///         let b = g.spawn(async { 22 });
///         a.await + b.await
///     }).await;
///     assert_eq!(total.unwrap(), 42);
/// });
/// ```
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let sum = task_group!(|g| {
///     let one = g.spawn(async { 1u32 });
///     let two = g.spawn(async { "2".parse::<u32>() });
///     one.await + two.await // the values, not results
/// })
/// .await;
/// assert_eq!(sum.unwrap(), 3);
/// # });
/// ```
pub struct Child<T> {
    /// Dropping an `async_task::Task` would cancel it, so it is detached.
    task: ManuallyDrop<Task<Output<T>, Node>>,
    /// Whether its output was taken, and was no value.
    gave_up: bool,
}

impl<T> Child<T> {
    pub(super) fn new(task: Task<Output<T>, Node>) -> Self {
        Self {
            task: ManuallyDrop::new(task),
            gave_up: false,
        }
    }

    fn node(&self) -> &Node {
        self.task.metadata()
    }

    /// Waits for the child and tells how it ended.
    ///
    /// # Cancel safety
    ///
    /// The outcome is lost if the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::Outcome;
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(policy = ignore_errors, |g| {
    ///     let child = g.spawn(async { Err::<u32, _>("no such page") });
    ///     match child.outcome().await {
    ///         Outcome::Done(value) => println!("{value}"),
    ///         Outcome::Failed(failure) => println!("{failure}"),
    ///         Outcome::Panicked(cause) => println!("{}", cause.message()),
    ///         Outcome::Cancelled(why) => println!("{why}"),
    ///     }
    /// })
    /// .await
    /// # }).unwrap();
    /// ```
    pub async fn outcome(mut self) -> Outcome<T> {
        let output = std::future::poll_fn(|cx| self.poll_output(cx)).await;
        match output {
            Output::Done(value) => Outcome::Done(value.into_inner()),
            Output::Failed(failure) => Outcome::Failed(failure),
            Output::Panicked(cause) => Outcome::Panicked(cause),
            Output::Cancelled(cause) => Outcome::Cancelled((*cause).clone()),
        }
    }

    fn poll_output(&mut self, cx: &mut Context<'_>) -> Poll<Output<T>> {
        let poll = Pin::new(&mut *self.task).poll(cx);
        if poll.is_pending() {
            wait::note(&"a child");
        }
        poll
    }

    /// Cancels this child alone. That does not fail its group.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(|g| {
    ///     let child = g.task("patient").spawn(sleep(1.minutes()));
    ///     assert_eq!((child.name(), child.is_finished()), (Some("patient"), false));
    ///     child.cancel();
    ///     assert!(child.outcome().await.is_cancelled());
    /// })
    /// .await // cancelled on purpose: no failure
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn cancel(&self) {
        if !self.is_finished() {
            let by = crate::cancel::task_name();
            self.node().cancel(Cancelled::new(CancelReason::Manual, by));
        }
    }

    /// Returns the number of the task.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.node().id()
    }

    /// Returns the name of the task, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.node().name().map(|name| &**name)
    }

    /// Tells whether the child has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl<T> Future for Child<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // Code that gave itself up may be polled again: a shield beside this
        // keeps it alive.
        if !self.gave_up {
            match std::task::ready!(self.poll_output(cx)) {
                Output::Done(value) => return Poll::Ready(value.into_inner()),
                Output::Failed(_) | Output::Panicked(_) | Output::Cancelled(_) => {
                    self.gave_up = true;
                }
            }
        }
        wait::note(&"a child that did not succeed");
        task::abandon();
        Poll::Pending
    }
}

impl<T> Drop for Child<T> {
    fn drop(&mut self) {
        // SAFETY: the handle is not used after this.
        unsafe { ManuallyDrop::take(&mut self.task) }.detach();
    }
}

impl<T> fmt::Debug for Child<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("finished", &self.is_finished())
            .finish()
    }
}

/// How a child has ended.
///
/// # Examples
///
/// ```
/// use nimsync::Outcome;
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// task_group!(|g| {
///     let done = g.spawn(async { 7u32 });
///     assert_eq!(done.outcome().await.done(), Some(7));
///
///     let cancelled = g.spawn(sleep(1.minutes()));
///     cancelled.cancel();
///     assert!(matches!(cancelled.outcome().await, Outcome::Cancelled(_)));
/// })
/// .await
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub enum Outcome<T> {
    /// It returned a value.
    Done(T),
    /// It returned an error.
    Failed(TaskFailure),
    /// It panicked; the payload goes on in the parent.
    Panicked(PanicCause),
    /// It was cancelled.
    Cancelled(Cancelled),
}

impl<T> Outcome<T> {
    /// Returns the value, if there is one.
    #[must_use]
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            _ => None,
        }
    }

    /// Tells whether the child was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }
}
