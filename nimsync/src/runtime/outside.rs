//! The runtime of code that runs in none of ours.
//!
//! A group that is opened in a task of another runtime, or on a plain thread, is polled
//! there. Its parallel children are not: they run on the workers of this runtime,
//! which is started for the first of them and stays as long as the process.

use super::shared::{Runtime, Shared, lock};
use super::worker;
use crate::cancel::OnCancel;
use std::num::NonZero;
use std::sync::{Arc, Mutex, OnceLock, Weak};

/// The groups that were opened outside of any task, for the live tree.
///
/// A group does not take itself off the list: what has gone is dropped when the
/// list has become twice as long as what was there the last time.
#[derive(Default)]
pub(super) struct OuterGroups(Mutex<Listed>);

#[derive(Default)]
struct Listed {
    groups: Vec<Weak<dyn OnCancel>>,
    /// From which length on it is cleaned.
    clean_at: usize,
}

/// The list is not cleaned before it has so many entries.
const FEW: usize = 64;

impl OuterGroups {
    fn add(&self, group: Weak<dyn OnCancel>) {
        let mut listed = lock(&self.0);
        if listed.groups.len() >= listed.clean_at {
            // What goes here is the memory of a group, which has been dropped.
            listed.groups.retain(|group| group.strong_count() != 0);
            listed.clean_at = FEW.max(listed.groups.len() * 2);
        }
        listed.groups.push(group);
    }

    /// Returns those that live.
    pub(super) fn all(&self) -> Vec<Arc<dyn OnCancel>> {
        let listed = lock(&self.0);
        listed.groups.iter().filter_map(Weak::upgrade).collect()
    }
}

impl Shared {
    /// Shows a group in the tree that no task has.
    pub(crate) fn add_outer_group(&self, group: Weak<dyn OnCancel>) {
        self.outer_groups.add(group);
    }
}

/// Returns the runtime that this thread works for, or the one for everybody else.
pub(crate) fn here() -> Arc<Shared> {
    worker::handle().unwrap_or_else(|| outside().shared().clone())
}

fn outside() -> &'static Runtime {
    static OUTSIDE: OnceLock<Runtime> = OnceLock::new();
    OUTSIDE.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        // Seat 0 is for the thread in a `block_on`, and there is none.
        let mut builder = Runtime::builder()
            .workers(cores + 1)
            .thread_name("nimsync-outside");
        builder.settings.outside = true;
        match builder.build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("the runtime for tasks outside of one did not start: {error}"),
        }
    })
}
