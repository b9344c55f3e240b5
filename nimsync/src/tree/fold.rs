//! Equal tasks made one: what a tree of 100,000 tasks is drawn from.

use super::{GroupReport, RuntimeReport, TaskKind, TaskReport, Tree};
use std::collections::HashMap;
use std::panic::Location;
use std::time::Duration;

/// From how many on equal tasks are drawn as one. Fewer are of more use one by
/// one, with their numbers.
const FEW: usize = 4;

/// Tasks that are equal but for their numbers, ages and polls.
pub(crate) struct Fold<'a> {
    pub(crate) first: &'a TaskReport,
    pub(crate) count: usize,
    pub(crate) age: (Duration, Duration),
    pub(crate) polls: (u32, u32),
    /// The sum of all.
    pub(crate) busy: Option<Duration>,
    pub(crate) due: Option<(Duration, Duration)>,
    pub(crate) groups: Vec<GroupFold<'a>>,
}

/// Groups that were opened at the same place by equal tasks.
pub(crate) struct GroupFold<'a> {
    pub(crate) first: &'a GroupReport,
    pub(crate) count: usize,
    pub(crate) tasks: Vec<Fold<'a>>,
    pub(crate) groups: Vec<GroupFold<'a>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    kind: TaskKind,
    name: Option<&'a str>,
    at: &'static Location<'static>,
    waiting_for: Option<&'a str>,
    cancelled: bool,
    stalled: bool,
}

impl Key<'_> {
    fn of(task: &TaskReport) -> Key<'_> {
        Key {
            kind: task.kind,
            name: task.name.as_deref(),
            at: task.spawned_at,
            waiting_for: task.waiting_for.as_deref(),
            cancelled: task.cancelled.is_some(),
            stalled: task.stalled.is_some(),
        }
    }
}

/// Puts what has equal keys together, in the order of the first of each.
fn sorted<T, K: std::hash::Hash + Eq>(all: Vec<T>, key: impl Fn(&T) -> K) -> Vec<Vec<T>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut sorted: Vec<Vec<T>> = Vec::new();
    for one in all {
        let next = sorted.len();
        let place = *places.entry(key(&one)).or_insert(next);
        if place == next {
            sorted.push(Vec::new());
        }
        sorted[place].push(one);
    }
    sorted
}

fn fold<'a>(tasks: Vec<&'a TaskReport>) -> Vec<Fold<'a>> {
    let mut folds = Vec::new();
    for equal in sorted(tasks, |task| Key::of(task)) {
        if equal.len() < FEW {
            folds.extend(equal.into_iter().map(|task| merge(&[task])));
        } else {
            folds.push(merge(&equal));
        }
    }
    folds
}

fn merge<'a>(equal: &[&'a TaskReport]) -> Fold<'a> {
    let first = equal[0];
    let all = || equal.iter();
    let dues = || all().filter_map(|task| task.due);
    Fold {
        first,
        count: equal.len(),
        age: range(all().map(|task| task.age)).unwrap_or_default(),
        polls: range(all().map(|task| task.polls)).unwrap_or_default(),
        busy: all().map(|task| task.busy).sum(),
        due: range(dues()),
        groups: fold_groups(all().flat_map(|task| &task.groups).collect()),
    }
}

fn range<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<(T, T)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((least, most)) => Some((value.min(least), value.max(most))),
    })
}

fn fold_groups<'a>(groups: Vec<&'a GroupReport>) -> Vec<GroupFold<'a>> {
    let key = |group: &&'a GroupReport| {
        let cancelled = group.cancelled.is_some();
        (group.name.as_deref(), group.opened_at, cancelled)
    };
    let equal = sorted(groups, key).into_iter();
    let merge = |equal: Vec<&'a GroupReport>| GroupFold {
        first: equal[0],
        count: equal.len(),
        tasks: fold(equal.iter().flat_map(|group| &group.tasks).collect()),
        groups: fold_groups(equal.iter().flat_map(|group| &group.groups).collect()),
    };
    equal.map(merge).collect()
}

impl RuntimeReport {
    pub(crate) fn fold(&self) -> Vec<Fold<'_>> {
        fold(self.roots.iter().collect())
    }

    pub(crate) fn fold_groups(&self) -> Vec<GroupFold<'_>> {
        fold_groups(self.groups.iter().collect())
    }
}

impl Tree {
    /// Returns how many tasks the snapshot shows.
    #[must_use]
    pub fn len(&self) -> usize {
        let mut tasks = 0;
        self.each(&mut |_| tasks += 1);
        tasks
    }

    /// Tells whether no task is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
