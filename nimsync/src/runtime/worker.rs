//! What a thread at a seat does.

mod observing;
mod sleeping;
mod taking;

use super::seat::Seat;
use super::shared::Shared;
use crate::prim::atomic::{Ordering, fence};
use crate::prim::thread_local;
use crate::stats::{self, Counter, Stripe};
use crate::task::{self, Batch, NO_SEAT, Runnable};
use crate::trace;
use crate::{time, wait};
use crossbeam_deque::Worker as Deque;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

/// How long a worker may run tasks before it looks at timers and the injector.
const LOOK_EVERY: u64 = 100_000;
/// Polls between two looks, at most: enough to make reading the clock cheap, few
/// enough that the timers are not late for long when short tasks are followed
/// by long ones.
const MOST_POLLS: u32 = 64;
/// How often in a row the next-task slot is preferred to the queue.
const MOST_NEXT: u8 = 3;
/// Work that is worth waking a worker for: the system call, the wake-up and the
/// cache misses on both sides take a tenth of it.
const WAKING: u64 = 20_000;
/// How long a sleeper leaves busy workers alone before it looks whether one of
/// them is stuck with work behind it: at first, and at most.
const RESCUE_FIRST: Duration = Duration::from_millis(1);
const RESCUE_LAST: Duration = Duration::from_millis(2);
/// How long a worker sleeps at most while others wait for I/O and get it.
const TRAFFIC_NAP: Duration = Duration::from_millis(10);
/// How long a guest sleeps at most: it is in no list of sleepers.
const GUEST_NAP: Duration = Duration::from_millis(5);

/// The state of the thread at a seat.
pub(super) struct Worker {
    shared: Arc<Shared>,
    /// The seat's number; those from `seats.len()` on are guests.
    number: usize,
    /// The guest's seat, if it is one.
    guest: Option<Arc<Seat>>,
    /// The seat: in `shared`, or `guest`.
    place: NonNull<Seat>,
    /// Where this thread alone counts: in `shared`; a guest has nothing of the kind.
    stripe: Option<NonNull<Stripe>>,
    deque: Option<Deque<Runnable>>,
    /// Polls until the next look, and how many were granted at the last.
    polls_left: Cell<u32>,
    /// What was left when the polls were last added to the statistics.
    polls_settled: Cell<u32>,
    polls_granted: Cell<u32>,
    /// How long a poll has taken lately, in nanoseconds.
    a_poll: Cell<u64>,
    looked_at: Cell<u64>,
    /// Set by a look, so that the next task comes from the injector.
    injector_first: Cell<bool>,
    /// How many tasks are pinned to this seat.
    held: Cell<usize>,
    next_in_a_row: Cell<u8>,
    /// Tasks pinned to this seat that were queued by this thread, each with the
    /// number of tasks taken from the deque before its turn comes.
    pinned: RefCell<VecDeque<(Runnable, u64)>>,
    /// How many tasks were taken from the deque, and whether the last was one.
    taken: Cell<u64>,
    deque_was_last: Cell<bool>,
    /// Whether the next task is not to be run just so: `SEARCHES`, `OBSERVES`.
    unusual: Cell<u8>,
    rescue_in: Cell<Duration>,
    /// Whom to wake after a turn of the driver.
    io_wakers: Cell<Vec<Waker>>,
    /// Whether it was in the driver when it last slept.
    left_driver: Cell<bool>,
    /// Departures from the driver when it last went to sleep.
    departures_seen: Cell<u32>,
}

/// The worker searches in the queues of others, and is counted for it.
const SEARCHES: u8 = 1;
/// Polls are looked at.
const OBSERVES: u8 = 1 << 1;

thread_local! {
    static CURRENT: Cell<*const Worker> = const { Cell::new(ptr::null()) };
}

fn current<'a>() -> Option<&'a Worker> {
    let current = CURRENT.get();
    // SAFETY: `Entered` borrows the worker while it is current, and callers do
    // not keep the reference beyond their own return.
    unsafe { current.as_ref() }
}

/// Queues a task with the worker that this thread is, if it is one of this
/// runtime and may; hands the task back otherwise.
#[inline]
pub(super) fn schedule_here(
    shared: NonNull<Shared>,
    runnable: Runnable,
    to_the_back: bool,
) -> Result<(), Runnable> {
    match current() {
        Some(worker) if ptr::eq(&*worker.shared, shared.as_ptr()) => {
            worker.schedule(runnable, to_the_back)
        }
        _ => Err(runnable),
    }
}

