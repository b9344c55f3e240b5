//! The timers of one worker.

#[cfg(all(test, loom))]
mod loom_tests;

use super::clock::Clock;
use super::wheel::{Entry, Wheel};
use crate::prim::Lock;
use crate::prim::atomic::{AtomicU64, Ordering};
use crate::prim::thread_local;
use crate::stats::TimerCounts;
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::task::Waker;

/// Wakers taken from the wheel at a time, so that the lock is held briefly.
const BATCH: usize = 64;

/// A clock, and the wheel of the timers that wait for it.
///
/// Lives for ever once made, so that a [`Sleep`](super::Sleep) can name it by a
/// plain reference even when it outlives its runtime; a runtime that ends hands
/// its timers to the next one through [`Timers::retire`].
pub(crate) struct Timers {
    clock: Clock,
    wheel: Lock<Wheel>,
    /// When the wheel must be looked at next, in nanoseconds; `u64::MAX` for
    /// never. Written under the lock, read without.
    look: AtomicU64,
    /// What the clock said when the worker last read it.
    seen: AtomicU64,
}

/// Timers of runtimes that have ended.
static RETIRED: Mutex<Vec<&'static Timers>> = Mutex::new(Vec::new());

impl Timers {
    /// Returns timers with a running clock and an empty wheel.
    pub(crate) fn obtain() -> &'static Self {
        let retired = RETIRED.lock().unwrap_or_else(|e| e.into_inner()).pop();
        retired.unwrap_or_else(|| Box::leak(Box::new(Self::new())))
    }

    fn new() -> Self {
        Self {
            clock: Clock::running(),
            wheel: Lock::new(Wheel::new()),
            look: AtomicU64::new(u64::MAX),
            seen: AtomicU64::new(1),
        }
    }

    /// Ends the use of these timers by a runtime.
    ///
    /// Sleeps that are still linked (somebody took them out of the runtime) are
    /// woken: nothing would fire them any more.
    pub(crate) fn retire(&'static self) {
        let left = {
            let mut wheel = self.wheel.lock();
            // Relaxed: see `look`.
            self.look.store(u64::MAX, Ordering::Relaxed);
            wheel.clear()
        };
        self.clock.resume();
        left.into_iter().for_each(Waker::wake);
        // What loom has made is good for one execution of its model.
        if cfg!(loom) {
            return;
        }
        RETIRED.lock().unwrap_or_else(|e| e.into_inner()).push(self);
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Reads the clock and remembers what it said.
    pub(crate) fn read(&self) -> u64 {
        let now = self.clock.nanos();
        // Relaxed: a number by itself, wanted only roughly.
        self.seen.store(now, Ordering::Relaxed);
        now
    }

    /// Returns the time as of the last [`Timers::read`], for what need not be
    /// exact.
    pub(crate) fn seen(&self) -> u64 {
        // Relaxed: as in `read`.
        self.seen.load(Ordering::Relaxed)
    }

    /// Returns when [`Timers::fire`] must be called next; `None` for never.
    ///
    /// The worker that owns these timers reads its own last store; for another
    /// reader it is a hint that a later look will correct.
    #[inline]
    pub(crate) fn next_look(&self) -> Option<u64> {
        // Relaxed: a number by itself; the wheel is read under its lock.
        match self.look.load(Ordering::Relaxed) {
            u64::MAX => None,
            look => Some(look),
        }
    }

    /// Wakes whatever is due at `now`; tells whether anything was.
    pub(crate) fn fire(&self, now: u64) -> bool {
        if self.next_look().is_none_or(|look| look > now) {
            return false;
        }
        let mut any = false;
        let mut due = Vec::with_capacity(BATCH);
        loop {
            {
                let mut wheel = self.wheel.lock();
                any |= wheel.advance(now, &mut due);
                self.publish(&wheel);
            }
            let full = due.len() == BATCH;
            due.drain(..).for_each(Waker::wake);
            if !full {
                return any;
            }
        }
    }

    /// Sets `entry` to fire at `deadline` and wake `waker`.
    ///
    /// # Safety
    ///
    /// `entry` is not linked anywhere, stays where it is until
    /// [`Timers::cancel`], and is touched only by calls on these timers.
    pub(super) unsafe fn set(&self, entry: NonNull<Entry>, deadline: u64, waker: &Waker) {
        let before = {
            let mut wheel = self.wheel.lock();
            // SAFETY: by contract; we hold the lock.
            let before = unsafe {
                wheel.insert(entry, deadline);
                (*entry.as_ptr()).set_waker(waker)
            };
            // Relaxed: see `next_look`.
            if deadline < self.look.load(Ordering::Relaxed) {
                self.publish(&wheel);
            }
            before
        };
        drop(before);
    }

    /// Looks whether `entry` has fired; if not, makes `waker` the one to wake.
    ///
    /// # Safety
    ///
    /// `entry` was given to [`Timers::set`] of these timers.
    pub(super) unsafe fn poll(&self, entry: NonNull<Entry>, waker: &Waker) -> bool {
        let wheel = self.wheel.lock();
        // SAFETY: by contract; we hold the lock.
        let entry = unsafe { &mut *entry.as_ptr() };
        if entry.has_fired() {
            return true;
        }
        let before = entry.set_waker(waker);
        drop(wheel);
        drop(before);
        false
    }

    /// Unlinks `entry`.
    ///
    /// # Safety
    ///
    /// `entry` was given to [`Timers::set`] of these timers.
    pub(super) unsafe fn cancel(&self, entry: NonNull<Entry>) {
        let mut wheel = self.wheel.lock();
        // SAFETY: by contract; we hold the lock.
        unsafe { wheel.remove(entry) };
        // `look` may now be too early. That costs one look at the wheel, where
        // keeping it exact would cost a search at each cancel.
    }

    /// Returns what happened to these timers since a runtime obtained them.
    pub(crate) fn counts(&self) -> TimerCounts {
        self.wheel.lock().counts
    }

    fn publish(&self, wheel: &Wheel) {
        // Relaxed: see `next_look`.
        self.look
            .store(wheel.next_look().unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

thread_local! {
    static CURRENT: Cell<Option<&'static Timers>> = const { Cell::new(None) };
}

/// Returns the timers of the worker that this thread is.
#[inline]
pub(crate) fn current() -> Option<&'static Timers> {
    CURRENT.get()
}

/// Makes `timers` those of this thread until the guard is dropped.
pub(crate) fn enter(timers: &'static Timers) -> Entered {
    Entered {
        previous: CURRENT.replace(Some(timers)),
    }
}

pub(crate) struct Entered {
    previous: Option<&'static Timers>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.previous);
    }
}
