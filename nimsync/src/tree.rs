//! The live tree, as data: what [`tree`](crate::tree()) returns.
//!
//! The parts that live (scopes, groups, runtimes) describe themselves in these
//! types; nothing here refers back to them, so a snapshot can be kept, compared
//! and drawn at leisure.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// How deep a snapshot goes. Deeper groups are there, but not described.
pub(crate) const DEEPEST: usize = 256;

/// A snapshot of all tasks and groups of this process.
///
/// [`Display`](fmt::Display) draws it as an indented tree. It is not taken in
/// one instant: tasks go on while it is made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tree {
    /// The runtimes that have something to show.
    pub runtimes: Vec<RuntimeReport>,
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
}

/// One task in a [`Tree`].
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
    /// What it waited for when it was last seen pending.
    pub waiting_for: Option<String>,
    /// What cancelled it, if something did.
    pub cancelled: Option<String>,
    /// The groups that it has open.
    pub groups: Vec<GroupReport>,
}

/// How a task is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// What cancelled it, if something did.
    pub cancelled: Option<String>,
    /// Its children.
    pub tasks: Vec<TaskReport>,
}

impl Tree {
    /// Returns how many tasks the snapshot shows.
    #[must_use]
    pub fn len(&self) -> usize {
        fn below(task: &TaskReport) -> usize {
            let children = task.groups.iter().flat_map(|group| &group.tasks);
            1 + children.map(below).sum::<usize>()
        }
        let roots = self.runtimes.iter().flat_map(|runtime| &runtime.roots);
        roots.map(below).sum()
    }

    /// Tells whether no task is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for runtime in &self.runtimes {
            let workers = match runtime.workers {
                1 => "one worker".to_owned(),
                workers => format!("{workers} workers"),
            };
            writeln!(f, "runtime `{}`, {workers}", runtime.name)?;
            for root in &runtime.roots {
                root.draw(f, 1)?;
            }
        }
        Ok(())
    }
}

fn file_name(at: &Location<'_>) -> String {
    let file = at.file();
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    format!("{name}:{}", at.line())
}

impl TaskReport {
    fn draw(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let kind = match self.kind {
            TaskKind::Root => "root",
            TaskKind::Parallel => "task",
            TaskKind::InPlace => "task in place",
            TaskKind::Service => "service",
            TaskKind::Deferred => "clean-up",
        };
        write!(f, "{:indent$}{kind}", "", indent = depth * 2)?;
        match &self.name {
            Some(name) => write!(f, " `{name}`")?,
            None => write!(f, " {}", self.id)?,
        }
        write!(
            f,
            " ({}), {:?} old, polled {}×",
            file_name(self.spawned_at),
            // No more digits than it is exact to.
            Duration::from_millis(self.age.as_millis() as u64),
            self.polls
        )?;
        if let Some(waiting_for) = &self.waiting_for {
            write!(f, ", waits for {waiting_for}")?;
        }
        if let Some(cancelled) = &self.cancelled {
            write!(f, ", {cancelled}")?;
        }
        writeln!(f)?;
        self.groups
            .iter()
            .try_for_each(|group| group.draw(f, depth + 1))
    }
}

impl GroupReport {
    fn draw(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        write!(f, "{:indent$}group", "", indent = depth * 2)?;
        if let Some(name) = &self.name {
            write!(f, " `{name}`")?;
        }
        write!(f, " ({})", file_name(self.opened_at))?;
        if let Some(cancelled) = &self.cancelled {
            write!(f, ", {cancelled}")?;
        }
        writeln!(f)?;
        self.tasks
            .iter()
            .try_for_each(|task| task.draw(f, depth + 1))
    }
}
