//! What is known of the messages of a channel: where its name is, and how many went in and out.
//!
//! Nothing is counted as messages go by. The ring's positions say how many went in; what was not received is counted where it is lost, which
//! is rare. A channel that has a name keeps its high-water mark, behind a bit of the flags that every send looks at anyway.

use super::{Channel, NAMED};
use crate::channel::ring::Ring;
use crate::prim::sync::Arc;
use crate::stats::{self, ChannelStats, Counted, Entry, MessageCounts, Place};
use crate::trace::{self, Event, What};
// Not those of `prim`: nothing is published by a count, so there is nothing for a model to explore.
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

#[derive(Default)]
pub(in crate::channel) struct Tally {
    entry: Option<Entry>,
    place: Place,
    /// Messages that were left when the last receiver went.
    dropped: AtomicU64,
    /// Messages that their sender got back after they were in the ring.
    returned: AtomicU64,
    high_water: AtomicUsize,
}

impl Tally {
    pub(in crate::channel) fn named(entry: Entry) -> Self {
        Self {
            entry: Some(entry),
            ..Self::default()
        }
    }

    pub(super) fn drop_one(&self) {
        // Relaxed: a number by itself.
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn give_back_one(&self) {
        // Relaxed: a number by itself.
        self.returned.fetch_add(1, Ordering::Relaxed);
    }
}

impl<R: Ring> Channel<R> {
    /// The flag that a channel with this tally has from the beginning.
    pub(super) fn named_flag(tally: &Tally) -> usize {
        if stats::ON && tally.entry.is_some() {
            NAMED
        } else {
            0
        }
    }

    /// The number under which the registry has the name; 0 without one.
    pub(in crate::channel) fn name_id(&self) -> u64 {
        self.entry().map_or(0, Entry::id)
    }

    pub(in crate::channel) fn entry(&self) -> Option<&Entry> {
        self.tally.entry.as_ref()
    }

    /// A message went into the channel, which has a name, or out of it.
    // Not inlined: those who wake somebody are to keep their registers.
    #[cold]
    #[inline(never)]
    pub(super) fn mark_depth(&self, sent: bool) {
        trace::record(|| {
            // What is left when the last receiver goes is dropped, not received.
            if !sent && self.receiver_count() == 0 {
                return None;
            }
            let at = crate::time::current_timers()?.clock().nanos();
            let name = stats::name_of(self.name_id())?;
            let depth = self.ring.len();
            let what = What::Message { name, sent, depth };
            Some(Event { at, what })
        });
        if sent {
            let depth = self.ring.len();
            // Relaxed, both: a number by itself.
            if depth > self.tally.high_water.load(Ordering::Relaxed) {
                self.tally.high_water.fetch_max(depth, Ordering::Relaxed);
            }
        }
    }

    /// Makes a channel that the statistics know of.
    pub(in crate::channel) fn listed(ring: R, tally: Tally) -> Arc<Self> {
        let channel = Arc::new(Self::new(ring, tally));
        stats::list(&channel);
        channel
    }
}

// SAFETY: the lengths and positions of a ring are atomics, or behind a lock under which nothing of
// the user's is called. See `drop`.
unsafe impl<R: Ring> Counted for Channel<R> {
    fn messages(&self) -> MessageCounts {
        // Relaxed: numbers by themselves.
        let dropped = self.tally.dropped.load(Ordering::Relaxed);
        let returned = self.tally.returned.load(Ordering::Relaxed);
        let depth = self.ring.len() as u64;
        let sent = self.ring.sent().wrapping_sub(returned);
        MessageCounts {
            sent,
            received: sent.saturating_sub(dropped + depth),
            dropped,
            ..MessageCounts::default()
        }
    }

    fn place(&self) -> &Place {
        &self.tally.place
    }
}

impl<R: Ring + Send + Sync> stats::Gauge for Channel<R> {
    fn gauge(&self, stats: &mut ChannelStats) {
        let MessageCounts {
            sent,
            received,
            dropped,
            ..
        } = self.messages();
        let capacity = self.ring.capacity();
        *stats = ChannelStats {
            id: stats.id,
            name: std::mem::take(&mut stats.name),
            kind: stats.kind,
            depth: self.ring.len(),
            capacity: (capacity != usize::MAX).then_some(capacity),
            sent,
            received,
            dropped,
            spilled: 0,
            // Relaxed: a number by itself.
            high_water: self.tally.high_water.load(Ordering::Relaxed),
            senders: self.sender_count(),
            receivers: self.receiver_count(),
            closed: self.is_closed(),
        };
    }
}

impl<R: Ring> Drop for Channel<R> {
    fn drop(&mut self) {
        if !stats::ON {
            return;
        }
        let mut messages = self.messages();
        // What is still in is dropped with the ring.
        messages.dropped = messages.sent - messages.received;
        // Until then it has only been read.
        self.tally.place.leave(messages);
    }
}
