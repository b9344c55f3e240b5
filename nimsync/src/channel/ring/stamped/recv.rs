//! The receivers' side: find the stamp, claim, read.

use super::{CLOSED, Rx, SHIFT, STEP, Slot, Slots, Stamped, position, promised};
use crate::{channel::ring::PopError, prim::sync::Ordering};

impl<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> Stamped<T, SOLE_SENDER, SOLE_RECEIVER> {
    /// Moves the value out of a claimed place.
    #[inline(always)]
    pub(super) fn take(&self, slot: &Slot<T>) -> T {
        // SAFETY: the stamp said that the place is written (and was acquired), and it is claimed by us (invariant 2).
        slot.value
            .with_mut(|place| unsafe { (*place).assume_init_read() })
    }

    /// The stamp of a place that is free again after `position`.
    #[inline(always)]
    pub(super) fn after(&self, slots: &Slots<T>, position: u64) -> u64 {
        position.wrapping_add((slots.mask + 1) << SHIFT)
    }

    /// # Safety
    ///
    /// As for [`Ring::pop`](crate::channel::ring::Ring::pop).
    #[inline(always)]
    pub(super) unsafe fn pop_one(&self, rx: &Rx<T>) -> Result<T, PopError> {
        // Relaxed: a guess, checked by the compare-exchange; or a sole receiver's own.
        let mut head = rx.head.load(Ordering::Relaxed);
        loop {
            let slot = rx.slots.at(head);
            let next = head.wrapping_add(STEP);
            // Acquire pairs with the Release in `fill`: the value is visible.
            if slot.stamp.load(Ordering::Acquire) == next {
                if SOLE_RECEIVER {
                    let value = self.take(slot);
                    // Relaxed: the sole receiver's own.
                    rx.head.store(next, Ordering::Relaxed);
                    // Release pairs with the Acquire in `look`: the slot has been read.
                    self.head.store(next, Ordering::Release);
                    return Ok(value);
                }
                // Acquire on success pairs with `meet_receivers`: a sender that went to sleep before this claim is seen afterwards.
                // Release lets `meet_receivers` see the claim. Relaxed on failure: a fresh guess.
                match self
                    .head
                    .compare_exchange(head, next, Ordering::AcqRel, Ordering::Relaxed)
                {
                    Ok(_) => {
                        let value = self.take(slot);
                        // Release pairs with the Acquire in `claim`: the slot has been read.
                        slot.stamp
                            .store(self.after(&rx.slots, head), Ordering::Release);
                        // Relaxed: a guess.
                        rx.head.store(next, Ordering::Relaxed);
                        return Ok(value);
                    }
                    Err(fresh) => head = fresh,
                }
                continue;
            }
            if !SOLE_RECEIVER {
                // Relaxed: a fresh guess.
                let fresh = self.head.load(Ordering::Relaxed);
                if fresh != head {
                    head = fresh;
                    continue;
                }
            }
            // Acquire pairs with the Release of the claim (or of `fill`), and of `close`.
            let tail = self.tail.load(Ordering::Acquire);
            if position(tail) == head {
                // Relaxed: a guess.
                rx.head.store(head, Ordering::Relaxed);
                let closed = tail & CLOSED != 0 && promised(tail) == 0;
                return Err(if closed {
                    PopError::Closed
                } else {
                    PopError::Empty
                });
            }
            // Acquire: as above. The place is claimed; perhaps it has been written, or taken, since we looked.
            if slot.stamp.load(Ordering::Acquire) == next {
                continue;
            }
            // Relaxed: a fresh guess.
            if !SOLE_RECEIVER && self.head.load(Ordering::Relaxed) != head {
                continue;
            }
            return Err(PopError::Busy);
        }
    }
}
