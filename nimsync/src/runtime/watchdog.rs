//! The watchdog: a thread that notices polls which do not end, and programs in
//! which nothing can happen any more.
//!
//! It looks at what each seat says of its poll (`observed`) four times in the
//! time that is allowed. A poll that is too old is reported, and again each time
//! that its age has doubled. While it goes on, the processor clock of its thread
//! tells whether it computes or is blocked in a call.
//!
//! Nothing can happen when there are trees, but every worker sleeps, no queue
//! has a task, no timer is set, nobody waits for a descriptor or a signal, and no
//! blocking call runs. A thread that nimsync does not know of may still be about
//! to wake a task, so that has to last for a while before it is reported.

use super::observed::Current;
use super::shared::Shared;
use crate::prim::atomic::Ordering;
use crate::task::TaskId;
use crate::tree::{TaskReport, Tree};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the watchdog does, and when.
#[derive(Clone, Default)]
pub(super) struct Orders {
    /// How long a poll may take.
    pub(super) limit: Option<Duration>,
    pub(super) on_stall: Option<Arc<OnStall>>,
    /// How long nothing may be able to happen, and whom to tell.
    pub(super) on_idle: Option<(Duration, Arc<OnIdle>)>,
}

pub(super) type OnStall = dyn Fn(&Stall) + Send + Sync;
pub(super) type OnIdle = dyn Fn(&Tree) + Send + Sync;

/// A task that keeps its worker in one poll; see
/// [`Builder::watchdog`](crate::Builder::watchdog).
///
/// [`Display`](fmt::Display) says it in a sentence.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// let rt = nimsync::Runtime::builder()
///     .watchdog(50.milliseconds())
///     .on_stall(|stall| eprintln!("{stall}")) // who, where it was spawned, for how long
///     .build()?;
/// rt.block_on(async { /* the program */ });
/// # Ok::<(), nimsync::BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stall {
    /// The name of the runtime.
    pub runtime: String,
    /// The number of the worker.
    pub worker: usize,
    /// The number of the task.
    pub task: TaskId,
    /// Its name, if it was given one.
    pub name: Option<Arc<str>>,
    /// Where in the source it was spawned.
    pub spawned_at: &'static Location<'static>,
    /// How long it has been in the poll.
    pub lasted: Duration,
    /// Whether its thread hardly uses the processor meanwhile, so that the task
    /// is in a call that blocks, or waits for a lock. Known on Linux only.
    pub blocked: Option<bool>,
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "task `{name}` ({})", self.task)?,
            None => write!(f, "task {}", self.task)?,
        }
        write!(
            f,
            ", spawned at {}, has been in one poll for {:?} on worker {} of `{}`",
            self.spawned_at,
            Duration::from_millis(self.lasted.as_millis() as u64),
            self.worker,
            self.runtime
        )?;
        match self.blocked {
            Some(true) => f.write_str(
                " and hardly uses the processor: it is in a call that blocks; use `unblock`, or the \
                 async twin of the call",
            ),
            Some(false) => f.write_str(
                " and computes: let it `yield_now` now and then, or give the work to `unblock`",
            ),
            None => Ok(()),
        }
    }
}

/// What is known of the poll at a seat.
struct Seen {
    poll: Current,
    /// When it was seen first, and what the thread had used by then.
    since: Instant,
    used: Option<Duration>,
    /// From which age on it is reported next.
    report_at: Duration,
}

/// The body of the thread.
pub(super) fn run(shared: &Shared) {
    let orders = &shared.settings.watchdog;
    let limits = [orders.limit, orders.on_idle.as_ref().map(|idle| idle.0)];
    let shortest = limits.into_iter().flatten().min().unwrap_or(Duration::MAX);
    let tick = (shortest / 4).clamp(Duration::from_millis(1), Duration::from_millis(250));
    let mut seen: Vec<Option<Seen>> = shared.seats.iter().map(|_| None).collect();
    let mut quiet = Quiet::default();
    // Acquire pairs with the release in `Runtime::stop`.
    while !shared.stopping.load(Ordering::Acquire) {
        std::thread::park_timeout(tick);
        if let Some(limit) = orders.limit {
            for (worker, seen) in seen.iter_mut().enumerate() {
                if let Some(stall) = look(shared, worker, seen, limit) {
                    match &orders.on_stall {
                        Some(hook) => hook(&stall),
                        None => eprintln!("nimsync: {stall}"),
                    }
                }
            }
        }
        if let Some((after, hook)) = &orders.on_idle
            && let Some(tree) = quiet.look(shared, *after)
        {
            hook(&tree);
        }
    }
}

/// Looks at a seat; returns what is to be reported.
fn look(shared: &Shared, worker: usize, seen: &mut Option<Seen>, limit: Duration) -> Option<Stall> {
    let place = &shared.seats[worker].observed;
    let Some(poll) = place.current() else {
        *seen = None;
        return None;
    };
    let used = || place.clock().and_then(|clock| clock.read());
    let known = match seen {
        Some(known) if known.poll == poll => known,
        _ => {
            *seen = Some(Seen {
                poll,
                since: Instant::now(),
                used: used(),
                report_at: limit,
            });
            return None;
        }
    };
    let now = shared.timers().clock().nanos();
    let lasted = Duration::from_nanos(now.saturating_sub(poll.began));
    if lasted < known.report_at {
        return None;
    }
    known.report_at = lasted * 2;
    let blocked = known.used.zip(used()).map(|(before, after)| {
        // Other programs may have had the processor, hence so small a part.
        after.saturating_sub(before) < known.since.elapsed() / 10
    });
    let name = find(&shared.tree(), poll.task);
    // The poll may have ended meanwhile, and its task been freed.
    Some(Stall {
        runtime: shared.settings.thread_name.clone(),
        worker,
        task: poll.task,
        name,
        spawned_at: poll.spawned_at,
        lasted,
        blocked,
    })
}

/// Returns the name of a task.
fn find(tree: &Tree, task: TaskId) -> Option<Arc<str>> {
    let id = task.to_string();
    let mut name = None;
    each(tree, &mut |report| {
        if report.id == id {
            name = report.name.clone();
        }
    });
    name
}

/// Calls `f` for each task.
fn each(tree: &Tree, f: &mut dyn FnMut(&TaskReport)) {
    fn below(task: &TaskReport, f: &mut dyn FnMut(&TaskReport)) {
        f(task);
        for group in &task.groups {
            group.tasks.iter().for_each(|task| below(task, f));
        }
    }
    for runtime in &tree.runtimes {
        runtime.roots.iter().for_each(|root| below(root, f));
    }
}

/// Since when nothing can happen.
#[derive(Default)]
struct Quiet {
    since: Option<Instant>,
    /// Polls until then.
    polls: u64,
    reported: bool,
}

impl Quiet {
    fn look(&mut self, shared: &Shared, after: Duration) -> Option<Tree> {
        let polls = shared.polls();
        if polls != self.polls || !shared.is_idle() {
            *self = Self {
                polls,
                ..Self::default()
            };
            return None;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.reported || since.elapsed() < after {
            return None;
        }
        let tree = shared.tree();
        let mut signals = false;
        each(&tree, &mut |task| {
            signals |= task.waiting_for.as_deref() == Some("a signal");
        });
        // Somebody may press ctrl-c.
        self.reported = true;
        (!signals).then_some(tree)
    }
}
