//! Polls that do not end.

use super::super::doing::Samples;
use super::super::observed::{Current, Stalled};
use super::super::shared::Shared;
use crate::task::TaskId;
use crate::tree::Doing;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// A task that keeps its worker in one poll; see
/// [`Builder::watchdog`](crate::Builder::watchdog).
///
/// [`Display`](fmt::Display) says it in a sentence, with what to do about it.
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
    /// What its thread does meanwhile: whether it computes, waits for a lock,
    /// sleeps, or is in a system call that blocks. Known on Linux only.
    pub doing: Option<Doing>,
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
        match self.doing {
            Some(doing) => write!(f, ": it {doing}; {}", doing.advice()),
            None => Ok(()),
        }
    }
}

/// What is known of the poll at a seat.
pub(super) struct Seen {
    poll: Current,
    samples: Samples,
    /// From which age on it is reported next.
    report_at: Duration,
    /// The name of the task, once it has been reported.
    name: Option<Arc<str>>,
    reported: bool,
}

impl Seen {
    fn new(poll: Current, limit: Duration) -> Self {
        Self {
            poll,
            samples: Samples::default(),
            report_at: limit,
            name: None,
            reported: false,
        }
    }
}

/// Looks at a seat; returns what is to be reported.
pub(super) fn look(
    shared: &Shared,
    worker: usize,
    seen: &mut Option<Seen>,
    limit: Duration,
) -> Option<Stall> {
    let place = &shared.seats[worker].observed;
    let Some(poll) = place.current() else {
        *seen = None;
        return None;
    };
    let known = match seen {
        Some(known) if known.poll == poll => known,
        _ => {
            *seen = Some(Seen::new(poll, limit));
            return None;
        }
    };
    known.samples.take(place.thread());
    let lasted = shared.lasted(poll);
    let due = lasted >= known.report_at;
    if !due && !known.reported {
        return None;
    }
    if !known.reported {
        known.name = place.name(poll.task);
        known.reported = true;
    }
    let stalled = Stalled {
        poll,
        name: known.name.clone(),
        doing: known.samples.verdict(),
    };
    shared.observed.found(worker, stalled.clone());
    if !due {
        return None;
    }
    known.report_at = lasted * 2;
    Some(shared.stall(worker, stalled))
}

impl Shared {
    /// How long a poll has lasted.
    pub(in crate::runtime) fn lasted(&self, poll: Current) -> Duration {
        let now = self.timers().clock().nanos();
        Duration::from_nanos(now.saturating_sub(poll.began))
    }

    fn stall(&self, worker: usize, stalled: Stalled) -> Stall {
        let poll = stalled.poll;
        Stall {
            runtime: self.settings.thread_name.clone(),
            worker,
            task: poll.task,
            name: stalled.name,
            spawned_at: poll.spawned_at,
            lasted: self.lasted(poll),
            doing: stalled.doing,
        }
    }

    /// Returns the polls that are too long and have not ended.
    pub(in crate::runtime) fn stalls(&self) -> Vec<Stall> {
        let stalled = self.observed.stalled().into_iter();
        let goes_on = |(seat, stalled): &(usize, Stalled)| {
            self.seats[*seat].observed.current() == Some(stalled.poll)
        };
        let stalls = stalled.filter(goes_on);
        stalls
            .map(|(seat, stalled)| self.stall(seat, stalled))
            .collect()
    }
}