/// As [`schedule_here`], for a task that was spawned just now, which is counted as well,
/// wherever it is queued.
#[inline]
pub(super) fn schedule_spawned_here(shared: &Shared, runnable: Runnable) -> Result<(), Runnable> {
    match current() {
        Some(worker) if ptr::eq(&*worker.shared, shared) => {
            worker.count(Counter::Spawned);
            worker.schedule(runnable, true)
        }
        _ => {
            shared.counters.shared.add_shared(Counter::Spawned, 1);
            Err(runnable)
        }
    }
}

/// Counts something for a runtime, whose thread the caller may or may not be.
#[inline]
pub(super) fn count_for(shared: &Shared, counter: Counter) {
    match current() {
        Some(worker) if ptr::eq(&*worker.shared, shared) => worker.count(counter),
        _ => shared.counters.shared.add_shared(counter, 1),
    }
}

/// Returns the runtime that this thread works for.
pub(crate) fn handle() -> Option<Arc<Shared>> {
    current().map(|worker| worker.shared.clone())
}

/// Whether this thread works for the runtime.
pub(crate) fn works_for(shared: &Shared) -> bool {
    current().is_some_and(|worker| ptr::eq(&*worker.shared, shared))
}

/// Returns the number of the seat that this thread sits at.
pub(crate) fn current_seat() -> Option<u32> {
    current().map(|worker| worker.number as u32)
}

/// Says that what was queued last is independent of the task that queued it, and not its
/// continuation: another worker is woken for it even if it is alone, where polls are long
/// enough to be worth it.
pub(crate) fn share() {
    let Some(worker) = current() else { return };
    let idle = &worker.shared.idle;
    if worker.deque.is_some() && idle.may_wake() && worker.a_poll.get() >= WAKING / 2 {
        worker.shared.wake_one();
    }
}

/// The body of a runtime's own thread.
pub(super) fn run_thread(shared: &Arc<Shared>, number: usize) {
    let _tokio = shared.foreign.enter();
    let worker = Worker::sit(shared.clone(), number);
    let _entered = worker.enter();
    // Acquire pairs with the release in `Runtime::stop`.
    worker.run(&|| shared.stopping.load(Ordering::Acquire), None);
}

/// Sits down at a seat of the runtime, and calls `f` there.
pub(crate) fn enter_seat<R>(shared: &Arc<Shared>, f: impl FnOnce(&dyn Work) -> R) -> R {
    let _tokio = shared.foreign.enter();
    let worker = Worker::visit(shared.clone());
    let entered = worker.enter();
    let result = f(&worker);
    drop(entered);
    drop(worker);
    result
}

/// What a visitor of a runtime can do at its seat.
pub(crate) trait Work {
    /// Runs tasks until `done`; whoever makes that true wakes the seat, unless
    /// it happens on this thread. `stuck` is called when nothing can run and
    /// nothing will.
    fn run(&self, done: &dyn Fn() -> bool, stuck: Option<&dyn Fn()>);

    /// The number of the seat.
    fn seat(&self) -> u32;

    /// A task was born that is pinned to the seat.
    fn hold(&self);
}

impl Work for Worker {
    fn run(&self, done: &dyn Fn() -> bool, stuck: Option<&dyn Fn()>) {
        let mut batch = Batch::new();
        // A visitor does not leave while a task of another tree is pinned to its
        // seat: that can be run nowhere else.
        let done = &|| self.held.get() == 0 && done();
        while !done() {
            if self.polls_left.get() == 0 {
                batch.flush();
                self.look();
            }
            let next = self.next_here();
            let next = next.or_else(|| self.next_elsewhere(&mut batch));
            match next {
                Some(runnable) => {
                    self.polls_left.set(self.polls_left.get() - 1);
                    wait::refill();
                    batch.flush_before(&runnable);
                    let pinned = match self.unusual.get() {
                        0 => task::run_in_batch(runnable, &mut batch),
                        _ => self.run_unusual(runnable, &mut batch),
                    };
                    if pinned == Some(true) {
                        self.release();
                    }
                }
                None => self.sleep(done, stuck),
            }
        }
        // Somebody may have woken this worker for a task that it now leaves.
        self.stop_searching();
        self.settle_polls();
    }

    fn seat(&self) -> u32 {
        self.number as u32
    }

    fn hold(&self) {
        self.held.set(self.held.get() + 1);
    }
}

/// Counts a task that is pinned to the seat of this thread from now on.
pub(crate) fn hold_seat() {
    if let Some(worker) = current() {
        worker.hold();
    }
}

/// Undoes one [`hold_seat`]: the task is free now, or has ended.
pub(crate) fn release_seat() {
    if let Some(worker) = current() {
        worker.release();
    }
}

