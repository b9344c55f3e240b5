//! Beginning again after an error.

use crate::retry::Retry;
use crate::time::{Sleep, sleep};
use futures::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The stream of [`retry`](crate::stream::StreamExt::retry).
    #[must_use = "a stream does nothing until it is polled"]
    pub struct Retrying<S, F> {
        // `None` during a pause, and when it has ended.
        #[pin]
        upstream: Option<S>,
        again: F,
        retry: Retry,
        failures: u32,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<S, F> Retrying<S, F> {
    pub(in crate::stream) fn new(upstream: S, retry: Retry, again: F) -> Self {
        Self {
            upstream: Some(upstream),
            again,
            retry,
            failures: 0,
            timer: None,
        }
    }
}

impl<T, E, S, F> Stream for Retrying<S, F>
where
    S: Stream<Item = Result<T, E>>,
    F: FnMut() -> S,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let mut this = self.project();
        loop {
            if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                ready!(timer.poll(cx));
                this.timer.set(None);
                let again = (this.again)();
                this.upstream.set(Some(again));
            }
            let Some(upstream) = this.upstream.as_mut().as_pin_mut() else {
                return Poll::Ready(None);
            };
            match ready!(upstream.poll_next(cx)) {
                Some(Ok(item)) => {
                    *this.failures = 0;
                    return Poll::Ready(Some(Ok(item)));
                }
                Some(Err(error)) => {
                    this.upstream.set(None);
                    *this.failures = this.failures.saturating_add(1);
                    let Some(pause) = this.retry.pause(*this.failures) else {
                        return Poll::Ready(Some(Err(error)));
                    };
                    this.timer.set(Some(sleep(pause)));
                }
                None => {
                    this.upstream.set(None);
                    return Poll::Ready(None);
                }
            }
        }
    }
}
