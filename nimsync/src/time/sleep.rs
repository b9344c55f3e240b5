//! The future that waits for a point in time.

use super::clock::{from_nanos, to_nanos};
use super::outside;
use super::timers::{Timers, current};
use super::wheel::Entry;
use crate::wait;
use std::cell::UnsafeCell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Waits for `duration`.
///
/// The time counts from the first poll of the future. It never ends early; how
/// late it can be is decided by the tick of the timer (131 µs), by the
/// millisecond that the operating system's poller waits in, and by what else
/// the worker has to do.
///
/// # Cancel safety
///
/// Dropping the future stops the wait and nothing else.
///
/// It works on any executor; outside of a nimsync runtime a thread that is
/// started for the purpose fires the timer.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     sleep(1.milliseconds()).await;
/// });
/// ```
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::new(When::After(duration))
}

/// Waits until `deadline`; a deadline in the past is over at once.
///
/// # Cancel safety
///
/// Dropping the future stops the wait and nothing else.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let deadline = nimsync::now() + 1.milliseconds();
///     nimsync::sleep_until(deadline).await;
///     assert!(nimsync::now() >= deadline);
/// });
/// ```
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(When::At(to_nanos(deadline)))
}

/// The future of [`sleep`] and [`sleep_until`].
#[must_use = "a sleep does nothing until it is awaited"]
pub struct Sleep {
    when: When,
    /// The timers in whose wheel `entry` is, once it has been registered.
    timers: Option<&'static Timers>,
    /// Touched only under the lock of `timers`.
    entry: UnsafeCell<Entry>,
    _pinned: PhantomPinned,
}

#[derive(Clone, Copy)]
enum When {
    /// So long after the first poll.
    After(Duration),
    /// At this time, in nanoseconds of the clock.
    At(u64),
}

// SAFETY: what other threads touch, `entry`, they touch under the wheel's lock.
unsafe impl Send for Sleep {}
// SAFETY: a shared `Sleep` gives access to nothing but `when`.
unsafe impl Sync for Sleep {}

impl Sleep {
    fn new(when: When) -> Self {
        Self {
            when,
            timers: None,
            entry: UnsafeCell::new(Entry::new()),
            _pinned: PhantomPinned,
        }
    }

    /// Returns the deadline, or `None` before the first poll of a [`sleep`].
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.when {
            When::After(_) => None,
            When::At(nanos) => Some(from_nanos(nanos)),
        }
    }

    /// As `poll`, but leaves the label of the task to what it waits for besides.
    pub(crate) fn poll_as_limit(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let poll = self.as_mut().poll_timer(cx);
        if poll.is_pending() {
            self.note_limit();
        }
        poll
    }

    /// Says that what the task waits for ends with this.
    pub(crate) fn note_limit(&self) {
        if let When::At(deadline) = self.when {
            wait::note_limit(deadline);
        }
    }

    fn poll_timer(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: nothing is moved out of `self`.
        let this = unsafe { self.get_unchecked_mut() };
        match this.timers {
            None => this.start(cx),
            // SAFETY: `start` gave the entry to these timers.
            Some(timers) => match unsafe { timers.poll(this.entry(), cx.waker()) } {
                true => Poll::Ready(()),
                false => Poll::Pending,
            },
        }
    }

    fn entry(&self) -> NonNull<Entry> {
        // SAFETY: the address of a field is not null.
        unsafe { NonNull::new_unchecked(self.entry.get()) }
    }

    /// Fixes the deadline and registers with the timers of this thread.
    fn start(&mut self, cx: &Context<'_>) -> Poll<()> {
        let inside = current();
        let timers = inside.unwrap_or_else(outside::timers);
        let now = timers.clock().nanos();
        let deadline = match self.when {
            When::At(nanos) => nanos,
            When::After(duration) => {
                let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
                // One below the end, which means "never" to the timers.
                now.saturating_add(nanos).min(u64::MAX - 1)
            }
        };
        self.when = When::At(deadline);
        if deadline <= now {
            return Poll::Ready(());
        }
        self.timers = Some(timers);
        // SAFETY: the entry is not linked, since `timers` was `None`; it stays
        // in place because `self` is pinned, and `drop` cancels it.
        unsafe { timers.set(self.entry(), deadline, cx.waker()) };
        if inside.is_none() {
            outside::timer_was_set();
        }
        Poll::Pending
    }
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let poll = self.as_mut().poll_timer(cx);
        if poll.is_pending()
            && let When::At(deadline) = self.when
        {
            wait::note_until(&"sleep", deadline);
        }
        poll
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(timers) = self.timers {
            // SAFETY: `start` gave the entry to these timers.
            unsafe { timers.cancel(self.entry()) };
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline())
            .finish_non_exhaustive()
    }
}
