//! A group that is a value, for what is built on groups.

use super::block::{Block, ChildKind};
use super::child::Child;
use super::error::GroupError;
use super::options::GroupOptions;
use crate::cancel::{CancelReason, Cancelled, task_name};
use crate::runtime;
use crate::task::TaskOutput;
use crate::wait;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A group without a body, and without children in place.
///
/// Dropping it cancels the children, and has the task that drops it wait for
/// them. If it is forgotten, or moved out of the task that opened it, the end of
/// that task does the same.
pub(crate) struct OpenGroup {
    block: Arc<Block>,
    ended: bool,
}

impl OpenGroup {
    /// Opens a group in the task that calls it.
    #[track_caller]
    pub(crate) fn open(options: GroupOptions) -> Self {
        Self {
            block: Block::open(runtime::here(), options, Location::caller()),
            ended: false,
        }
    }

    /// Spawns a child that runs in parallel. If the task that opened the group has
    /// ended, `future` is dropped.
    pub(crate) fn spawn<F>(&self, future: F, name: Option<Arc<str>>, at: &'static Location<'static>)
    where
        F: Future + Send + 'static,
        F::Output: TaskOutput<Value: Send + 'static>,
    {
        let kind = ChildKind::Parallel;
        // SAFETY: the future and its value are `Send + 'static`.
        let handle = unsafe { self.block.spawn(future, kind, name, at) };
        drop(handle.map(Child::new));
    }

    /// Returns how many children live.
    pub(crate) fn len(&self) -> usize {
        self.block.alive().0
    }

    /// Waits until all children have ended.
    pub(crate) fn join(self) -> Join {
        Join { group: self }
    }
}

impl Drop for OpenGroup {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.block.scope.cancel(Cancelled::at(
            CancelReason::GroupDropped,
            task_name(),
            self.block.opened_at(),
        ));
        self.block.leave();
    }
}

/// The future of [`OpenGroup::join`].
#[must_use = "futures do nothing until they are awaited"]
pub(crate) struct Join {
    group: OpenGroup,
}

impl Future for Join {
    type Output = Result<(), GroupError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.group.block.join(cx.waker()) {
            wait::note(&"the children of a group");
            return Poll::Pending;
        }
        self.group.ended = true;
        let block = &self.group.block;
        if let Some(payload) = block.take_panic() {
            block.drop_unwanted();
            resume_unwind(payload);
        }
        if block.has_failures() || block.scope.is_asked() {
            return Poll::Ready(Err(block.error()));
        }
        Poll::Ready(Ok(()))
    }
}