impl Worker {
    fn sit(shared: Arc<Shared>, number: usize) -> Self {
        let deque = shared.seats[number].take_deque();
        shared.seats[number].sit();
        Self::new(shared, number, None, deque)
    }

    /// Takes seat 0, or a guest seat if that is taken.
    fn visit(shared: Arc<Shared>) -> Self {
        if let Some(deque) = shared.seats[0].take_deque() {
            shared.seats[0].sit();
            return Self::new(shared, 0, None, Some(deque));
        }
        let guest = Arc::new(Seat::guest(shared.timers()));
        guest.sit();
        let number = shared.add_guest(&guest);
        Self::new(shared, number, Some(guest), None)
    }

    fn new(
        shared: Arc<Shared>,
        number: usize,
        guest: Option<Arc<Seat>>,
        deque: Option<Deque<Runnable>>,
    ) -> Self {
        let observes = stats::ON && shared.observed.is_on();
        if observes && guest.is_none() {
            shared.seats[number].observed.sit();
        }
        let place = match &guest {
            Some(guest) => NonNull::from(&**guest),
            None => NonNull::from(&shared.seats[number]),
        };
        let stripe = shared.counters.seats.get(number);
        let stripe = stripe.map(|stripe| NonNull::from(&**stripe));
        // Relaxed: a count for estimates.
        shared.present.fetch_add(1, Ordering::Relaxed);
        // SeqCst: between this and `Idle::is_watched`; see `Idle::watch`.
        fence(Ordering::SeqCst);
        Self {
            shared,
            number,
            guest,
            place,
            stripe,
            deque,
            polls_left: Cell::new(0),
            polls_settled: Cell::new(0),
            polls_granted: Cell::new(8),
            a_poll: Cell::new(LOOK_EVERY / 8),
            looked_at: Cell::new(0),
            injector_first: Cell::new(false),
            held: Cell::new(0),
            next_in_a_row: Cell::new(0),
            pinned: RefCell::default(),
            taken: Cell::new(0),
            deque_was_last: Cell::new(true),
            unusual: Cell::new(if observes { OBSERVES } else { 0 }),
            rescue_in: Cell::new(RESCUE_FIRST),
            io_wakers: Cell::default(),
            left_driver: Cell::new(false),
            departures_seen: Cell::new(0),
        }
    }

    /// Adds the polls since the last time to the statistics.
    fn settle_polls(&self) {
        let left = self.polls_left.get();
        let polls = self.polls_settled.replace(left) - left;
        stats::count(Counter::Polls, u64::from(polls));
    }

    /// Lets so many polls be made before the next look.
    fn grant_polls(&self, polls: u32) {
        self.settle_polls();
        self.polls_left.set(polls);
        self.polls_settled.set(polls);
    }

    fn release(&self) {
        self.held.set(self.held.get() - 1);
    }

