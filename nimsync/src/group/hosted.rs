//! A group that lives in a value rather than around a body: for operators on streams.

use super::body::Core;
use super::error::GroupError;
use super::handle::open;
use super::options::GroupOptions;
use super::spawner::Spawner;
use crate::prim::atomic::{AtomicBool, Ordering};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A group whose children are spawned by whoever owns this value.
///
/// Dropping it cancels them, as dropping a group's future does: the task that drops it
/// does not end before they have.
pub(crate) struct Hosted {
    drive: Pin<Box<dyn Future<Output = Result<(), GroupError>> + Send>>,
    spawner: Spawner,
    closing: Arc<AtomicBool>,
    ended: bool,
}

impl Hosted {
    /// Opens a group in the task that polls with `cx`.
    #[track_caller]
    pub(crate) fn open(options: GroupOptions, cx: &mut Context<'_>) -> Self {
        let anchor = open(options);
        let closing = Arc::new(AtomicBool::new(false));
        let spawner = anchor.spawner();
        let closed = closing.clone();
        let mut hosted = Self {
            drive: Box::pin(async move {
                let core = Core::new(&anchor);
                // Acquire pairs with the Release in `close`; nothing else is published.
                let body = poll_fn(|_| match closed.load(Ordering::Acquire) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                });
                core.drive(body).await
            }),
            spawner,
            closing,
            ended: false,
        };
        // From here on dropping it cancels the children.
        let _ = hosted.poll(cx);
        hosted
    }

    pub(crate) fn spawner(&self) -> &Spawner {
        &self.spawner
    }

    /// Says that no more children will come: the group ends when all have ended.
    pub(crate) fn close(&self) {
        // Release: see the load in `open`.
        self.closing.store(true, Ordering::Release);
    }

    /// Waits for the end of the group; the result is told once. Before that, panics of children come out here, so it
    /// is to be polled whenever the owner waits.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GroupError>> {
        if self.ended {
            return Poll::Ready(Ok(()));
        }
        let result = self.drive.as_mut().poll(cx);
        self.ended = result.is_ready();
        result
    }
}
