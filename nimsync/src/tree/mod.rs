//! The live tree, as data: what [`tree`](crate::tree()) returns.
//!
//! The parts that live (scopes, groups, runtimes) describe themselves in these
//! types; nothing here refers back to them, so a snapshot can be kept, compared
//! and drawn at leisure: as text (`draw`), for programs (`export`), and with
//! equal tasks made one (`fold`).

mod doing;
mod draw;
mod export;
mod fold;
#[cfg(feature = "inspect")]
mod page;

pub use doing::Doing;
#[cfg(feature = "inspect")]
pub(crate) use page::Opened;

use crate::stats::ChannelStats;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// How deep a snapshot goes. Deeper groups are there, but not described.
pub(crate) const DEEPEST: usize = 256;

/// A snapshot of all tasks and groups of this process.
///
/// [`Display`](std::fmt::Display) draws it as an indented tree, in which equal
/// tasks of a group are one line ("10,000 × task `client`"). It is not taken in
/// one instant: tasks go on while it is made.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// task_group!(name = "fetchers", |g| {
///     g.task("heartbeat").service(sleep(1.minutes()));
///     sleep(1.milliseconds()).await;
///     println!("{}", nimsync::tree()); // groups, tasks, and what each waits for
/// })
/// .await
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tree {
    /// The runtimes that have something to show.
    pub runtimes: Vec<RuntimeReport>,
    /// The channels, streams and mailboxes that were given a name and have
    /// messages in them, the fullest first.
    pub waiting: Vec<ChannelStats>,
}

/// One runtime in a [`Tree`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuntimeReport {
    /// The name that its threads begin with.
    pub name: String,
    /// How many workers it has.
    pub workers: usize,
    /// One root task for each running `block_on`.
    pub roots: Vec<TaskReport>,
    /// Groups that were opened outside of a task of nimsync, such as in a task of
    /// tokio or by [`Runtime::scope`](crate::Runtime::scope).
    pub groups: Vec<GroupReport>,
}

/// One task in a [`Tree`].
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// task_group!(|g| {
///     g.task("patient").service(sleep(1.minutes()));
///     sleep(1.milliseconds()).await;
///     let tree = nimsync::tree();
///     for root in tree.runtimes.iter().flat_map(|runtime| &runtime.roots) {
///         println!("{} was spawned at {}", root.id, root.spawned_at);
///     }
/// })
/// .await
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskReport {
    /// Its number, as in [`TaskId`](crate::TaskId).
    pub id: String,
    /// Its name, if it was given one.
    pub name: Option<Arc<str>>,
    /// Where in the source it was spawned.
    pub spawned_at: &'static Location<'static>,
    /// How it is run.
    pub kind: TaskKind,
    /// How old it is, to about a millisecond.
    pub age: Duration,
    /// How often it has been polled.
    pub polls: u32,
    /// How long its polls have taken, if that is measured
    /// ([`Builder::measure_busy`](crate::Builder::measure_busy)).
    pub busy: Option<Duration>,
    /// How long it has been in the poll that it is in, if that is longer than the
    /// limit of its runtime's [`watchdog`](crate::Builder::watchdog).
    pub stalled: Option<Duration>,
    /// What keeps that poll from ending, as far as it is known.
    pub doing: Option<Doing>,
    /// What it waited for when it was last seen pending.
    pub waiting_for: Option<String>,
    /// When that wait is over at the latest, from now on, to about a
    /// millisecond: the end of a sleep, or a time limit.
    pub due: Option<Duration>,
    /// What cancelled it, if something did.
    pub cancelled: Option<String>,
    /// The groups that it has open.
    pub groups: Vec<GroupReport>,
}

/// How a task is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskKind {
    /// The root of a `block_on`.
    Root,
    /// A child that runs on any worker.
    Parallel,
    /// A child that is polled by its group, in place.
    InPlace,
    /// A child that its group does not wait for.
    Service,
    /// Clean-up that a group had deferred.
    Deferred,
}

/// One group in a [`Tree`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupReport {
    /// Its name, if it was given one.
    pub name: Option<Arc<str>>,
    /// Where in the source it was opened.
    pub opened_at: &'static Location<'static>,
    /// How old it is, roughly.
    pub age: Duration,
    /// When its time limit is over, from now on.
    pub due: Option<Duration>,
    /// What cancelled it, if something did.
    pub cancelled: Option<String>,
    /// Its children.
    pub tasks: Vec<TaskReport>,
    /// The groups that its body has open.
    pub groups: Vec<GroupReport>,
}

impl Tree {
    /// Calls `f` for each task, from the roots on.
    pub(crate) fn each<'a>(&'a self, f: &mut dyn FnMut(&'a TaskReport)) {
        for runtime in &self.runtimes {
            runtime.roots.iter().for_each(|root| root.each(f));
            runtime.groups.iter().for_each(|group| group.each(f));
        }
    }
}

impl TaskReport {
    fn each<'a>(&'a self, f: &mut dyn FnMut(&'a TaskReport)) {
        f(self);
        self.groups.iter().for_each(|group| group.each(f));
    }
}

impl GroupReport {
    fn each<'a>(&'a self, f: &mut dyn FnMut(&'a TaskReport)) {
        self.tasks.iter().for_each(|task| task.each(f));
        self.groups.iter().for_each(|group| group.each(f));
    }
}
