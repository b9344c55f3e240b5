//! No more than so many items a second.

use crate::time::{Sleep, now, sleep_until};
use futures::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// How many items may pass in which time, and how many of them at once.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::stream::Rate;
///
/// let steady = Rate::per_second(100);
/// let bursty = Rate::per_second(100).burst(20);
/// let slow = Rate::new(3, 1.minutes());
/// # let _ = (steady, bursty, slow);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time in which one item may pass.
    each: Duration,
    burst: u32,
}

impl Rate {
    /// So many items in each `time`, evenly.
    ///
    /// # Panics
    ///
    /// If there are no items, or no time for one.
    #[must_use]
    #[track_caller]
    pub fn new(items: u32, time: Duration) -> Self {
        let each = time.checked_div(items).unwrap_or_default();
        assert!(
            !each.is_zero(),
            "a rate lets at least one item pass, in some time"
        );
        Self { each, burst: 1 }
    }

    /// So many items in each second, evenly.
    ///
    /// # Panics
    ///
    /// If there are no items, or more than one in a nanosecond.
    #[must_use]
    #[track_caller]
    pub fn per_second(items: u32) -> Self {
        Self::new(items, Duration::from_secs(1))
    }

    /// Lets so many items pass at once after a pause that was long enough.
    ///
    /// # Panics
    ///
    /// If it is 0.
    #[must_use]
    #[track_caller]
    pub fn burst(self, items: u32) -> Self {
        assert!(items > 0, "a burst has at least one item");
        Self {
            burst: items,
            ..self
        }
    }
}

impl From<u32> for Rate {
    /// So many items in each second.
    #[track_caller]
    fn from(per_second: u32) -> Self {
        Self::per_second(per_second)
    }
}

pin_project! {
    /// The stream of [`throttle`](crate::stream::StreamExt::throttle).
    ///
    /// A bucket holds up to `burst` tokens, gets one each time, and gives one for an item. It
    /// is kept as the time at which it would be full: that needs no counting.
    #[must_use = "a stream does nothing until it is polled"]
    pub struct Throttle<S> {
        #[pin]
        upstream: S,
        rate: Rate,
        full_at: Option<Instant>,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<S: Stream> Throttle<S> {
    pub(in crate::stream) fn new(upstream: S, rate: Rate) -> Self {
        Self {
            upstream,
            rate,
            full_at: None,
            timer: None,
        }
    }
}

impl<S: Stream> Stream for Throttle<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        if let Some(timer) = this.timer.as_mut().as_pin_mut() {
            ready!(timer.poll(cx));
            this.timer.set(None);
        }
        let item = ready!(this.upstream.poll_next(cx));
        if item.is_some() {
            let now = now();
            let full_at = this.full_at.map_or(now, |at| at.max(now)) + this.rate.each;
            *this.full_at = Some(full_at);
            // Empty if it takes the whole bucket's time to fill it.
            let depth = this.rate.each * (this.rate.burst - 1);
            if full_at - now > depth {
                this.timer.set(Some(sleep_until(full_at - depth)));
            }
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.upstream.size_hint()
    }
}
