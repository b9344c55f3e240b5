//! How a worker goes to sleep, what wakes it, and what it looks after meanwhile.

use super::{GUEST_NAP, RESCUE_FIRST, RESCUE_LAST, TRAFFIC_NAP, Worker};
use crate::prim::atomic::Ordering;
use crate::stats::{self, Counter};
use std::task::Waker;
use std::time::{Duration, Instant};

impl Worker {
    /// As `turn_driver`, unless somebody has done it a moment ago.
    pub(super) fn turn_driver_if_due(&self, now: u64) {
        let driver = &self.shared.driver;
        // A clock that stands says nothing of when that was.
        if driver.is_due(now) || self.place().timers.clock().is_paused() {
            driver.note_turn(now);
            self.turn_driver();
        }
    }

    /// Wakes whom the operating system has something for, without waiting.
    pub(super) fn turn_driver(&self) -> bool {
        let driver = &self.shared.driver;
        if driver.is_used()
            && let Some(mut poller) = driver.try_lock()
        {
            let mut wakers = self.io_wakers.take();
            driver.turn(&mut poller, Some(Duration::ZERO), &mut wakers);
            drop(poller);
            self.io_wakers.set(wakers);
        }
        self.wake_for_io()
    }

    /// Wakes whom the last turn of the driver has found; tells whether there was
    /// anybody.
    fn wake_for_io(&self) -> bool {
        let mut wakers = self.io_wakers.take();
        let any = !wakers.is_empty();
        wakers.drain(..).for_each(Waker::wake);
        self.io_wakers.set(wakers);
        any
    }

    /// Fires the timers of seat 0 when nobody sits there.
    pub(super) fn fire_vacant(&self, now: u64) -> bool {
        self.number != 0 && self.shared.seats[0].is_vacant() && self.shared.timers().fire(now)
    }

    pub(super) fn sleep(&self, done: &dyn Fn() -> bool, stuck: Option<&dyn Fn()>) {
        self.settle_polls();
        let now = self.place().timers.read();
        if self.place().timers.fire(now) | self.fire_vacant(now) {
            return;
        }
        let was_searching = self.set_searching(false);
        if self.guest.is_none() {
            self.shared.idle.sleep(self.number, was_searching);
        }
        // Acquire pairs with the release in `Runtime::stop`.
        let stopping = self.shared.stopping.load(Ordering::Acquire);
        let seen_work = self.has_work();
        if !(seen_work || stopping || done()) {
            match stuck {
                Some(stuck) => self.park_in_test(now, stuck),
                None => self.park_or_nap(now),
            }
        }
        if self.guest.is_none() {
            self.set_searching(self.shared.idle.wake_up(self.number, seen_work));
        }
        // What was slept is not to be taken for the time of polls.
        let now = self.place().timers.read();
        self.looked_at.set(now);
        if self.left_driver.get() {
            self.shared.driver.note_turn(now);
        }
        let timer = self
            .place()
            .timers
            .next_look()
            .is_some_and(|look| look <= now);
        let busy = self.wake_for_io() | timer | self.is_searching();
        if busy && self.left_driver.take() {
            self.leave_driver_to_others();
        }
        self.grant_polls(self.polls_granted.get());
        self.injector_first.set(true);
    }

    /// Sees to it that somebody waits for I/O while this worker is busy, perhaps
    /// for long.
    fn leave_driver_to_others(&self) {
        let shared = &self.shared;
        if !shared.driver.is_used() {
            return;
        }
        if shared.idle.is_watched() {
            shared.idle.depart();
        } else if shared.idle.may_wake() {
            shared.idle.depart();
            shared.wake_one();
        }
    }

    fn has_work(&self) -> bool {
        !self.place().pinned.is_empty()
            || !self.pinned.borrow().is_empty()
            || self.shared.has_work()
    }

    /// Sleeps for as long as the timers and what the others are doing allow.
    fn park_or_nap(&self, now: u64) {
        let until = |look: u64| Duration::from_nanos(look.saturating_sub(now).max(1));
        let own = self.place().timers.next_look().map(until);
        let vacant = (self.number != 0 && self.shared.seats[0].is_vacant())
            .then(|| self.shared.timers().next_look().map(until))
            .flatten();
        let mut watching = false;
        let nap = if self.guest.is_some() {
            Some(GUEST_NAP)
        } else if self.shared.someone_is_busy() {
            watching = true;
            let nap = self.rescue_in.get();
            self.rescue_in.set((nap * 2).min(RESCUE_LAST));
            Some(nap)
        } else {
            self.rescue_in.set(RESCUE_FIRST);
            // Short waits for I/O follow each other: whoever leaves the driver for the
            // next one is looked after, and need not wake us for it.
            let departures = self.shared.idle.departures();
            watching = self.departures_seen.replace(departures) != departures;
            watching.then_some(TRAFFIC_NAP)
        };
        let timeout = [own, vacant, nap].into_iter().flatten().min();
        if watching {
            self.shared.idle.watch();
            self.park(timeout);
            self.shared.idle.end_watch();
        } else {
            self.park(timeout);
        }
    }

    fn park(&self, timeout: Option<Duration>) {
        stats::count(Counter::Parks, 1);
        self.left_driver.set(false);
        match self.shared.driver.try_lock() {
            Some(mut poller) => self.place().park_in_driver(|| {
                let mut wakers = self.io_wakers.take();
                self.shared.driver.turn(&mut poller, timeout, &mut wakers);
                self.io_wakers.set(wakers);
                self.left_driver.set(true);
            }),
            None => self.place().park(timeout),
        }
        self.rescue();
    }

    /// Takes the next task of a worker that has been stuck in a poll.
    ///
    /// It is called after a nap, so a task that is in the slot before and after
    /// a nap has waited long enough; for simplicity one look must do, and a
    /// ping-pong that loses its slot once in milliseconds does not notice.
    fn rescue(&self) {
        let Some(deque) = &self.deque else { return };
        if self.has_work() {
            return;
        }
        for (i, seat) in self.shared.seats.iter().enumerate() {
            if i != self.number
                && let Some(runnable) = seat.take_next()
            {
                deque.push(runnable);
                return;
            }
        }
    }

    /// Sleeps in a runtime that is to notice when nothing can ever run again.
    fn park_in_test(&self, now: u64, stuck: &dyn Fn()) {
        let timers = self.place().timers;
        let clock = timers.clock();
        if self.shared.pool.is_busy() {
            return if clock.is_paused() {
                self.park(None);
            } else {
                self.park_or_nap(now);
            };
        }
        if self.turn_driver() {
            return;
        }
        if !clock.is_paused() && self.shared.driver.is_awaited() {
            return self.park_or_nap(now);
        }
        match timers.next_look() {
            Some(look) if clock.is_paused() => {
                clock.advance_to(look);
                timers.fire(timers.read());
            }
            Some(_) => self.park_or_nap(now),
            None => {
                // Real time: whoever could still wake us is not in the runtime.
                let since = Instant::now();
                let awaited = self.shared.driver.is_awaited();
                let limit = self.shared.settings.stuck_after.filter(|_| !awaited);
                self.park(limit);
                if limit.is_some_and(|limit| since.elapsed() >= limit) && !self.has_work() {
                    stuck();
                }
            }
        }
    }
}
