//! Stripes of counters, and which one a thread counts in.

use super::report::Counts;
use crate::prim::{CachePadded, thread_local};
use std::cell::Cell;
use std::ops::AddAssign;
use std::ptr;
// Not those of `prim`: nothing is published by a count, so there is nothing for
// a model to explore.
use std::sync::atomic::{AtomicU64, Ordering};

/// Off only to measure what statistics cost, see the module's documentation.
pub(crate) const ON: bool = cfg!(not(nimsync_uncounted));

/// What a stripe counts.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Spawned,
    Completed,
    Failed,
    Cancelled,
    Panicked,
    Polls,
    Wakes,
    Steals,
    Parks,
    Unparks,
    /// Messages of `oneshot` channels that were received, and that were not.
    Handed,
    Lost,
    BlockingJobs,
}

const COUNTERS: usize = Counter::BlockingJobs as usize + 1;

/// A set of counters.
pub(crate) struct Stripe([AtomicU64; COUNTERS]);

impl Stripe {
    pub(crate) const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; COUNTERS])
    }

    /// Adds to a counter of a stripe that only the calling thread writes.
    #[inline]
    pub(crate) fn add_own(&self, counter: Counter, n: u64) {
        if ON {
            let place = &self.0[counter as usize];
            // Relaxed, and no read-modify-write: one thread writes, and a number
            // by itself publishes nothing.
            place.store(
                place.load(Ordering::Relaxed).wrapping_add(n),
                Ordering::Relaxed,
            );
        }
    }

    /// Adds to a counter of a stripe that threads share.
    pub(crate) fn add_shared(&self, counter: Counter, n: u64) {
        if ON {
            // Relaxed: as above.
            self.0[counter as usize].fetch_add(n, Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self) -> Counts {
        // Relaxed: a snapshot.
        let get = |counter: Counter| self.0[counter as usize].load(Ordering::Relaxed);
        Counts {
            spawned: get(Counter::Spawned),
            completed: get(Counter::Completed),
            failed: get(Counter::Failed),
            cancelled: get(Counter::Cancelled),
            panicked: get(Counter::Panicked),
            polls: get(Counter::Polls),
            wakes: get(Counter::Wakes),
            steals: get(Counter::Steals),
            parks: get(Counter::Parks),
            unparks: get(Counter::Unparks),
            handed: get(Counter::Handed),
            lost: get(Counter::Lost),
            blocking_jobs: get(Counter::BlockingJobs),
            ..Counts::default()
        }
    }
}

/// The stripes of a runtime.
pub(crate) struct Stripes {
    /// One for each seat.
    pub(crate) seats: Box<[CachePadded<Stripe>]>,
    /// For what other threads do, and guests.
    pub(crate) shared: CachePadded<Stripe>,
}

impl Stripes {
    pub(crate) fn new(seats: usize) -> Self {
        Self {
            seats: (0..seats)
                .map(|_| CachePadded::new(Stripe::new()))
                .collect(),
            shared: CachePadded::new(Stripe::new()),
        }
    }
}

thread_local! {
    /// The stripe that this thread alone writes, or null.
    static OWN: Cell<*const Stripe> = const { Cell::new(ptr::null()) };
    /// The stripe that a thread without one of its own counts in, or null.
    static SHARED: Cell<*const Stripe> = const { Cell::new(ptr::null()) };
}

/// For threads that work for no runtime.
static OUTSIDE: Stripe = Stripe::new();

/// Counts what this thread does for the runtime that it works for.
#[inline]
pub(crate) fn count(counter: Counter, n: u64) {
    let own = OWN.get();
    // SAFETY: null, or borrowed by the guard of `enter`.
    match unsafe { own.as_ref() } {
        Some(stripe) => stripe.add_own(counter, n),
        None => count_shared(counter, n),
    }
}

#[cold]
fn count_shared(counter: Counter, n: u64) {
    // SAFETY: null, or borrowed by the guard of `enter_shared`.
    let stripe = unsafe { SHARED.get().as_ref() };
    stripe.unwrap_or(&OUTSIDE).add_shared(counter, n);
}

/// Returns what threads have counted that worked for no runtime.
pub(crate) fn count_outside() -> Counts {
    OUTSIDE.read()
}

/// Makes `stripe` the one that this thread counts in, and that nobody else
/// writes, until the guard is dropped.
pub(crate) fn enter(stripe: &Stripe) -> Entered<'_> {
    Entered {
        own: OWN.replace(stripe),
        shared: SHARED.get(),
        _stripe: stripe,
    }
}

/// As [`enter`], for a stripe that others write as well.
pub(crate) fn enter_shared(stripe: &Stripe) -> Entered<'_> {
    Entered {
        own: OWN.replace(ptr::null()),
        shared: SHARED.replace(stripe),
        _stripe: stripe,
    }
}

pub(crate) struct Entered<'a> {
    own: *const Stripe,
    shared: *const Stripe,
    _stripe: &'a Stripe,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        OWN.set(self.own);
        SHARED.set(self.shared);
    }
}

/// The timers of one wheel, counted under its lock.
#[derive(Clone, Copy)]
pub(crate) struct TimerCounts {
    pub(crate) set: u64,
    pub(crate) fired: u64,
    pub(crate) cancelled: u64,
}

impl TimerCounts {
    pub(crate) const NONE: Self = Self {
        set: 0,
        fired: 0,
        cancelled: 0,
    };

    #[inline]
    pub(crate) fn add(place: &mut u64) {
        *place += u64::from(ON);
    }
}

impl AddAssign<TimerCounts> for Counts {
    fn add_assign(&mut self, timers: TimerCounts) {
        self.timers_set += timers.set;
        self.timers_fired += timers.fired;
        self.timers_cancelled += timers.cancelled;
    }
}