    fn enter(&self) -> Entered<'_> {
        Entered {
            previous: CURRENT.replace(self),
            _timers: time::enter(self.place().timers),
            _trace: trace::enter(self.shared.observed.rings.get(self.number)),
            _stats: match self.shared.counters.seats.get(self.number) {
                Some(stripe) => stats::enter(stripe),
                None => stats::enter_shared(&self.shared.counters.shared),
            },
            _worker: self,
        }
    }

    fn place(&self) -> &Seat {
        // SAFETY: `shared` or `guest` keeps it, and stays as it is.
        unsafe { self.place.as_ref() }
    }

    /// Counts what is done here.
    #[inline]
    fn count(&self, counter: Counter) {
        match self.stripe {
            // SAFETY: `shared` keeps it.
            Some(stripe) => unsafe { stripe.as_ref() }.add_own(counter, 1),
            None => self.shared.counters.shared.add_shared(counter, 1),
        }
    }

    /// Queues a task here if that can be; hands it back otherwise.
    #[inline]
    fn schedule(&self, runnable: Runnable, to_the_back: bool) -> Result<(), Runnable> {
        let seat = runnable.metadata().seat();
        if seat != NO_SEAT {
            if seat as usize != self.number {
                return Err(runnable);
            }
            self.pin(runnable, to_the_back);
            return Ok(());
        }
        let Some(deque) = &self.deque else {
            return Err(runnable);
        };
        // What a task wakes is likely to continue what the task did, so it runs
        // next. What a timer or the driver wakes keeps its order.
        if to_the_back || !wait::inside_task() {
            deque.push(runnable);
        } else if let Some(displaced) = self.place().swap_next(runnable) {
            deque.push(displaced);
        }
        if self.shared.idle.may_wake() {
            self.wake_if_worth_it(deque.len());
        }
        Ok(())
    }

    /// Wakes somebody for `queued` tasks if that is worth it.
    // Not inlined: most of the time somebody is awake who will find them.
    #[inline(never)]
    fn wake_if_worth_it(&self, queued: usize) {
        if self.is_worth_waking(queued) {
            self.shared.wake_one();
        }
    }

    /// Whether `queued` tasks are likely to take longer than waking somebody.
    ///
    /// Judged by how long polls have taken lately. A wrong guess is put right by
    /// a sleeper who looks after a nap, so there must be one if something waits
    /// behind a poll.
    fn is_worth_waking(&self, queued: usize) -> bool {
        let something_waits = queued >= 2 || wait::inside_task();
        (queued >= 2 && queued as u64 * self.a_poll.get() >= WAKING)
            || (something_waits && !self.shared.idle.is_watched())
    }

    /// Queues a task that is pinned to this seat. One that goes to the back has
    /// its turn after what is in the deque now.
    fn pin(&self, runnable: Runnable, to_the_back: bool) {
        let behind = match &self.deque {
            Some(deque) if to_the_back => deque.len() as u64,
            _ => 0,
        };
        let turn = self.taken.get() + behind;
        self.pinned.borrow_mut().push_back((runnable, turn));
    }

    fn is_searching(&self) -> bool {
        self.unusual.get() & SEARCHES != 0
    }

    /// Says whether this worker is counted as searching; tells whether it was.
    fn set_searching(&self, searching: bool) -> bool {
        let rest = self.unusual.get() & !SEARCHES;
        let before = self.unusual.replace(rest | u8::from(searching));
        before & SEARCHES != 0
    }

    /// Ends a search.
    fn stop_searching(&self) {
        if self.set_searching(false) {
            self.rescue_in.set(RESCUE_FIRST);
            if self.shared.idle.stop_searching() && self.shared.has_work() {
                self.shared.wake_one();
            }
        }
    }

    /// Runs a task where there is more to it than that.
    // Not inlined: the loop that calls it is to keep its registers.
    #[inline(never)]
    fn run_unusual(&self, runnable: Runnable, batch: &mut Batch) -> Option<bool> {
        self.stop_searching();
        match self.unusual.get() & OBSERVES {
            0 => task::run_in_batch(runnable, batch),
            _ => self.run_observed(runnable, batch),
        }
    }

    /// Sees to the timers, and makes the next task come from the injector.
    fn look(&self) {
        let timers = self.place().timers;
        let now = timers.read();
        timers.fire(now);
        self.fire_vacant(now);
        self.turn_driver_if_due(now);
        // As many polls as take about `LOOK_EVERY`, judged by the last ones.
        let granted = u64::from(self.polls_granted.get());
        let elapsed = now.saturating_sub(self.looked_at.replace(now)).max(1);
        self.a_poll.set(elapsed / granted);
        // At most twice as many as before: one stretch says little.
        let next = LOOK_EVERY / (elapsed / granted).max(1);
        let next = next.clamp(1, u64::from(MOST_POLLS)).min(granted * 2) as u32;
        self.polls_granted.set(next);
        self.grant_polls(next);
        self.injector_first.set(true);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Relaxed: as in `new`.
        self.shared.present.fetch_sub(1, Ordering::Relaxed);
        // It may have been woken to search, and found that it is done.
        let mut left = self.set_searching(false);
        if left {
            self.shared.idle.stop_searching();
        }
        if let Some(deque) = self.deque.take() {
            if let Some(runnable) = self.place().take_next() {
                deque.push(runnable);
            }
            // To where everybody looks.
            while let Some(runnable) = deque.pop() {
                self.shared.injector.push(runnable);
                left = true;
            }
            self.place().give_back_deque(deque);
        }
        // It may have been the one in the driver: somebody else has to wait there
        // for what is used from outside, and for what goes on by itself.
        left |= self.shared.driver.is_used();
        if left {
            self.shared.wake_one();
        }
        if self.guest.is_some() {
            self.shared.remove_guest(self.number);
            // Tasks of other trees may have set timers here, in the wheel of
            // seat 0, whose thread does not know of them if it sleeps.
            self.shared.seats[0].unpark(&self.shared.driver);
        }
    }
}

struct Entered<'a> {
    previous: *const Worker,
    _timers: time::EnteredTimers,
    _stats: stats::Entered<'a>,
    _trace: trace::Entered<'a>,
    _worker: &'a Worker,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.previous);
        // Nobody would refill it, and the thread's own waits draw from it.
        wait::lift();
    }
}
