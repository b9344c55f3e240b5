//! Models of sleeping and waking.
//!
//! The queue is a counter, and the thread's token a condition variable; `Idle`
//! and `SeatState` are the real ones, used as `Worker` and `Seat` use them. The
//! real queues order more than the counter does, so what holds here holds there.

use super::builder::Settings;
use super::idle::Idle;
use super::seat_state::{Bed, SeatState};
use super::shared::Shared;
use super::watchdog::Orders;
use crate::prim::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::prim::model;
use crate::task::Runnable;
use crossbeam_deque::Steal;
use loom::cell::UnsafeCell;
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::Arc;
use std::time::Duration;

/// A runtime without threads, for models of what is built on it: what it is
/// given to run stays in the injector until [`next_task`] takes it.
pub(crate) fn runtime_without_threads() -> Arc<Shared> {
    let settings = Settings {
        workers: 1,
        thread_name: "model".to_owned(),
        stack_size: None,
        blocking_threads: 1,
        blocking_keep_alive: Duration::ZERO,
        paused: false,
        stuck_after: None,
        watchdog: Orders::default(),
        measure_busy: false,
        trace: None,
        outside: false,
        foreign: false,
    };
    Shared::new(settings, super::foreign::Handle::none()).unwrap()
}

pub(crate) fn next_task(shared: &Shared) -> Option<Runnable> {
    match shared.injector.steal() {
        Steal::Success(runnable) => Some(runnable),
        // No thread of a model is interrupted within a call of the injector.
        Steal::Empty | Steal::Retry => None,
    }
}

/// What of a seat has to do with sleeping.
struct Seat {
    state: SeatState,
    token: Mutex<bool>,
    given: Condvar,
}

impl Seat {
    fn new() -> Self {
        Self {
            state: SeatState::new(),
            token: Mutex::new(false),
            given: Condvar::new(),
        }
    }

    fn unpark(&self) {
        if self.state.wake() == Some(Bed::Token) {
            *self.token.lock().unwrap() = true;
            self.given.notify_one();
        }
    }

    fn park(&self) {
        if !self.state.announce(Bed::Token) {
            return;
        }
        while self.state.is_parked() {
            let mut token = self.token.lock().unwrap();
            while !*token {
                token = self.given.wait(token).unwrap();
            }
            *token = false;
        }
        self.state.look_again();
    }
}

/// What of a runtime has to do with sleeping.
struct Workers<const N: usize> {
    idle: Idle,
    seats: [Seat; N],
    queue: AtomicUsize,
}

impl<const N: usize> Workers<N> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            idle: Idle::new(N),
            seats: std::array::from_fn(|_| Seat::new()),
            queue: AtomicUsize::new(0),
        })
    }

    /// As `Shared::inject`.
    fn inject(&self) {
        self.queue.fetch_add(1, Ordering::Release);
        self.wake_one();
    }

    fn wake_one(&self) {
        if let Some(seat) = self.idle.pick() {
            self.seats[seat].unpark();
        }
    }

    fn has_work(&self) -> bool {
        self.queue.load(Ordering::Acquire) != 0
    }

    fn take(&self) -> bool {
        let less = |queued: usize| queued.checked_sub(1);
        let taken = self
            .queue
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        taken.is_ok()
    }

    /// Waits for a task until `done`, as `Worker::run` does; tells whether it
    /// took one.
    fn next_task(&self, seat: usize, done: impl Fn() -> bool) -> bool {
        let mut searching = false;
        let mut found = false;
        while !(found || done()) {
            found = self.take();
            if !(found || searching) {
                searching = self.idle.start_searching();
            }
            if searching && !found {
                found = self.take();
            }
            if !found {
                self.idle.sleep(seat, searching);
                let seen_work = self.has_work();
                if !(seen_work || done()) {
                    self.seats[seat].park();
                }
                searching = self.idle.wake_up(seat, seen_work);
            }
        }
        if searching && self.idle.stop_searching() && self.has_work() {
            self.wake_one();
        }
        found
    }
}

/// Who queues sees the sleeper, or the sleeper sees what was queued.
#[test]
fn loom_a_sleeper_finds_what_was_queued() {
    model::check(|| {
        let workers = Workers::<1>::new();
        let worker = thread::spawn({
            let workers = workers.clone();
            move || {
                workers.next_task(0, || false);
                workers.next_task(0, || false);
            }
        });
        workers.inject();
        workers.inject();
        worker.join().unwrap();
    });
}

/// A searcher that finds work while it is the last one wakes the next: a task
/// that blocks its worker does not keep the other task from being run.
#[test]
fn loom_the_last_searcher_wakes_the_next() {
    model::check(|| {
        let workers = Workers::<2>::new();
        let both = Arc::new((Mutex::new(0), Condvar::new()));
        let threads = [0, 1].map(|seat| {
            let (workers, both) = (workers.clone(), both.clone());
            thread::spawn(move || {
                workers.next_task(seat, || false);
                let (running, changed) = &*both;
                let mut running = running.lock().unwrap();
                *running += 1;
                changed.notify_all();
                while *running != 2 {
                    running = changed.wait(running).unwrap();
                }
            })
        });
        workers.inject();
        workers.inject();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A worker that leaves, because what it sat there for is done, hands on the
/// work for which it was woken at that moment.
#[test]
fn loom_who_leaves_does_not_take_a_wake_up_along() {
    model::check(|| {
        let workers = Workers::<2>::new();
        let done = Arc::new(AtomicBool::new(false));
        let visitor = thread::spawn({
            let (workers, done) = (workers.clone(), done.clone());
            move || workers.next_task(0, || done.load(Ordering::Acquire))
        });
        let worker = thread::spawn({
            let workers = workers.clone();
            move || workers.next_task(1, || false)
        });
        workers.inject();
        done.store(true, Ordering::Release);
        workers.seats[0].unpark();
        if visitor.join().unwrap() {
            workers.inject();
        }
        worker.join().unwrap();
    });
}

/// Whoever is woken, on whatever path, sees what was done before the waking.
#[test]
fn loom_a_seat_that_is_woken_sees_why() {
    struct Reason(UnsafeCell<bool>);
    // SAFETY: loom checks the accesses.
    unsafe impl Sync for Reason {}

    model::check(|| {
        let shared = Arc::new((Seat::new(), Reason(UnsafeCell::new(false))));
        let waker = thread::spawn({
            let shared = shared.clone();
            move || {
                let (seat, reason) = &*shared;
                // SAFETY: not read before the seat is woken.
                reason.0.with_mut(|reason| unsafe { *reason = true });
                seat.unpark();
            }
        });
        let (seat, reason) = &*shared;
        // Nobody else wakes it, so it comes back for that reason alone.
        seat.park();
        // SAFETY: written before the seat was woken.
        assert!(reason.0.with(|reason| unsafe { *reason }));
        waker.join().unwrap();
    });
}
