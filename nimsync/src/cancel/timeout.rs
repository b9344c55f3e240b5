//! Time limits.

use super::cause::{CancelReason, Cancelled};
use super::frame::{Frame, Last, poll_last, task_name};
use crate::time::{Sleep, sleep, sleep_until};
use pin_project_lite::pin_project;
use std::error::Error;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use std::{fmt, io};

/// What can be a time limit: a [`Duration`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a time limit",
    label = "expected a `Duration`",
    note = "write the unit: `500.milliseconds()`, `2.seconds()`"
)]
pub trait TimeLimit {
    #[doc(hidden)]
    fn into_limit(self) -> Duration;
}

#[diagnostic::do_not_recommend]
impl TimeLimit for Duration {
    fn into_limit(self) -> Duration {
        self
    }
}

/// Runs `future` for at most `limit`.
///
/// The time counts from the first time that the future is not ready, which is
/// its first poll. When it is over, what runs inside is cancelled: it is polled
/// once more, shields and groups inside of it come to their end, and then it is
/// dropped. So when this returns, tasks of a group inside are gone.
///
/// # Cancel safety
///
/// Dropping the returned future drops `future`.
///
/// # Errors
///
/// [`TimedOut`] if the future was not ready in time.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let slow = nimsync::timeout(1.milliseconds(), sleep(1.minutes())).await;
///     assert!(slow.is_err());
/// });
/// ```
#[track_caller]
pub fn timeout<F: Future>(limit: impl TimeLimit, future: F) -> Timeout<F> {
    Timeout::new(Limit::After(limit.into_limit()), future)
}

/// Runs `future` until `deadline` at most; of nested limits the earliest wins.
///
/// Everything else is as in [`timeout`]. A deadline in the past still allows
/// for one poll.
///
/// # Cancel safety
///
/// Dropping the returned future drops `future`.
///
/// # Errors
///
/// [`TimedOut`] if the future was not ready in time.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let deadline = nimsync::now() + 1.milliseconds();
///     assert!(nimsync::timeout_at(deadline, sleep(1.minutes())).await.is_err());
/// });
/// ```
#[track_caller]
pub fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    Timeout::new(Limit::At(deadline), future)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    After(Duration),
    At(Instant),
}

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Timeout<F> {
        limit: Limit,
        at: &'static Location<'static>,
        frame: Frame,
        over: bool,
        #[pin]
        timer: Option<Sleep>,
        #[pin]
        future: Option<F>,
    }
}

impl<F> Timeout<F> {
    #[track_caller]
    fn new(limit: Limit, future: F) -> Self {
        Self {
            limit,
            at: Location::caller(),
            frame: Frame::lazy(),
            over: false,
            timer: None,
            future: Some(future),
        }
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, TimedOut>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(mut future) = this.future.as_mut().as_pin_mut() else {
            panic!("a timeout was polled after it had ended");
        };
        let mut last = poll_last(this.frame, future.as_mut(), cx);
        if matches!(last, Last::Pending) && !*this.over {
            if this.timer.is_none() {
                this.timer.set(Some(match *this.limit {
                    Limit::After(limit) => sleep(limit),
                    Limit::At(deadline) => sleep_until(deadline),
                }));
            }
            let timer = this.timer.as_mut().as_pin_mut().expect("just set");
            if timer.poll_as_limit(cx).is_ready() {
                *this.over = true;
                let reason = match *this.limit {
                    Limit::After(limit) => CancelReason::Timeout(limit),
                    Limit::At(_) => CancelReason::Deadline,
                };
                {
                    let _entered = this.frame.enter();
                    let cause = Cancelled::at(reason, task_name(), this.at);
                    this.frame.scope().cancel(cause);
                }
                last = poll_last(this.frame, future, cx);
            }
        }
        match last {
            Last::Ready(value) => {
                drop_inside(this.frame, this.future);
                Poll::Ready(Ok(value))
            }
            Last::Cut if *this.over => {
                drop_inside(this.frame, this.future);
                Poll::Ready(Err(TimedOut { limit: *this.limit }))
            }
            // Cancelled from further out: whoever did it drops us as well.
            Last::Cut | Last::Pending => Poll::Pending,
        }
    }
}

/// Drops what ran inside of the limit; its destructors run inside as well.
fn drop_inside<F>(frame: &Frame, mut future: Pin<&mut Option<F>>) {
    let _entered = frame.enter();
    future.set(None);
}

/// That something was not done in time.
///
/// It converts into an [`io::Error`] of kind [`TimedOut`](io::ErrorKind::TimedOut).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut {
    limit: Limit,
}

impl TimedOut {
    /// Not done within `limit`.
    pub(crate) fn after(limit: Duration) -> Self {
        Self {
            limit: Limit::After(limit),
        }
    }

    /// Returns the limit, if it was a duration and not a deadline.
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        match self.limit {
            Limit::After(limit) => Some(limit),
            Limit::At(_) => None,
        }
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Limit::After(limit) => write!(f, "not done within {limit:?}"),
            Limit::At(_) => f.write_str("not done before the deadline"),
        }
    }
}

impl Error for TimedOut {}

impl From<TimedOut> for io::Error {
    fn from(error: TimedOut) -> Self {
        Self::new(io::ErrorKind::TimedOut, error)
    }
}
