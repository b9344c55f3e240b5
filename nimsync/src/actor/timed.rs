//! Messages that an actor sends itself later.

use crate::prim::atomic::{AtomicBool, Ordering};
use crate::time::{Sleep, now, sleep_until};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::{Duration, Instant};

/// Makes the message; nothing if it was for one time.
type Make<M> = Box<dyn FnMut() -> Option<M> + Send>;

/// A message to be sent later.
pub(super) struct Timed<M> {
    /// From when it was asked for, and the time that this comes to.
    delay: Duration,
    at: Instant,
    every: Option<Duration>,
    make: Make<M>,
    cancelled: Arc<AtomicBool>,
}

impl<M> Timed<M> {
    pub(super) fn new(delay: Duration, every: Option<Duration>, make: Make<M>) -> (Self, Timer) {
        let cancelled = Arc::new(AtomicBool::new(false));
        let timer = Timer(cancelled.clone());
        let this = Self {
            delay,
            at: now() + delay,
            every,
            make,
            cancelled,
        };
        (this, timer)
    }

    pub(super) fn delay(&self) -> Duration {
        self.delay
    }

    /// The interval at which it comes again.
    pub(super) fn every(&self) -> Option<Duration> {
        self.every.filter(|every| !every.is_zero())
    }

    pub(super) fn is_cancelled(&self) -> bool {
        // Relaxed: see `Timer::cancel`.
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(super) fn make(&mut self) -> Option<M> {
        (self.make)()
    }
}

/// A message that an actor sends itself later, and may be cancelled.
///
/// Dropping this changes nothing.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Clock { ticks: u32 }
///
/// #[actor]
/// impl Clock {
///     pub fn tick(&mut self) { self.ticks += 1; }
///     pub fn ticks(&self) -> u32 { self.ticks }
/// }
///
/// # nimsync::Runtime::local().paused_clock().build().unwrap().block_on(async {
/// let system = ActorSystem::new();
/// let clock = system.spawn(Clock { ticks: 0 });
/// let timer = clock.tick().every(1.minutes());
/// sleep(150.seconds()).await;
/// timer.cancel();
/// sleep(60.minutes()).await;
/// assert_eq!(clock.ticks().await.unwrap(), 2);
/// system.stop().await.unwrap();
/// # });
/// ```
#[derive(Clone)]
pub struct Timer(Arc<AtomicBool>);

impl Timer {
    /// Has the message not sent any more.
    pub fn cancel(&self) {
        // Relaxed: nothing is published with it.
        self.0.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").finish_non_exhaustive()
    }
}

/// An actor's timed messages, by time, and among equals by the order in which
/// they were asked for.
pub(super) struct Timetable<M> {
    entries: Vec<Option<Timed<M>>>,
    order: BinaryHeap<Reverse<(Instant, u64, usize)>>,
    next: u64,
    timer: Option<Pin<Box<Sleep>>>,
    timer_at: Option<Instant>,
}

impl<M> Timetable<M> {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            order: BinaryHeap::new(),
            next: 0,
            timer: None,
            timer_at: None,
        }
    }

    pub(super) fn add(&mut self, timed: Timed<M>) {
        let place = match self.entries.iter().position(Option::is_none) {
            Some(place) => place,
            None => {
                self.entries.push(None);
                self.entries.len() - 1
            }
        };
        self.queue(timed.at, place);
        self.entries[place] = Some(timed);
    }

    fn queue(&mut self, at: Instant, place: usize) {
        self.order.push(Reverse((at, self.next, place)));
        self.next += 1;
    }

    /// Returns the next message whose time has come, and sees to it that the
    /// host is woken for the one after.
    pub(super) fn poll_due(&mut self, cx: &mut Context<'_>) -> Option<M> {
        while let Some(&Reverse((at, _, place))) = self.order.peek() {
            if !self.is_past(at, cx) {
                return None;
            }
            self.order.pop();
            if let Some(message) = self.fire(at, place) {
                return Some(message);
            }
        }
        None
    }

    fn is_past(&mut self, at: Instant, cx: &mut Context<'_>) -> bool {
        if self.timer.is_none() || self.timer_at != Some(at) {
            self.timer = Some(Box::pin(sleep_until(at)));
            self.timer_at = Some(at);
        }
        let past = match &mut self.timer {
            Some(timer) => timer.as_mut().poll(cx).is_ready(),
            None => false,
        };
        if past {
            self.timer = None;
        }
        past
    }

    fn fire(&mut self, at: Instant, place: usize) -> Option<M> {
        let entry = &mut self.entries[place];
        let timed = entry.as_mut()?;
        if timed.is_cancelled() {
            *entry = None;
            return None;
        }
        let message = timed.make();
        match timed.every() {
            Some(every) => {
                let now = now();
                let mut next = at + every;
                if next <= now {
                    // Beats that were missed are left out.
                    let missed = (now - at).as_nanos() / every.as_nanos();
                    let missed = u32::try_from(missed).unwrap_or(u32::MAX);
                    next = at + every * missed + every;
                }
                self.queue(next, place);
            }
            None => *entry = None,
        }
        message
    }
}
