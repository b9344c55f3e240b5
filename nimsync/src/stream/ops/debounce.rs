//! The last item before a pause.

use crate::time::{Sleep, sleep};
use futures::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

pin_project! {
    /// The stream of [`debounce`](crate::stream::StreamExt::debounce).
    #[must_use = "a stream does nothing until it is polled"]
    pub struct Debounce<S: Stream> {
        // `None` when it has ended.
        #[pin]
        upstream: Option<S>,
        last: Option<S::Item>,
        quiet: Duration,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<S: Stream> Debounce<S> {
    pub(in crate::stream) fn new(upstream: S, quiet: Duration) -> Self {
        Self {
            upstream: Some(upstream),
            last: None,
            quiet,
            timer: None,
        }
    }
}

impl<S: Stream> Stream for Debounce<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        while let Some(upstream) = this.upstream.as_mut().as_pin_mut() {
            match upstream.poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    *this.last = Some(item);
                    this.timer.set(Some(sleep(*this.quiet)));
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
        Poll::Ready(this.last.take())
    }
}
