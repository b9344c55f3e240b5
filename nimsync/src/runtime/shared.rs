//! What all threads of a runtime share, and the handle that owns it.

use super::blocking::Pool;
use super::builder::Settings;
use super::driver::Driver;
use super::foreign::{self, Foreign};
use super::idle::Idle;
use super::observed::Observed;
use super::outside::OuterGroups;
use super::reports;
use super::seat::Seat;
use super::watchdog;
use super::worker;
use crate::cancel::{CancelReason, Cancelled};
use crate::prim::atomic::{AtomicBool, AtomicU32, Ordering};
use crate::stats::{Counter, Stripes};
use crate::task::{NO_SEAT, Node, Runnable};
use crate::time::Timers;
use crossbeam_deque::Injector;
use slab::Slab;
use std::future::Future;
use std::ptr::NonNull;
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{fmt, io};

pub(crate) struct Shared {
    pub(super) settings: Settings,
    pub(super) counters: Arc<Stripes>,
    pub(super) observed: Observed,
    pub(super) seats: Box<[Seat]>,
    pub(super) injector: Injector<Runnable>,
    pub(super) idle: Idle,
    pub(super) driver: Arc<Driver>,
    pub(super) pool: Arc<Pool>,
    /// What workers enter, for libraries that are made for tokio.
    pub(super) foreign: foreign::Handle,
    /// Guest seats, by number minus `seats.len()`; see the module.
    guests: Mutex<Slab<Arc<Seat>>>,
    /// How many threads sit at seats.
    pub(super) present: AtomicU32,
    pub(super) stopping: AtomicBool,
    roots: Mutex<Roots>,
    pub(super) outer_groups: OuterGroups,
    roots_changed: Condvar,
}

/// The trees that live in the runtime.
#[derive(Default)]
struct Roots {
    all: Vec<RootRef>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct RootRef(NonNull<Node>);

// SAFETY: the nodes are `Sync`, and are looked at only under the lock that
// also guards their leaving.
unsafe impl Send for RootRef {}

/// All runtimes of the process, for reports.
static ALL: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// Returns the runtimes that live.
pub(super) fn all() -> Vec<Arc<Shared>> {
    lock(&ALL).iter().filter_map(Weak::upgrade).collect()
}

impl Drop for Shared {
    fn drop(&mut self) {
        reports::keep(self);
        for seat in &self.seats {
            seat.timers.retire();
        }
    }
}

impl Shared {
    pub(super) fn new(settings: Settings, foreign: foreign::Handle) -> io::Result<Arc<Self>> {
        let seats = (0..settings.workers)
            .map(|_| Seat::new(Timers::obtain()))
            .collect();
        let counters = Arc::new(Stripes::new(settings.workers));
        let shared = Arc::new(Self {
            idle: Idle::new(settings.workers),
            seats,
            injector: Injector::new(),
            driver: Driver::new()?,
            pool: Pool::new(&settings, counters.clone(), foreign.clone()),
            counters,
            observed: Observed::new(
                settings.watchdog.limit,
                settings.measure_busy,
                settings.trace,
                settings.workers,
            ),
            foreign,
            guests: Mutex::default(),
            present: AtomicU32::new(0),
            stopping: AtomicBool::new(false),
            roots: Mutex::default(),
            outer_groups: OuterGroups::default(),
            roots_changed: Condvar::new(),
            settings,
        });
        let mut all = lock(&ALL);
        all.retain(|runtime| runtime.strong_count() != 0);
        all.push(Arc::downgrade(&shared));
        Ok(shared)
    }

    /// Returns how many polls the workers have made, as far as they have told.
    pub(super) fn polls(&self) -> u64 {
        let seats = self.counters.seats.iter();
        seats.map(|stripe| stripe.read().polls).sum()
    }

    /// Whether there are trees and nothing can happen in them, as far as the
    /// runtime knows.
    pub(super) fn is_idle(&self) -> bool {
        let no_timer = self
            .seats
            .iter()
            .all(|seat| seat.timers.next_look().is_none());
        no_timer
            && !self.someone_is_busy()
            && !self.has_work()
            && self.seats.iter().all(|seat| seat.pinned.is_empty())
            && !self.pool.is_busy()
            && !self.driver.is_awaited()
            && !lock(&self.roots).all.is_empty()
    }

    /// Counts a task that is spawned, by whatever thread.
    #[inline]
    pub(crate) fn count_spawn(&self) {
        worker::count_for(self, Counter::Spawned);
    }

    /// Returns the tokio runtime that children of a group opened here are to find: for
    /// those who are in no runtime of ours, the one that they are in.
    pub(crate) fn foreign_here(&self) -> foreign::Handle {
        match self.settings.outside {
            true => foreign::Handle::current(),
            false => foreign::Handle::none(),
        }
    }

    pub(crate) fn timers(&self) -> &'static Timers {
        self.seats[0].timers
    }

