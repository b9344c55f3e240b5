//! The tree as text.

use super::fold::{Fold, GroupFold};
use super::{TaskKind, TaskReport, Tree};
use crate::stats::Thousands;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

/// Channels that are listed under the tree; more are counted.
const MOST_WAITING: usize = 20;

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for runtime in &self.runtimes {
            let workers = match runtime.workers {
                1 => "one worker".to_owned(),
                workers => format!("{workers} workers"),
            };
            writeln!(f, "runtime `{}`, {workers}", runtime.name)?;
            for root in runtime.fold() {
                root.draw(f, 1)?;
            }
            for group in runtime.fold_groups() {
                group.draw(f, 1)?;
            }
        }
        if !self.waiting.is_empty() {
            writeln!(f, "waiting messages")?;
        }
        for channel in self.waiting.iter().take(MOST_WAITING) {
            writeln!(f, "  {channel}")?;
        }
        if let more @ 1.. = self.waiting.len().saturating_sub(MOST_WAITING) {
            writeln!(f, "  and {} more", Thousands(more as u64))?;
        }
        Ok(())
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Root => "root",
            Self::Parallel => "task",
            Self::InPlace => "task in place",
            Self::Service => "service",
            Self::Deferred => "clean-up",
        })
    }
}

pub(super) fn file_name(at: &Location<'_>) -> String {
    let file = at.file();
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    format!("{name}:{}", at.line())
}

/// No more digits than somebody reads.
fn rounded(time: Duration) -> Duration {
    let unit = match time.as_secs() {
        0 => 1,
        1..60 => 100,
        _ => 1000,
    };
    Duration::from_millis(time.as_millis() as u64 / unit * unit)
}

/// A time in words: `12ms`, `3.2s`, `5m 12s`, `3h 7m`.
pub(super) fn words(time: Duration) -> String {
    let time = rounded(time);
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
    match minutes {
        0..2 => format!("{time:?}"),
        2..120 => format!("{minutes}m {seconds}s"),
        _ => format!("{}h {}m", minutes / 60, minutes % 60),
    }
}

/// A range of times, or one if they are equal.
fn times((least, most): (Duration, Duration)) -> String {
    let (least, most) = (words(least), words(most));
    if least == most {
        most
    } else {
        format!("{least} to {most}")
    }
}

impl TaskReport {
    /// What the task waits for, and until when, in words.
    pub(super) fn wait(&self, due: Option<(Duration, Duration)>) -> Option<String> {
        let what = self.waiting_for.as_ref()?;
        Some(match due {
            None => what.clone(),
            Some(due) if what == "sleep" => format!("sleep until +{}", times(due)),
            Some(due) => format!("{what}, until +{}", times(due)),
        })
    }

    /// That it is in a poll that does not end, in words.
    pub(super) fn stall(&self) -> Option<String> {
        let stalled = words(self.stalled?);
        Some(match self.doing {
            None => format!("in one poll for {stalled}"),
            Some(doing) => format!("in one poll for {stalled} and {doing}"),
        })
    }

    /// Its name, or its number where it has none.
    pub(super) fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("`{name}`"),
            None => self.id.clone(),
        }
    }
}

impl Fold<'_> {
    /// What they are, in words.
    pub(super) fn title(&self) -> String {
        let TaskReport { kind, name, .. } = self.first;
        match (self.count, name) {
            (1, _) => format!("{kind} {}", self.first.title()),
            (count, Some(name)) => format!("{} × {kind} `{name}`", Thousands(count as u64)),
            (count, None) => format!("{} × {kind}", Thousands(count as u64)),
        }
    }

    /// How old they are and what they did, in words.
    pub(super) fn life(&self) -> String {
        let polls = match self.polls {
            (least, most) if least == most => format!("{most}×"),
            (least, most) => format!("{least} to {most}×"),
        };
        let busy = match self.busy {
            Some(busy) if busy.as_millis() == 0 => format!(", busy for {}µs", busy.as_micros()),
            Some(busy) => format!(", busy for {}", words(busy)),
            None => String::new(),
        };
        format!("{} old, polled {polls}{busy}", times(self.age))
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = depth * 2;
        let at = file_name(self.first.spawned_at);
        write!(f, "{:indent$}{} ({at}), {}", "", self.title(), self.life())?;
        if let Some(wait) = self.first.wait(self.due) {
            let waits = if self.count == 1 { "waits" } else { "wait" };
            write!(f, ", {waits} for {wait}")?;
        }
        if let Some(stall) = self.first.stall() {
            write!(f, ", {stall}")?;
        }
        if let Some(cancelled) = &self.first.cancelled {
            write!(f, ", {cancelled}")?;
        }
        writeln!(f)?;
        self.groups
            .iter()
            .try_for_each(|group| group.draw(f, depth + 1))
    }
}

impl GroupFold<'_> {
    pub(super) fn title(&self) -> String {
        let count = match self.count {
            1 => String::new(),
            count => format!("{} × ", Thousands(count as u64)),
        };
        let name = self.first.name.as_ref();
        let name = name.map_or(String::new(), |name| format!(" `{name}`"));
        format!("{count}group{name}")
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = depth * 2;
        let at = file_name(self.first.opened_at);
        write!(f, "{:indent$}{} ({at})", "", self.title())?;
        if let (Some(due), 1) = (self.first.due, self.count) {
            write!(f, ", until +{}", words(due))?;
        }
        if let Some(cancelled) = &self.first.cancelled {
            write!(f, ", {cancelled}")?;
        }
        writeln!(f)?;
        self.tasks
            .iter()
            .try_for_each(|task| task.draw(f, depth + 1))?;
        self.groups
            .iter()
            .try_for_each(|group| group.draw(f, depth + 1))
    }
}
