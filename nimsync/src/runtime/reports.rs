//! What runtimes say of themselves: trees, statistics, traces.

use super::observed::SlowPoll;
use super::shared::{Runtime, Shared, all, lock};
use super::watchdog::Stall;
use crate::stats::{self, Counts, RuntimeStats, Stats};
use crate::task::{TaskId, describe_below};
use crate::time;
use crate::trace::{Ring, RuntimeTrace, Trace};
use crate::tree::{GroupReport, RuntimeReport, TaskKind, TaskReport, Tree};
use std::cmp::Reverse;
use std::sync::Mutex;

/// Returns a snapshot of the tasks and groups of all runtimes of this process.
///
/// Runtimes in which nothing is running are left out. Taking it does not stop
/// anything; each group is locked for as long as its children are listed.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     task_group!(name = "sleepers", |g| {
///         g.service(sleep(1.minutes()));
///         sleep(1.milliseconds()).await;
///         println!("{}", nimsync::tree());
///         assert!(nimsync::tree().to_string().contains("group `sleepers`"));
///     }).await
/// }).unwrap();
/// ```
#[must_use]
pub fn tree() -> Tree {
    let runtimes = all();
    let mut reports: Vec<_> = runtimes.iter().map(|runtime| runtime.describe()).collect();
    reports.retain(|runtime| !runtime.roots.is_empty() || !runtime.groups.is_empty());
    with_waiting(reports)
}

/// Adds the channels that have messages in them.
fn with_waiting(runtimes: Vec<RuntimeReport>) -> Tree {
    let mut waiting = stats::channels();
    waiting.retain(|channel| channel.depth != 0);
    waiting.sort_by_key(|channel| Reverse(channel.depth));
    Tree { runtimes, waiting }
}

/// Returns the polls of all runtimes that are too long and have not ended.
#[cfg(feature = "inspect")]
pub(crate) fn stalls() -> Vec<Stall> {
    let runtimes = all();
    let stalls = runtimes.iter().flat_map(|runtime| runtime.stalls());
    stalls.collect()
}

/// Returns the slow polls of all runtimes that have a watchdog.
#[cfg(feature = "inspect")]
pub(crate) fn slow_polls() -> Vec<SlowPoll> {
    let runtimes = all();
    let polls = runtimes.iter().flat_map(|runtime| runtime.observed.slow());
    polls.collect()
}

/// Returns what the workers of all runtimes did lately that were built with
/// [`Builder::trace`](crate::Builder::trace).
///
/// The events stay where they are, so a trace can be taken again.
///
/// # Examples
///
/// ```
/// let rt = nimsync::Runtime::builder().workers(1).trace(1000).build()?;
/// rt.block_on(async {});
/// assert!(!nimsync::trace().is_empty());
/// # Ok::<(), nimsync::BuildError>(())
/// ```
#[must_use]
pub fn trace() -> Trace {
    let runtimes = all();
    let runtimes = runtimes.iter().filter_map(|runtime| runtime.trace());
    Trace {
        runtimes: runtimes.collect(),
    }
}

/// What runtimes that have ended have counted.
static ENDED: Mutex<Option<Counts>> = Mutex::new(None);

/// Returns what all runtimes of this process have counted, and what its
/// channels say.
///
/// Counting is always on. Reading takes a few microseconds, and stops nothing.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     task_group!(|g| {
///         for i in 0..10 {
///             g.spawn(async move { i });
///         }
///     }).await
/// }).unwrap();
/// let stats = nimsync::stats();
/// assert!(stats.total.completed >= 10);
/// println!("{stats}");
/// ```
#[must_use]
pub fn stats() -> Stats {
    let runtimes = all();
    let runtimes: Vec<_> = runtimes.iter().map(|runtime| runtime.stats()).collect();
    let mut total = lock(&ENDED).unwrap_or_default();
    total += stats::count_outside();
    total += time::outside_counts();
    for runtime in &runtimes {
        total += runtime.total;
    }
    let mut messages = stats::messages();
    messages += &total;
    Stats {
        total,
        messages,
        runtimes,
        channels: stats::channels(),
    }
}

/// Keeps what a runtime has counted that ends.
pub(super) fn keep(shared: &Shared) {
    *lock(&ENDED).get_or_insert_default() += shared.stats().total;
}