    /// Queues a task from outside of the runtime, or for a certain seat.
    #[cold]
    pub(super) fn inject(&self, runnable: Runnable) {
        let seat = runnable.metadata().seat();
        if seat != NO_SEAT {
            return self.pin(seat as usize, runnable);
        }
        self.injector.push(runnable);
        self.wake_one();
    }

    fn pin(&self, seat: usize, runnable: Runnable) {
        match self.seats.get(seat) {
            Some(seat) => {
                seat.pinned.push(runnable);
                seat.unpark(&self.driver);
            }
            None => {
                // A guest leaves after the tasks that are pinned to it.
                let guest = lock(&self.guests)[seat - self.seats.len()].clone();
                guest.pinned.push(runnable);
                guest.unpark(&self.driver);
            }
        }
    }

    /// Gives a guest a number.
    pub(super) fn add_guest(&self, guest: &Arc<Seat>) -> usize {
        self.seats.len() + lock(&self.guests).insert(guest.clone())
    }

    pub(super) fn remove_guest(&self, number: usize) {
        lock(&self.guests).remove(number - self.seats.len());
    }

    /// Wakes the thread at a seat.
    pub(crate) fn unpark(&self, seat: u32) {
        let seat = seat as usize;
        match self.seats.get(seat) {
            Some(seat) => seat.unpark(&self.driver),
            None => {
                let guest = lock(&self.guests).get(seat - self.seats.len()).cloned();
                if let Some(guest) = guest {
                    guest.unpark(&self.driver);
                }
            }
        }
    }

    /// Whether there is something to take or to steal.
    pub(super) fn has_work(&self) -> bool {
        !self.injector.is_empty() || self.seats.iter().any(|seat| !seat.stealer.is_empty())
    }

    /// Whether anybody is awake, as far as the caller, who is listed as asleep,
    /// can tell.
    pub(super) fn someone_is_busy(&self) -> bool {
        // Relaxed: a hint.
        self.present.load(Ordering::Relaxed) > self.idle.asleep()
    }

    /// Wakes a sleeper for something that was queued, if one is needed.
    pub(super) fn wake_one(&self) {
        if let Some(seat) = self.idle.pick() {
            worker::count_for(self, Counter::Unparks);
            self.seats[seat].unpark(&self.driver);
        }
    }

    pub(super) fn add_root(&self, node: &Node) {
        lock(&self.roots).all.push(RootRef(NonNull::from(node)));
    }

    pub(super) fn remove_root(&self, node: NonNull<Node>) {
        lock(&self.roots).all.retain(|root| root.0 != node);
        self.roots_changed.notify_all();
    }

    /// Calls `f` for each root. The roots cannot leave meanwhile, so `f` must
    /// be brief, and must not end a task.
    pub(crate) fn for_each_root(&self, mut f: impl FnMut(&Node)) {
        for root in &lock(&self.roots).all {
            // SAFETY: a root is removed, under this lock, before its node goes.
            f(unsafe { root.0.as_ref() });
        }
    }

    /// Waits until no tree is left, at most until `deadline`.
    fn wait_for_roots(&self, deadline: Instant) -> bool {
        let mut roots = lock(&self.roots);
        while !roots.all.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            roots = match self.roots_changed.wait_timeout(roots, left) {
                Ok((roots, _)) => roots,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        true
    }
}

/// An executor with its worker threads, timers, driver and blocking pool.
///
/// Made by [`Runtime::builder`]. There is nothing to spawn on it but the future
/// of [`block_on`](Runtime::block_on): tasks are children of groups inside of
/// that. Dropping the runtime ends its threads.
///
/// # Examples
///
/// ```
/// let rt = nimsync::Runtime::builder().workers(2).build()?;
/// let answer = rt.block_on(async { 6 * 7 });
/// assert_eq!(answer, 42);
/// # Ok::<(), nimsync::BuildError>(())
/// ```
pub struct Runtime {
    pub(super) shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    foreign: Foreign,
}

impl Runtime {
    pub(super) fn start(settings: Settings) -> io::Result<Self> {
        let foreign = Foreign::start(settings.foreign, &settings.thread_name)?;
        let shared = Shared::new(settings, foreign.handle())?;
        let mut runtime = Self {
            shared: shared.clone(),
            threads: Vec::new(),
            foreign,
        };
        for seat in 1..shared.seats.len() {
            let settings = &shared.settings;
            let mut thread =
                std::thread::Builder::new().name(format!("{}-{seat}", settings.thread_name));
            if let Some(bytes) = settings.stack_size {
                thread = thread.stack_size(bytes);
            }
            let shared = shared.clone();
            runtime
                .threads
                .push(thread.spawn(move || worker::run_thread(&shared, seat))?);
        }
        let orders = &shared.settings.watchdog;
        if orders.any() {
            let name = format!("{}-watchdog", shared.settings.thread_name);
            let thread = std::thread::Builder::new().name(name);
            let shared = shared.clone();
            let thread = thread.spawn(move || watchdog::run(&shared))?;
            runtime.threads.push(thread);
        }
        Ok(runtime)
    }

