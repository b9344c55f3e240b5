//! With the feature `tracing`.

use super::super::node::{NO_SEAT, Node};
use std::cell::UnsafeCell;
use tracing::Span;
use tracing::span::EnteredSpan;

/// The span of a task.
pub(in crate::task) struct Trace {
    /// For events about it; 0 if nobody wants it.
    id: u64,
    /// Touched by polls of the task only.
    span: UnsafeCell<Span>,
}

impl Trace {
    /// The trace of a task that is about to have one.
    pub(in crate::task) fn none() -> Self {
        Self::with(Span::none())
    }

    fn with(span: Span) -> Self {
        Self {
            id: span.id().map_or(0, |id| id.into_u64()),
            span: UnsafeCell::new(span),
        }
    }

    /// Makes the span of a task whose future has this size.
    pub(in crate::task) fn of(node: &Node, size: usize) -> Self {
        let kind = match node {
            node if node.seat() != NO_SEAT => "block_on",
            node if node.is_in_place() => "local",
            node if node.is_service() => "service",
            _ => "task",
        };
        let place = node.spawned_at();
        Self::with(tracing::trace_span!(
            target: "tokio::task",
            parent: None,
            "runtime.spawn",
            kind,
            task.name = node.name().map_or("", |name| name),
            task.id = node.id().as_u64(),
            size.bytes = size as u64,
            loc.file = place.file(),
            loc.line = place.line(),
            loc.col = place.column(),
        ))
    }

    /// Enters the span for a poll.
    ///
    /// What is returned has a span of its own: when the poll is over, another worker
    /// may have the task already, and may have ended it.
    ///
    /// # Safety
    ///
    /// This is the beginning of a poll of the task.
    pub(in crate::task) unsafe fn enter(&self) -> EnteredSpan {
        // SAFETY: polls do not overlap, and only they touch it.
        unsafe { &*self.span.get() }.clone().entered()
    }

    /// Closes the span.
    ///
    /// # Safety
    ///
    /// The last poll of the task has been, and the span is not entered.
    pub(in crate::task) unsafe fn close(&self) {
        // SAFETY: nobody touches it any more but the one who calls this.
        drop(std::mem::replace(
            unsafe { &mut *self.span.get() },
            Span::none(),
        ));
    }

    /// There is a waker of the task.
    pub(in crate::task) fn cloned(&self) {
        if self.id != 0 {
            tracing::trace!(target: "tokio::task::waker", op = "waker.clone", task.id = self.id);
        }
    }

    /// The task has been woken.
    #[inline]
    pub(in crate::task) fn woken(&self) {
        if self.id != 0 {
            tracing::trace!(
                target: "tokio::task::waker",
                op = "waker.wake_by_ref",
                task.id = self.id,
            );
        }
    }
}
