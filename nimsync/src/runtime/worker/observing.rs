//! Polls that are looked at.

use super::super::observed::SlowPoll;
use super::Worker;
use crate::task::{self, Batch, Runnable};
use crate::trace::{Event, Poll, What};
use std::ptr::NonNull;
use std::time::Duration;

impl Worker {
    /// Runs a task, and writes down how long its poll takes.
    #[cold]
    #[inline(never)]
    pub(super) fn run_observed(&self, runnable: Runnable, batch: &mut Batch) -> Option<bool> {
        let node = runnable.metadata();
        let (id, spawned_at) = (node.id(), node.spawned_at());
        let name = node.name().cloned();
        let ring = self.shared.observed.rings.get(self.number);
        // Keeps the node, of which another worker may see the end.
        let kept = ring.map(|_| (NonNull::from(node), node.waker().clone()));
        let clock = self.place().timers.clock();
        let began = clock.nanos();
        self.place().observed.begin(node, began);
        let ended = task::run_in_batch(runnable, batch);
        self.place().observed.end();
        let took = Duration::from_nanos(clock.nanos().saturating_sub(began));
        let observed = &self.shared.observed;
        if let (Some(ring), Some((node, kept))) = (ring, kept) {
            // SAFETY: `kept` keeps the node.
            let node = unsafe { node.as_ref() };
            let poll = Poll {
                task: id.number(),
                name: name.clone(),
                spawned_at,
                took: took.as_nanos() as u64,
                ended: ended.is_some(),
                wait: node.wait().filter(|_| ended.is_none()),
            };
            drop(kept);
            ring.push(Event {
                at: began,
                what: What::Poll(poll),
            });
        }
        if observed.is_slow(took) {
            observed.remember(SlowPoll {
                task: id,
                name,
                spawned_at,
                took,
                doing: observed.doing(self.number, began),
            });
        }
        observed.add(id, took, ended.is_some());
        ended
    }
}
