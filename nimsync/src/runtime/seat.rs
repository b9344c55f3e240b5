//! The place at which a thread works.

use super::driver::Driver;
use super::observed::Place;
use super::seat_state::{Bed, SeatState};
use crate::prim::CachePadded;
use crate::prim::atomic::{AtomicBool, AtomicPtr, Ordering};
use crate::task::{Node, Runnable};
use crate::time::Timers;
use crossbeam_deque::{Stealer, Worker as Deque};
use crossbeam_queue::SegQueue;
use std::ptr::{self, NonNull};
use std::sync::Mutex;
use std::thread::Thread;
use std::time::Duration;

pub(super) struct Seat {
    /// What others may steal from.
    pub(super) stealer: Stealer<Runnable>,
    /// The owner's end of the run queue, while nobody sits here.
    deque: Mutex<Option<Deque<Runnable>>>,
    /// Whether nobody sits here. A hint beside `deque`.
    vacant: AtomicBool,
    /// Tasks that may only run here.
    pub(super) pinned: SegQueue<Runnable>,
    pub(super) timers: &'static Timers,
    /// What is polled here, where that is looked at.
    pub(super) observed: CachePadded<Place>,
    /// The task to run next: a runnable made raw, or null.
    next: CachePadded<AtomicPtr<()>>,
    state: CachePadded<SeatState>,
    thread: Mutex<Option<Thread>>,
}

impl Seat {
    pub(super) fn new(timers: &'static Timers) -> Self {
        let deque = Deque::new_fifo();
        Self {
            stealer: deque.stealer(),
            deque: Mutex::new(Some(deque)),
            vacant: AtomicBool::new(true),
            pinned: SegQueue::new(),
            timers,
            observed: CachePadded::new(Place::new()),
            next: CachePadded::new(AtomicPtr::new(ptr::null_mut())),
            state: CachePadded::new(SeatState::new()),
            thread: Mutex::new(None),
        }
    }

    /// A seat whose queue nobody uses, see the module's documentation.
    pub(super) fn guest(timers: &'static Timers) -> Self {
        let seat = Self::new(timers);
        drop(seat.take_deque());
        seat
    }

    /// Takes the owner's end of the queue, if nobody has it.
    pub(super) fn take_deque(&self) -> Option<Deque<Runnable>> {
        let deque = self.deque.lock().unwrap_or_else(|e| e.into_inner()).take();
        // Relaxed: a hint.
        self.vacant.store(false, Ordering::Relaxed);
        deque
    }

    pub(super) fn give_back_deque(&self, deque: Deque<Runnable>) {
        *self.deque.lock().unwrap_or_else(|e| e.into_inner()) = Some(deque);
        // Relaxed: a hint.
        self.vacant.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_vacant(&self) -> bool {
        // Relaxed: a hint.
        self.vacant.load(Ordering::Relaxed)
    }

    /// Puts a task into the next-task slot; returns the one that was there.
    ///
    /// Called by the thread that sits here alone.
    #[inline]
    pub(super) fn swap_next(&self, runnable: Runnable) -> Option<Runnable> {
        let raw = runnable.into_raw().as_ptr();
        // Relaxed: nobody else fills the slot, so it stays empty.
        if self.next.load(Ordering::Relaxed).is_null() {
            // Release: to the thief, who acquires in `take_next`.
            self.next.store(raw, Ordering::Release);
            return None;
        }
        // AcqRel: releases the task to the thief and acquires what comes back.
        raw_runnable(self.next.swap(raw, Ordering::AcqRel))
    }

    /// Takes the task out of the next-task slot.
    #[inline]
    pub(super) fn take_next(&self) -> Option<Runnable> {
        // Relaxed: a hint that saves the exchange; only the owner fills the
        // slot, and a thief that misses a task looks again.
        if self.next.load(Ordering::Relaxed).is_null() {
            return None;
        }
        // Acquire pairs with the release in `swap_next`.
        raw_runnable(self.next.swap(ptr::null_mut(), Ordering::Acquire))
    }

    /// Makes the calling thread the one that [`Seat::unpark`] wakes.
    pub(super) fn sit(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(|e| e.into_inner());
        *thread = Some(std::thread::current());
    }

    /// Wakes the thread at this seat, or keeps it from going to sleep.
    pub(super) fn unpark(&self, driver: &Driver) {
        match self.state.wake() {
            Some(Bed::Token) => {
                let thread = self.thread.lock().unwrap_or_else(|e| e.into_inner());
                if let Some(thread) = &*thread {
                    thread.unpark();
                }
            }
            Some(Bed::Driver) => driver.wake(),
            None => {}
        }
    }

    /// Sleeps until somebody wakes this seat, or `timeout` is over.
    pub(super) fn park(&self, timeout: Option<Duration>) {
        if !self.state.announce(Bed::Token) {
            return;
        }
        match timeout {
            None => {
                while self.state.is_parked() {
                    std::thread::park();
                }
            }
            // An early return is as good as a wake-up: the worker looks and
            // comes back.
            Some(timeout) => std::thread::park_timeout(timeout),
        }
        self.state.look_again();
    }

    /// As [`Seat::park`], in the driver, which the caller holds.
    pub(super) fn park_in_driver(&self, wait: impl FnOnce()) {
        if self.state.announce(Bed::Driver) {
            wait();
            self.state.look_again();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // A runtime ends when no task is left, so this is for form's sake.
        drop(self.take_next());
    }
}

fn raw_runnable(raw: *mut ()) -> Option<Runnable> {
    // SAFETY: what is in the slot came from `into_raw` of a runnable with this
    // metadata, and each value is taken out once, by an exchange.
    NonNull::new(raw).map(|raw| unsafe { async_task::Runnable::<Node>::from_raw(raw) })
}