    /// Runs `future` to its end on this thread, as the root of a task tree.
    ///
    /// The thread works for the runtime meanwhile. It returns when the future
    /// has ended and no task below it is left.
    ///
    /// # Panics
    ///
    /// - If the future panics, or a task whose panic it did not take.
    /// - If this thread is inside a task already: it would wait for itself. Await
    ///   the future instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// let rt = nimsync::Runtime::builder().workers(2).build()?;
    /// rt.block_on(async {
    ///     task_group!(|g| {
    ///         g.spawn(async { println!("in parallel") });
    ///     }).await
    /// }).unwrap();
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        super::run_root(&self.shared, future)
    }

    /// Cancels every tree in the runtime, and does not wait.
    ///
    /// The reason is [`CancelReason::Shutdown`]. Calls of
    /// [`block_on`](Self::block_on) panic when their root is cut off by it;
    /// a root that runs its work in a [`CancelScope`](crate::CancelScope) can
    /// return in its own way instead.
    #[track_caller]
    pub fn shutdown(&self) {
        let cause = Cancelled::new(CancelReason::Shutdown, None);
        self.shared.for_each_root(|root| root.cancel(cause.clone()));
    }

    /// Cancels every tree in the runtime, waits for their tasks, and ends the
    /// threads.
    ///
    /// After `limit` it gives up: threads that are still busy are left behind.
    /// It returns whether everything has ended. Call it from another thread
    /// than those inside [`block_on`](Self::block_on).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// let rt = nimsync::Runtime::builder().workers(2).build()?;
    /// rt.block_on(async {});
    /// assert!(rt.shutdown_timeout(5.seconds()));
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    pub fn shutdown_timeout(mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        self.shutdown();
        let mut ended = self.shared.wait_for_roots(deadline);
        self.stop();
        for thread in std::mem::take(&mut self.threads) {
            while !thread.is_finished() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(1));
            }
            ended &= thread.is_finished();
        }
        ended &= self.shared.pool.stop(deadline);
        self.foreign.stop(deadline);
        ended
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    fn stop(&self) {
        // Release pairs with the acquire in the workers' loop; unparking
        // orders it anyway.
        self.shared.stopping.store(true, Ordering::Release);
        for seat in &self.shared.seats {
            seat.unpark(&self.shared.driver);
        }
        // The watchdog is one of them; the others look again.
        for thread in &self.threads {
            thread.thread().unpark();
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.stop();
        for thread in std::mem::take(&mut self.threads) {
            if let Err(payload) = thread.join()
                && !std::thread::panicking()
            {
                std::panic::resume_unwind(payload);
            }
        }
        self.shared.driver.end();
        let deadline = Instant::now() + Duration::from_secs(60);
        self.shared.pool.stop(deadline);
        // The last, so that nothing of ours misses it.
        self.foreign.stop(deadline);
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("workers", &self.shared.seats.len())
            .finish_non_exhaustive()
    }
}

/// Returns the driver of the runtime that this thread works for.
///
/// # Errors
///
/// If it works for none.
pub(crate) fn current_driver() -> io::Result<Arc<Driver>> {
    match worker::handle() {
        Some(shared) => Ok(shared.driver.clone()),
        None => Err(outside()),
    }
}

pub(super) fn outside() -> io::Error {
    io::Error::other(
        "I/O was used outside of a nimsync runtime: do it inside `block_on`, or a task",
    )
}

/// Queues a task on the runtime that `shared` belongs to.
///
/// # Safety
///
/// `shared` is alive when this is called. Once the task is queued it may end,
/// and with it whatever kept the runtime alive, so this function does not use
/// `shared` after that, unless it has made sure of it.
#[inline]
pub(crate) unsafe fn schedule(
    shared: NonNull<Shared>,
    runnable: Runnable,
    woken_while_running: bool,
) {
    if let Err(runnable) = worker::schedule_here(shared, runnable, woken_while_running) {
        // SAFETY: alive by contract.
        unsafe { schedule_elsewhere(shared, runnable) };
    }
}

/// Counts a task that was spawned just now, and queues it at the back.
///
/// # Safety
///
/// As for [`schedule`].
pub(crate) unsafe fn schedule_spawned(shared: NonNull<Shared>, runnable: Runnable) {
    // SAFETY: alive by contract; not used once the task is queued.
    let scheduled = worker::schedule_spawned_here(unsafe { shared.as_ref() }, runnable);
    if let Err(runnable) = scheduled {
        // SAFETY: alive by contract, since the task is not queued.
        unsafe { schedule_elsewhere(shared, runnable) };
    }
}

/// # Safety
///
/// As for [`schedule`].
#[cold]
unsafe fn schedule_elsewhere(shared: NonNull<Shared>, runnable: Runnable) {
    // SAFETY: alive by contract; the count keeps it so beyond the queueing.
    let shared = unsafe {
        Arc::increment_strong_count(shared.as_ptr());
        Arc::from_raw(shared.as_ptr())
    };
    shared.inject(runnable);
}
