//! What statistics say of a rendezvous channel.

use super::Shared;
use crate::stats::{ChannelStats, Counted, Gauge, MessageCounts, Place};
#[cfg(not(loom))]
use {
    super::{Receiver, Sender},
    crate::{prim::sync::Arc, stats::Entry},
};

/// Makes a channel that the registry knows.
#[cfg(not(loom))]
pub(in crate::channel) fn named<T: Send + 'static>(entry: Entry) -> (Sender<T>, Receiver<T>) {
    let shared = Shared::new(Some(entry));
    if let Some(entry) = &shared.entry {
        let weak = Arc::downgrade(&shared);
        entry.attach(weak);
    }
    (Sender::new(shared.clone()), Receiver::new(shared))
}

// SAFETY: numbers behind a lock under which nothing of the user's is called. See `drop`.
unsafe impl<T> Counted for Shared<T> {
    /// What is on the counter has not been sent: its sender may take it back.
    fn messages(&self) -> MessageCounts {
        let counter = self.counter.lock();
        MessageCounts {
            sent: counter.received + counter.dropped,
            received: counter.received,
            dropped: counter.dropped,
            ..MessageCounts::default()
        }
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

impl<T: Send> Gauge for Shared<T> {
    fn gauge(&self, stats: &mut ChannelStats) {
        let messages = self.messages();
        let counter = self.counter.lock();
        stats.capacity = Some(0);
        stats.sent = messages.sent;
        stats.received = messages.received;
        stats.dropped = messages.dropped;
        stats.senders = counter.senders;
        stats.receivers = counter.receivers;
        stats.closed = counter.closed;
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // Until then it has only been read.
        self.place.leave(self.messages());
    }
}
