//! A time limit for each item.

use crate::cancel::TimedOut;
use crate::time::{Sleep, sleep};
use futures::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

pin_project! {
    /// The stream of [`timeout_each`](crate::stream::StreamExt::timeout_each).
    #[must_use = "a stream does nothing until it is polled"]
    pub struct TimeoutEach<S> {
        #[pin]
        upstream: S,
        limit: Duration,
        // Runs from when an item is asked for until it is there.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<S: Stream> TimeoutEach<S> {
    pub(in crate::stream) fn new(upstream: S, limit: Duration) -> Self {
        Self {
            upstream,
            limit,
            timer: None,
        }
    }
}

impl<S: Stream> Stream for TimeoutEach<S> {
    type Item = Result<S::Item, TimedOut>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if let Poll::Ready(item) = this.upstream.poll_next(cx) {
            this.timer.set(None);
            return Poll::Ready(item.map(Ok));
        }
        if this.timer.is_none() {
            this.timer.set(Some(sleep(*this.limit)));
        }
        let timer = this.timer.as_mut().as_pin_mut();
        if timer.is_some_and(|timer| timer.poll(cx).is_ready()) {
            this.timer.set(None);
            Poll::Ready(Some(Err(TimedOut::after(*this.limit))))
        } else {
            Poll::Pending
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Each pause may add an error.
        (self.upstream.size_hint().0, None)
    }
}
