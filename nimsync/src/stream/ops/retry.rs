//! Beginning again after an error.

use crate::time::{Sleep, sleep};
use futures::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// How often a stream is begun again, and after which pauses.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::stream::Retry;
///
/// let patient = Retry::times(5).backoff(100.milliseconds());
/// # let _ = patient;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    times: u32,
    pause: Duration,
    longest: Duration,
}

impl Retry {
    /// Begins again at once, at most so many times in a row: an item that is
    /// no error makes the count begin anew.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self {
            times,
            pause: Duration::ZERO,
            longest: Duration::from_secs(30),
        }
    }

    /// Pauses before it begins again: so long, then twice as long each time, up to
    /// half a minute.
    #[must_use]
    pub fn backoff(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Sets the longest pause.
    #[must_use]
    pub fn longest(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    fn pause(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
        self.pause.saturating_mul(factor).min(self.longest)
    }
}

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
                    if *this.failures >= this.retry.times {
                        return Poll::Ready(Some(Err(error)));
                    }
                    *this.failures += 1;
                    this.timer
                        .set(Some(sleep(this.retry.pause(*this.failures))));
                }
                None => {
                    this.upstream.set(None);
                    return Poll::Ready(None);
                }
            }
        }
    }
}
