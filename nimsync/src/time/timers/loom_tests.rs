//! Models of timers that fire while others do something to them.
//!
//! Times are in nanoseconds, and small: all entries are in one slot of the
//! wheel, whose insides are tested elsewhere.

use super::*;
use crate::prim::model::{self, Bell};
use loom::thread;
use std::sync::Arc;

fn timers() -> &'static Timers {
    Box::leak(Box::new(Timers::new()))
}

/// An entry that stays where it is, as in a pinned `Sleep`.
struct Timer {
    timers: &'static Timers,
    entry: NonNull<Entry>,
}

// SAFETY: the entry is touched by calls on its timers only.
unsafe impl Send for Timer {}

impl Timer {
    fn new(timers: &'static Timers) -> Self {
        let entry = NonNull::from(Box::leak(Box::new(Entry::new())));
        Self { timers, entry }
    }

    /// Called when the entry is not linked.
    fn set(&self, deadline: u64, waker: &Waker) {
        // SAFETY: it is not linked, and stays in place until the drop, which
        // cancels it.
        unsafe { self.timers.set(self.entry, deadline, waker) };
    }

    fn poll(&self, waker: &Waker) -> bool {
        // SAFETY: the models set an entry first.
        unsafe { self.timers.poll(self.entry, waker) }
    }

    fn cancel(&self) {
        // SAFETY: the models set an entry first.
        unsafe { self.timers.cancel(self.entry) };
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.cancel();
        // SAFETY: leaked in `new`, and not linked.
        drop(unsafe { Box::from_raw(self.entry.as_ptr()) });
    }
}

/// A timer that is cancelled while it fires wakes at most once, and is not
/// touched when `cancel` has returned: it can be set anew.
#[test]
fn loom_a_timer_is_left_alone_once_cancelled() {
    model::check(|| {
        let timers = timers();
        let (first, second) = (Bell::new(), Bell::new());
        let timer = Timer::new(timers);
        timer.set(10, &first.waker());
        let worker = thread::spawn(move || timers.fire(20));
        timer.cancel();
        timer.set(30, &second.waker());
        let fired = worker.join().unwrap();
        assert_eq!(first.rings(), usize::from(fired));
        assert_eq!(second.rings(), 0);
        assert!(!timer.poll(&second.waker()));
        assert!(timers.fire(30) && timer.poll(Waker::noop()));
        assert_eq!(second.rings(), 1);
        drop(timer);
        for bell in [first, second] {
            assert_eq!(Arc::strong_count(&bell), 1, "no waker is left");
        }
    });
}

/// Of the wakers that a timer has had, the last is woken, or its poll sees that
/// the timer has fired.
#[test]
fn loom_a_timer_wakes_the_waker_of_the_last_poll() {
    model::check(|| {
        let timers = timers();
        let (first, second) = (Bell::new(), Bell::new());
        let timer = Timer::new(timers);
        timer.set(10, &first.waker());
        let worker = thread::spawn(move || timers.fire(20));
        if !timer.poll(&second.waker()) {
            second.wait();
            assert!(timer.poll(Waker::noop()));
        }
        assert!(worker.join().unwrap());
        assert_eq!(first.rings() + second.rings(), 1);
    });
}

/// However setting, cancelling and firing meet, the next look is not later than
/// the first deadline, and every timer fires.
#[test]
fn loom_no_deadline_is_overlooked() {
    model::check(|| {
        let timers = timers();
        let (early, late) = (Bell::new(), Bell::new());
        let timer = Timer::new(timers);
        timer.set(10, &early.waker());
        let worker = thread::spawn(move || timers.fire(20));
        let other = thread::spawn({
            let waker = late.waker();
            let timer = Timer::new(timers);
            move || {
                timer.set(30, &waker);
                timer
            }
        });
        timer.cancel();
        timer.set(40, &early.waker());
        worker.join().unwrap();
        let other = other.join().unwrap();
        assert!(timers.next_look().is_some_and(|look| look <= 30));
        assert!(timers.fire(30) && other.poll(Waker::noop()));
        assert!(timers.next_look().is_some_and(|look| look <= 40));
        assert!(timers.fire(40) && timer.poll(Waker::noop()));
    });
}

/// A sleep that outlives its runtime is woken, or was dropped before.
#[test]
fn loom_timers_retire_while_a_sleep_is_dropped() {
    model::check(|| {
        let timers = timers();
        let (stays, goes) = (Bell::new(), Bell::new());
        let staying = Timer::new(timers);
        staying.set(10, &stays.waker());
        let going = Timer::new(timers);
        going.set(10, &goes.waker());
        let owner = thread::spawn(move || timers.retire());
        drop(going);
        if !staying.poll(&stays.waker()) {
            stays.wait();
        }
        owner.join().unwrap();
        assert!(staying.poll(Waker::noop()));
        assert_eq!(stays.rings(), 1);
        assert!(goes.rings() <= 1);
    });
}
