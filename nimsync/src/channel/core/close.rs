//! Closing, and the counts of handles that lead to it.

use super::{CLOSED, CLOSING, Channel};
use crate::{
    channel::ring::{Ring, drain},
    prim::{asymmetric, sync::Ordering},
};

impl<R: Ring> Channel<R> {
    /// Closes; false if it was closed already.
    pub(crate) fn close(&self) -> bool {
        // AcqRel: a sole sender that closes publishes before, and one that is refused sees what led to it.
        if self.flags.fetch_or(CLOSING, Ordering::AcqRel) & CLOSING != 0 {
            return false;
        }
        self.ring.close();
        if R::SOLE_SENDER {
            // Pairs with `light` in `pushed`: a value published without seeing `CLOSING` is visible to who sees `CLOSED`.
            asymmetric::heavy();
        }
        // Release pairs with the Acquire in `last_look` and `is_closed`.
        self.flags.fetch_or(CLOSED, Ordering::Release);
        self.receivers.list.notify_all();
        self.senders.list.notify_all();
        true
    }

    pub(crate) fn is_closed(&self) -> bool {
        // Acquire pairs with the AcqRel in `close`.
        self.flags.load(Ordering::Acquire) & CLOSING != 0
    }

    pub(crate) fn sender_count(&self) -> usize {
        // Relaxed: a snapshot.
        self.sender_count.load(Ordering::Relaxed)
    }

    pub(crate) fn receiver_count(&self) -> usize {
        // Acquire pairs with the AcqRel in `drop_receiver`.
        self.receiver_count.load(Ordering::Acquire)
    }

    pub(crate) fn add_sender(&self) {
        // Relaxed: the new handle is made from one that counts.
        self.sender_count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_receiver(&self) {
        // Relaxed: as in `add_sender`.
        self.receiver_count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one more sender unless there is none.
    pub(crate) fn revive_sender(&self) -> bool {
        // Relaxed: the count alone decides.
        self.sender_count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count > 0).then_some(count + 1)
            })
            .is_ok()
    }

    /// The end of a sender's handle.
    pub(crate) fn drop_sender(&self) {
        // AcqRel: what other senders did comes before what the last one does.
        if self.sender_count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
        }
    }

    /// The end of a receiver's handle. The last one drops what is left.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop`], and `rx` is not used any more.
    pub(crate) unsafe fn drop_receiver(&self, rx: &R::Rx) {
        // AcqRel: as in `drop_sender`.
        if self.receiver_count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
            // Nobody else takes values out now: this is their one owner. A value that is still being written stays for the
            // destructor of the ring.
            // Ends with a last look, so that a sole sender on its way in gets its value back.
            drain(&mut || {
                // SAFETY: our contract.
                let value = unsafe { self.pop(rx) };
                value.is_ok().then(|| self.tally.drop_one()).is_some()
            });
        }
    }
}
