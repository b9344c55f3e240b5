//! What statistics say of a broadcast channel.

use super::Shared;
use crate::stats::{ChannelStats, Counted, Gauge, MessageCounts, Place};
#[cfg(not(loom))]
use {
    super::{Receiver, Sender, open},
    crate::{prim::sync::Arc, stats::Entry},
};

/// Messages, counted under the lock that they pass through.
///
/// A message is received once by each receiver, so more are received than sent; and
/// dropped for each receiver that missed it.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) received: u64,
    pub(super) dropped: u64,
    pub(super) high_water: usize,
}

/// Makes a channel that the registry knows.
#[cfg(not(loom))]
pub(in crate::channel) fn named<T: Send + Sync + 'static>(
    capacity: usize,
    entry: Entry,
) -> (Sender<T>, Receiver<T>) {
    let (tx, rx) = open(capacity, Some(entry));
    if let Some(entry) = &tx.shared.entry {
        let weak = Arc::downgrade(&tx.shared);
        entry.attach(weak);
    }
    (tx, rx)
}

// SAFETY: numbers behind a lock under which nothing of the user's is called. See `drop`.
unsafe impl<T> Counted for Shared<T> {
    fn messages(&self) -> MessageCounts {
        let state = self.state.lock();
        MessageCounts {
            sent: state.first + state.values.len() as u64,
            received: state.tally.received,
            dropped: state.tally.dropped,
            ..MessageCounts::default()
        }
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

impl<T: Send + Sync> Gauge for Shared<T> {
    fn gauge(&self, stats: &mut ChannelStats) {
        let messages = self.messages();
        let state = self.state.lock();
        stats.depth = state.values.len();
        stats.capacity = Some(state.capacity);
        stats.sent = messages.sent;
        stats.received = messages.received;
        stats.dropped = messages.dropped;
        stats.high_water = state.tally.high_water;
        stats.senders = state.senders;
        stats.receivers = state.receivers;
        stats.closed = state.closed;
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // Until then it has only been read.
        self.place.leave(self.messages());
    }
}
