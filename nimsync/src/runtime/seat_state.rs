//! What the thread at a seat is doing, as far as waking it goes.
//!
//! | state       | meaning                                              |
//! |-------------|------------------------------------------------------|
//! | `RUNNING`   | it runs, and has not been woken since it last looked |
//! | `PARKED`    | it sleeps on its thread's token                      |
//! | `IN_DRIVER` | it waits in the driver                               |
//! | `WOKEN`     | it was woken; it will not sleep before it has looked |
//!
//! | transition   | by whom         | from      | to                      |
//! |--------------|-----------------|-----------|-------------------------|
//! | `announce`   | the thread      | `RUNNING` | `PARKED` or `IN_DRIVER` |
//! | `look_again` | the thread      | any       | `RUNNING`               |
//! | `wake`       | whoever wakes   | any       | `WOKEN`                 |
//!
//! Whoever turns `PARKED` or `IN_DRIVER` into `WOKEN` gets the thread out of
//! there. It may have left by itself meanwhile; then it, or the next one in the
//! driver, looks around once for nothing.

use crate::prim::atomic::{AtomicU8, Ordering};

const RUNNING: u8 = 0;
const PARKED: u8 = 1;
const IN_DRIVER: u8 = 2;
const WOKEN: u8 = 3;

/// Where a thread sleeps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bed {
    /// On its thread's token.
    Token,
    Driver,
}

pub(super) struct SeatState(AtomicU8);

impl SeatState {
    pub(super) fn new() -> Self {
        Self(AtomicU8::new(RUNNING))
    }

    /// Notes that the thread is woken; tells where it has to be got out of.
    pub(super) fn wake(&self) -> Option<Bed> {
        // Release pairs with the acquire in `look_again`: what was queued
        // before is visible. Acquire on top keeps the order that a wake-up
        // swallowed by this one had.
        match self.0.swap(WOKEN, Ordering::AcqRel) {
            PARKED => Some(Bed::Token),
            IN_DRIVER => Some(Bed::Driver),
            _ => None,
        }
    }

    /// Says where the thread is about to sleep; `false` if it was woken already
    /// and must look around instead.
    pub(super) fn announce(&self, bed: Bed) -> bool {
        let how = match bed {
            Bed::Token => PARKED,
            Bed::Driver => IN_DRIVER,
        };
        // Relaxed: success publishes nothing, since the queues are looked at
        // through `Idle`'s fences, and failure goes on to `look_again`.
        let announced = self
            .0
            .compare_exchange(RUNNING, how, Ordering::Relaxed, Ordering::Relaxed);
        if announced.is_err() {
            self.look_again();
        }
        announced.is_ok()
    }

    /// Whether nobody has woken the thread since it announced `Bed::Token`.
    pub(super) fn is_parked(&self) -> bool {
        // Relaxed: a thread that was woken goes on to `look_again`.
        self.0.load(Ordering::Relaxed) == PARKED
    }

    /// The thread runs, and looks around next.
    pub(super) fn look_again(&self) {
        // Acquire pairs with the release in `wake`.
        self.0.swap(RUNNING, Ordering::Acquire);
    }
}
