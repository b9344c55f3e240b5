//! The tree as text.

use super::fold::{Fold, GroupFold};
use super::{TaskKind, TaskReport, Tree};
use std::fmt;
use std::panic::Location;
use std::time::Duration;

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

/// A number with commas between thousands.
struct Thousands(usize);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{},{:03}", Thousands(self.0 / 1000), self.0 % 1000)
    }
}

/// No more digits than it is exact to.
fn rounded(time: Duration) -> Duration {
    Duration::from_millis(time.as_millis() as u64)
}

/// A range of times, or one if they are equal.
fn times((least, most): (Duration, Duration)) -> String {
    let (least, most) = (rounded(least), rounded(most));
    if least == most {
        format!("{most:?}")
    } else {
        format!("{least:?} to {most:?}")
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
            (count, Some(name)) => format!("{} × {kind} `{name}`", Thousands(count)),
            (count, None) => format!("{} × {kind}", Thousands(count)),
        }
    }

    /// How old they are and what they did, in words.
    pub(super) fn life(&self) -> String {
        let polls = match self.polls {
            (least, most) if least == most => format!("{most}×"),
            (least, most) => format!("{least} to {most}×"),
        };
        let busy = match self.busy {
            Some(busy) => format!(
                ", busy for {:?}",
                Duration::from_micros(busy.as_micros() as u64)
            ),
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
            count => format!("{} × ", Thousands(count)),
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
            write!(f, ", until +{:?}", rounded(due))?;
        }
        if let Some(cancelled) = &self.first.cancelled {
            write!(f, ", {cancelled}")?;
        }
        writeln!(f)?;
        self.tasks
            .iter()
            .try_for_each(|task| task.draw(f, depth + 1))
    }
}
