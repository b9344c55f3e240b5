//! Batches that do not wait long.

use crate::time::{Sleep, sleep};
use futures::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

pin_project! {
    /// The stream of [`batch_within`](crate::stream::StreamExt::batch_within).
    #[must_use = "a stream does nothing until it is polled"]
    pub struct BatchWithin<S: Stream> {
        // `None` when it has ended.
        #[pin]
        upstream: Option<S>,
        batch: Vec<S::Item>,
        size: usize,
        within: Duration,
        // Runs while there is a batch that is not full.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<S: Stream> BatchWithin<S> {
    #[track_caller]
    pub(in crate::stream) fn new(upstream: S, size: usize, within: Duration) -> Self {
        assert!(size > 0, "a batch has at least one item");
        Self {
            upstream: Some(upstream),
            batch: Vec::new(),
            size,
            within,
            timer: None,
        }
    }
}

impl<S: Stream> Stream for BatchWithin<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<S::Item>>> {
        let mut this = self.project();
        while let Some(upstream) = this.upstream.as_mut().as_pin_mut() {
            match upstream.poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    if this.batch.is_empty() {
                        this.timer.set(Some(sleep(*this.within)));
                    }
                    this.batch.push(item);
                    if this.batch.len() >= *this.size {
                        break;
                    }
                }
                Poll::Ready(None) => this.upstream.set(None),
                Poll::Pending => {
                    let timer = this.timer.as_mut().as_pin_mut();
                    if timer.is_some_and(|timer| timer.poll(cx).is_ready()) {
                        break;
                    }
                    return Poll::Pending;
                }
            }
        }
        this.timer.set(None);
        let batch = std::mem::take(this.batch);
        Poll::Ready((!batch.is_empty()).then_some(batch))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ended = self.upstream.is_none() && self.batch.is_empty();
        (usize::from(!self.batch.is_empty()), ended.then_some(0))
    }
}
