//! Batches: many places for one claim.

use std::mem::MaybeUninit;

use super::{CLOSED, MAX_PROMISED, PROMISE, Rx, STEP, Stamped, Tx, distance, position, promised};
use crate::{
    channel::ring::{PopError, Pushed, Ring},
    prim::sync::Ordering,
};

/// Values claimed together at the most.
const BATCH: usize = if cfg!(any(loom, shuttle)) { 2 } else { 32 };
/// Values larger than this are claimed one by one: moving them twice costs more than a claim.
const LARGEST: usize = 64;

impl<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> Stamped<T, SOLE_SENDER, SOLE_RECEIVER> {
    /// # Safety
    ///
    /// As for [`Ring::push_many`](crate::channel::ring::Ring::push_many).
    pub(super) unsafe fn push_batch(
        &self,
        tx: &Tx<T>,
        values: &mut dyn Iterator<Item = T>,
        held: &mut Option<T>,
    ) -> Pushed {
        let mut pushed = Pushed::new(0, None);
        loop {
            let places = if SOLE_SENDER || size_of::<T>() > LARGEST {
                0
            } else {
                let coming = values.size_hint().0.saturating_add(held.is_some().into());
                self.promise_many(tx, coming.min(BATCH))
            };
            if places > 0 {
                let count = self.push_promises(tx, places, values, held);
                pushed.count += count;
                if count < places {
                    // Fewer came than the iterator had promised.
                    pushed.spare = true;
                    return pushed;
                }
                continue;
            }
            let Some(value) = held.take().or_else(|| values.next()) else {
                return pushed;
            };
            // SAFETY: our contract.
            if let Err((error, value)) = unsafe { self.push_one(tx, value) } {
                *held = Some(value);
                pushed.end = Some(error);
                return pushed;
            }
            pushed.count += 1;
        }
    }

    /// Has up to `wanted` places promised; none unless there are several.
    fn promise_many(&self, tx: &Tx<T>, wanted: usize) -> usize {
        if wanted < 2 {
            return 0;
        }
        // Relaxed: the compare-exchange checks it.
        let mut tail = self.tail.load(Ordering::Relaxed);
        // Acquire pairs with the Release in `look`: another thread may have looked for this handle.
        let mut head = tx.head.load(Ordering::Acquire);
        loop {
            let room = |head| {
                let used = distance(tail, head) + promised(tail) as i64;
                (tx.capacity - used).clamp(0, (MAX_PROMISED - promised(tail)) as i64) as usize
            };
            if room(head) < wanted {
                // Acquire and Release: as in `look`.
                head = self.head.load(Ordering::Acquire);
                // Release: as above.
                tx.head.store(head, Ordering::Release);
            }
            let places = room(head).min(wanted);
            if places < 2 || tail & CLOSED != 0 {
                return 0;
            }
            // AcqRel: a claim like that of `claim`. Relaxed on failure: a fresh guess.
            match self.tail.compare_exchange(
                tail,
                tail + places as u64 * PROMISE,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => return places,
                Err(fresh) => tail = fresh,
            }
        }
    }

    /// Fills promised places, or gives them back; how many were filled.
    fn push_promises(
        &self,
        tx: &Tx<T>,
        places: usize,
        values: &mut dyn Iterator<Item = T>,
        held: &mut Option<T>,
    ) -> usize {
        let mut batch = Batch {
            ring: self,
            tx,
            places,
            values: [const { MaybeUninit::uninit() }; BATCH],
            count: 0,
        };
        while batch.count < places
            && let Some(value) = held.take().or_else(|| values.next())
        {
            batch.values[batch.count].write(value);
            batch.count += 1;
        }
        batch.count
    }

    /// # Safety
    ///
    /// As for [`Ring::pop_many`](crate::channel::ring::Ring::pop_many).
    pub(super) unsafe fn pop_batch(
        &self,
        rx: &Rx<T>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Result<usize, PopError> {
        if limit == 0 {
            return Ok(0);
        }
        // Before anything is claimed, as it may panic.
        if buffer.capacity() - buffer.len() < limit.min(self.capacity) {
            buffer.reserve(limit.min(self.len()).max(1));
        }
        let limit = limit.min(buffer.capacity() - buffer.len());
        // Relaxed: a guess, checked by the compare-exchange; or a sole receiver's own.
        let mut head = rx.head.load(Ordering::Relaxed);
        loop {
            let mut count = 0;
            let mut next = head;
            while count < limit {
                let after = next.wrapping_add(STEP);
                // Acquire pairs with the Release in `fill`: the value is visible.
                if rx.slots.at(next).stamp.load(Ordering::Acquire) != after {
                    break;
                }
                next = after;
                count += 1;
            }
            if count == 0 {
                // Relaxed: a fresh guess.
                let fresh = self.head.load(Ordering::Relaxed);
                if !SOLE_RECEIVER && fresh != head {
                    head = fresh;
                    continue;
                }
                // SAFETY: our contract.
                buffer.push(unsafe { self.pop_one(rx) }?);
                return Ok(1);
            }
            if !SOLE_RECEIVER {
                // AcqRel and Relaxed: as in `pop_one`.
                if let Err(fresh) =
                    self.head
                        .compare_exchange(head, next, Ordering::AcqRel, Ordering::Relaxed)
                {
                    head = fresh;
                    continue;
                }
            }
            while head != next {
                let slot = rx.slots.at(head);
                // There is room for it, so this does not panic.
                buffer.push(self.take(slot));
                if !SOLE_RECEIVER {
                    // Release pairs with the Acquire in `claim`: the slot has been read.
                    slot.stamp
                        .store(self.after(&rx.slots, head), Ordering::Release);
                }
                head = head.wrapping_add(STEP);
            }
            // Relaxed: the sole receiver's own, or a guess.
            rx.head.store(next, Ordering::Relaxed);
            if SOLE_RECEIVER {
                // Release pairs with the Acquire in `look`: the slots have been read.
                self.head.store(next, Ordering::Release);
            }
            return Ok(count);
        }
    }
}

/// Values on their way from the user's iterator into promised places, also when the iterator panics.
struct Batch<'a, T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> {
    ring: &'a Stamped<T, SOLE_SENDER, SOLE_RECEIVER>,
    tx: &'a Tx<T>,
    places: usize,
    values: [MaybeUninit<T>; BATCH],
    /// How many of `values` are there.
    count: usize,
}

impl<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> Drop
    for Batch<'_, T, SOLE_SENDER, SOLE_RECEIVER>
{
    fn drop(&mut self) {
        let change = (self.count as u64 * STEP).wrapping_sub(self.places as u64 * PROMISE);
        // As many promises as there are values become claims, closed or not; the others are given back. AcqRel: as in `claim`.
        let tail = self.ring.tail.fetch_add(change, Ordering::AcqRel);
        // Relaxed: a guess.
        self.tx
            .tail
            .store(tail.wrapping_add(change), Ordering::Relaxed);
        let mut place = position(tail);
        for value in &self.values[..self.count] {
            self.ring.wait_until_free(self.tx, place);
            // SAFETY: one of the first `count`, which are written; each is read once.
            let value = unsafe { value.assume_init_read() };
            self.ring.fill(self.tx, place, value);
            place = place.wrapping_add(STEP);
        }
    }
}
