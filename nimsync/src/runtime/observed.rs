//! Polls that are looked at: for the watchdog, and for the time that tasks take.
//!
//! A worker of a runtime that wants to know writes down what it polls and since
//! when, at its seat, and clears it after the poll. The watchdog reads that from
//! its own thread. There is no lock: the time at which a poll began stands for
//! the poll, and whoever reads the same time before and after the rest has read
//! one poll's. A runtime that does not ask pays a branch a poll.

use super::doing;
use crate::prim::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use crate::task::{Node, TaskId};
use crate::trace::Ring;
use crate::tree::Doing;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Slow polls that are remembered.
const REMEMBERED: usize = 64;

/// What is polled at a seat.
pub(super) struct Place {
    /// When the poll began, in nanoseconds of the system's clock; 0 between polls.
    began: AtomicU64,
    task: AtomicU64,
    /// The last task here that had a name, by its number, and the name.
    name: Mutex<(u64, Option<Arc<str>>)>,
    /// A `&'static Location`, or null before the first poll.
    spawned_at: AtomicPtr<Location<'static>>,
    /// The number of the thread that sits here, or 0.
    thread: AtomicU32,
}

/// A poll that is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Current {
    pub(super) began: u64,
    pub(super) task: TaskId,
    pub(super) spawned_at: &'static Location<'static>,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            began: AtomicU64::new(0),
            task: AtomicU64::new(0),
            name: Mutex::default(),
            spawned_at: AtomicPtr::new(ptr::null_mut()),
            thread: AtomicU32::new(0),
        }
    }

    /// The calling thread sits here now.
    pub(super) fn sit(&self) {
        // Relaxed: a number by itself.
        self.thread.store(doing::this_thread(), Ordering::Relaxed);
    }

    /// The number of the thread that sits here, or 0.
    pub(super) fn thread(&self) -> u32 {
        // Relaxed: as in `sit`.
        self.thread.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self, node: &Node, now: u64) {
        if let Some(name) = node.name() {
            let named = (node.id().number(), Some(name.clone()));
            // Held by others for the time of a copy, once in a long poll.
            let before = std::mem::replace(&mut *lock(&self.name), named);
            drop(before);
        }
        let at = ptr::from_ref(node.spawned_at()).cast_mut();
        // Release, all three, pairs with the acquire in `current`: who reads
        // what was written here sees that the poll before has ended.
        self.task.store(node.id().number(), Ordering::Release);
        self.spawned_at.store(at, Ordering::Release);
        self.began.store(now, Ordering::Release);
    }

    pub(super) fn end(&self) {
        // Release: as in `begin`.
        self.began.store(0, Ordering::Release);
    }

    /// Returns the name of a task that is polled here, if it has one.
    pub(super) fn name(&self, task: TaskId) -> Option<Arc<str>> {
        let named = lock(&self.name);
        named.1.clone().filter(|_| named.0 == task.number())
    }

    /// Returns the poll that is under way.
    pub(super) fn current(&self) -> Option<Current> {
        // Acquire, all four, pairs with the release in `begin` and `end`.
        let began = self.began.load(Ordering::Acquire);
        let task = TaskId::from_number(self.task.load(Ordering::Acquire));
        let at = self.spawned_at.load(Ordering::Acquire);
        let again = self.began.load(Ordering::Acquire);
        // SAFETY: null, or a `&'static` from `begin`.
        let spawned_at = unsafe { at.as_ref() }?;
        (began != 0 && began == again).then_some(Current {
            began,
            task,
            spawned_at,
        })
    }
}

/// What a runtime knows of polls that were looked at.
pub(super) struct Observed {
    /// Polls that take longer are remembered.
    limit: Option<Duration>,
    /// How long the polls of each task have taken, if that is measured.
    busy: Option<Mutex<HashMap<TaskId, Duration>>>,
    slow: Mutex<VecDeque<SlowPoll>>,
    /// By the number of the seat, what the watchdog has found of the last poll
    /// there that was too long; see [`Observed::found`].
    stalled: Mutex<BTreeMap<usize, Stalled>>,
    /// One for each seat, if the runtime is traced.
    pub(super) rings: Box<[Ring]>,
}

/// A poll that is too long, as the watchdog has seen it.
#[derive(Clone)]
pub(super) struct Stalled {
    pub(super) poll: Current,
    /// The name of the task.
    pub(super) name: Option<Arc<str>>,
    pub(super) doing: Option<Doing>,
}

/// A poll that took longer than the watchdog's limit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SlowPoll {
    /// The number of the task.
    pub task: TaskId,
    /// Its name, if it was given one.
    pub name: Option<Arc<str>>,
    /// Where in the source it was spawned.
    pub spawned_at: &'static Location<'static>,
    /// How long the poll took.
    pub took: Duration,
    /// What its thread was doing. `None` if the watchdog has not looked, because
    /// the poll was over, and where that is not known, see [`Doing`].
    pub doing: Option<Doing>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observed {
    /// With `trace`, so many events are kept for each of the `seats`.
    pub(super) fn new(
        limit: Option<Duration>,
        measure_busy: bool,
        trace: Option<usize>,
        seats: usize,
    ) -> Self {
        let rings = trace.map(|most| (0..seats).map(|_| Ring::new(most)).collect());
        Self {
            limit,
            busy: measure_busy.then(Mutex::default),
            slow: Mutex::default(),
            stalled: Mutex::default(),
            rings: rings.unwrap_or_default(),
        }
    }

    /// Whether polls are to be looked at.
    pub(super) fn is_on(&self) -> bool {
        self.limit.is_some() || self.busy.is_some() || !self.rings.is_empty()
    }

    /// Whether a poll that took so long is to be remembered.
    pub(super) fn is_slow(&self, took: Duration) -> bool {
        self.limit.is_some_and(|limit| took >= limit)
    }

    pub(super) fn remember(&self, poll: SlowPoll) {
        let mut slow = lock(&self.slow);
        if slow.len() == REMEMBERED {
            slow.pop_front();
        }
        slow.push_back(poll);
    }

    pub(super) fn slow(&self) -> Vec<SlowPoll> {
        lock(&self.slow).iter().cloned().collect()
    }

    /// The watchdog tells what it has found of a poll at a seat.
    pub(super) fn found(&self, seat: usize, stalled: Stalled) {
        let before = lock(&self.stalled).insert(seat, stalled);
        drop(before);
    }

    /// Returns what the watchdog has found of the polls that were too long when
    /// it looked last. They may have ended since.
    pub(super) fn stalled(&self) -> Vec<(usize, Stalled)> {
        let stalled = lock(&self.stalled);
        let copies = stalled.iter().map(|(seat, found)| (*seat, found.clone()));
        copies.collect()
    }

    /// Returns what the thread at a seat was doing in the poll that began then.
    pub(super) fn doing(&self, seat: usize, began: u64) -> Option<Doing> {
        let stalled = lock(&self.stalled);
        let found = stalled.get(&seat).filter(|found| found.poll.began == began);
        found?.doing
    }

    /// Adds the time of a poll to its task's, or forgets a task that has ended.
    pub(super) fn add(&self, task: TaskId, took: Duration, ended: bool) {
        let Some(busy) = &self.busy else { return };
        let mut busy = lock(busy);
        if ended {
            busy.remove(&task);
        } else {
            *busy.entry(task).or_default() += took;
        }
    }

    /// Returns how long the polls of a task have taken, if that is measured.
    pub(super) fn busy(&self, task: TaskId) -> Option<Duration> {
        let busy = lock(self.busy.as_ref()?);
        Some(busy.get(&task).copied().unwrap_or_default())
    }
}