impl Shared {
    /// Describes the runtime for the live tree.
    fn describe(&self) -> RuntimeReport {
        let now = self.timers().clock().nanos();
        let mut roots = Vec::new();
        self.for_each_root(|root| roots.push(root.describe(TaskKind::Root, now)));
        let mut roots = describe_below(roots, 0);
        let groups = self.outer_groups.all();
        let mut groups: Vec<_> = groups.iter().map(|group| group.describe(0)).collect();
        if self.observed.is_on() {
            let stalls = self.stalls();
            let roots = roots.iter_mut();
            roots.for_each(|root| self.add_observed(root, &stalls));
            let groups = groups.iter_mut();
            groups.for_each(|group| self.add_observed_below(group, &stalls));
        }
        RuntimeReport {
            name: self.settings.thread_name.clone(),
            workers: self.seats.len(),
            roots,
            groups,
        }
    }

    /// Fills in how long the polls of a task, and those below it, have taken, and
    /// whether one does not end.
    fn add_observed(&self, task: &mut TaskReport, stalls: &[Stall]) {
        let number = task.id.trim_start_matches('#').parse().ok();
        let in_place = task.kind == TaskKind::InPlace;
        if let Some(id) = number.map(TaskId::from_number).filter(|_| !in_place) {
            task.busy = self.observed.busy(id);
            if let Some(stall) = stalls.iter().find(|stall| stall.task == id) {
                task.stalled = Some(stall.lasted);
                task.doing = stall.doing;
            }
        }
        let groups = task.groups.iter_mut();
        groups.for_each(|group| self.add_observed_below(group, stalls));
    }

    fn add_observed_below(&self, group: &mut GroupReport, stalls: &[Stall]) {
        let tasks = group.tasks.iter_mut();
        tasks.for_each(|task| self.add_observed(task, stalls));
        let groups = group.groups.iter_mut();
        groups.for_each(|group| self.add_observed_below(group, stalls));
    }

    /// Describes the runtime alone, as a tree.
    pub(super) fn tree(&self) -> Tree {
        with_waiting(vec![self.describe()])
    }

    /// Reads the counters.
    fn stats(&self) -> RuntimeStats {
        let workers: Vec<_> = self
            .seats
            .iter()
            .zip(&self.counters.seats)
            .map(|(seat, stripe)| {
                let mut counts = stripe.read();
                counts += seat.timers.counts();
                counts
            })
            .collect();
        let mut total = self.counters.shared.read();
        for worker in &workers {
            total += *worker;
        }
        RuntimeStats {
            name: self.settings.thread_name.clone(),
            total,
            workers,
        }
    }

    /// Takes the trace, if the runtime is traced.
    fn trace(&self) -> Option<RuntimeTrace> {
        let rings = &self.observed.rings;
        (!rings.is_empty()).then(|| RuntimeTrace {
            name: self.settings.thread_name.clone(),
            workers: rings.iter().map(Ring::read).collect(),
        })
    }
}

impl Runtime {
    /// Returns what this runtime has counted: tasks, polls, timers, and what
    /// its workers did.
    ///
    /// [`stats`](crate::stats()) has all runtimes, and the channels.
    ///
    /// # Examples
    ///
    /// ```
    /// let rt = nimsync::Runtime::builder().workers(1).build()?;
    /// rt.block_on(async { nimsync::yield_now().await });
    /// let stats = rt.stats();
    /// assert_eq!((stats.total.spawned, stats.total.completed), (1, 1));
    /// assert_eq!((stats.total.polls, stats.total.wakes), (2, 1));
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> RuntimeStats {
        self.shared.stats()
    }

    /// Returns what the workers did lately, if the runtime was built with
    /// [`Builder::trace`](crate::Builder::trace).
    #[must_use]
    pub fn trace(&self) -> Trace {
        Trace {
            runtimes: self.shared.trace().into_iter().collect(),
        }
    }

    /// Returns the polls that have taken longer than the limit of
    /// [`Builder::watchdog`](crate::Builder::watchdog) and have not ended.
    #[must_use]
    pub fn stalls(&self) -> Vec<Stall> {
        self.shared.stalls()
    }

    /// Returns the last polls that took longer than the limit of
    /// [`Builder::watchdog`](crate::Builder::watchdog), the oldest first; at most
    /// 64 are remembered.
    #[must_use]
    pub fn slow_polls(&self) -> Vec<SlowPoll> {
        self.shared.observed.slow()
    }
}
