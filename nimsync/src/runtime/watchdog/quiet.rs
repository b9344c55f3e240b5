//! Programs in which nothing can happen any more.

use super::super::shared::Shared;
use crate::tree::Tree;
use std::time::{Duration, Instant};

/// Since when nothing can happen.
#[derive(Default)]
pub(super) struct Quiet {
    since: Option<Instant>,
    /// Polls until then.
    polls: u64,
    reported: bool,
}

impl Quiet {
    pub(super) fn look(&mut self, shared: &Shared, after: Duration) -> Option<Tree> {
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
        tree.each(&mut |task| {
            signals |= task.waiting_for.as_deref() == Some("a signal");
        });
        // Somebody may press ctrl-c.
        self.reported = true;
        (!signals).then_some(tree)
    }
}
