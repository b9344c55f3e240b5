//! The senders' side: claim, write, stamp.

use super::{CLOSED, LOW, MAX_PROMISED, PROMISE, STEP, Stamped, Tx, distance, position, promised};
use crate::{
    channel::ring::PushError,
    prim::{Backoff, sync::Ordering},
};

impl<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> Stamped<T, SOLE_SENDER, SOLE_RECEIVER> {
    /// Finds room behind the newest value, and takes it where that is this call's to do: with many senders.
    #[inline(always)]
    fn claim(&self, tx: &Tx<T>) -> Result<u64, PushError> {
        // Relaxed: a guess, checked by the compare-exchange; or a sole sender's own.
        let mut tail = tx.tail.load(Ordering::Relaxed);
        loop {
            // Acquire pairs with the Release in `look`, as another thread may have looked for this handle.
            let head = tx.head.load(Ordering::Acquire);
            if tail & LOW != 0 || distance(tail, head) >= tx.capacity {
                tail = self.look(tx, tail)?;
            }
            if !SOLE_RECEIVER {
                // Acquire pairs with the Release in `pop`: the receiver has read the slot.
                let stamp = tx.slots.at(tail).stamp.load(Ordering::Acquire);
                if stamp != position(tail) {
                    if SOLE_SENDER {
                        return Err(PushError::Busy);
                    }
                    // Relaxed: a fresh guess.
                    let fresh = self.tail.load(Ordering::Relaxed);
                    if fresh == tail {
                        return Err(PushError::Busy);
                    }
                    tail = fresh;
                    continue;
                }
            }
            let next = tail.wrapping_add(STEP);
            if SOLE_SENDER {
                // Relaxed: the sole sender's own.
                tx.tail.store(next, Ordering::Relaxed);
                return Ok(tail);
            }
            // Acquire on success pairs with `meet_senders`: a receiver that went to sleep before this claim is seen afterwards.
            // Release lets `meet_senders` and `len` see the claim with what came before it.
            // Relaxed on failure: a fresh guess.
            match self
                .tail
                .compare_exchange(tail, next, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => {
                    // Relaxed: a guess.
                    tx.tail.store(next, Ordering::Relaxed);
                    return Ok(position(tail));
                }
                Err(fresh) => tail = fresh,
            }
        }
    }

    /// Reads tail and head afresh; the tail if there seems to be room behind it.
    #[cold]
    fn look(&self, tx: &Tx<T>, tail: u64) -> Result<u64, PushError> {
        // Relaxed: the compare-exchange checks it.
        let tail = if SOLE_SENDER {
            tail
        } else {
            self.tail.load(Ordering::Relaxed)
        };
        if tail & CLOSED != 0 {
            return Err(PushError::Closed);
        }
        // Acquire pairs with the Release (or AcqRel) of head in `pop`: the receiver has read (or claimed) what lies before.
        let head = self.head.load(Ordering::Acquire);
        // Release pairs with the Acquire in `claim`: hands on what we have acquired.
        tx.head.store(head, Ordering::Release);
        if distance(tail, head) + promised(tail) as i64 >= tx.capacity {
            return Err(PushError::Full);
        }
        Ok(tail)
    }

    /// Writes the value into a claimed place and publishes it.
    #[inline(always)]
    pub(super) fn fill(&self, tx: &Tx<T>, position: u64, value: T) {
        let slot = tx.slots.at(position);
        // SAFETY: the place is claimed by us and free (invariant 2): by its stamp, or because a sole receiver's head has passed it.
        slot.value
            .with_mut(|place| unsafe { (*place).write(value) });
        let next = position.wrapping_add(STEP);
        // Release pairs with the Acquire in `pop`: publishes the value.
        slot.stamp.store(next, Ordering::Release);
        if SOLE_SENDER {
            // Release pairs with the Acquire in `pop` and `len`: a position below the tail is written.
            self.tail.store(next, Ordering::Release);
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::push`](crate::channel::ring::Ring::push).
    #[inline(always)]
    pub(super) unsafe fn push_one(&self, tx: &Tx<T>, value: T) -> Result<(), (PushError, T)> {
        match self.claim(tx) {
            Ok(position) => {
                self.fill(tx, position, value);
                Ok(())
            }
            Err(error) => Err((error, value)),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::reserve`](crate::channel::ring::Ring::reserve).
    pub(super) unsafe fn promise(&self, tx: &Tx<T>) -> Result<(), PushError> {
        // Relaxed: the sole sender's own; with many, `look` reads it afresh.
        let mut tail = tx.tail.load(Ordering::Relaxed);
        loop {
            tail = self.look(tx, tail)?;
            if SOLE_SENDER {
                return Ok(());
            }
            if promised(tail) >= MAX_PROMISED {
                return Err(PushError::Full);
            }
            // AcqRel: a claim like that of `claim`. Relaxed on failure: `look` reads afresh.
            if self
                .tail
                .compare_exchange(tail, tail + PROMISE, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            {
                return Ok(());
            }
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::push_reserved`](crate::channel::ring::Ring::push_reserved).
    pub(super) unsafe fn push_promised(&self, tx: &Tx<T>, value: T) {
        let tail;
        if SOLE_SENDER {
            // Relaxed, twice: the sole sender's own.
            tail = tx.tail.load(Ordering::Relaxed);
            // Relaxed: as above.
            tx.tail.store(tail.wrapping_add(STEP), Ordering::Relaxed);
        } else {
            // The promise becomes a claim, in one step, closed or not. AcqRel: as in `claim`.
            tail = self.tail.fetch_add(STEP - PROMISE, Ordering::AcqRel);
        }
        let place = position(tail);
        self.wait_until_free(tx, place);
        self.fill(tx, place, value);
    }

    /// Waits for the receiver that has claimed this promised place for an earlier value, and is still reading: a few instructions.
    #[inline]
    pub(super) fn wait_until_free(&self, tx: &Tx<T>, place: u64) {
        if SOLE_RECEIVER {
            // Acquire pairs with the Release in `pop`: invariant 1 says that head has passed, this makes the receiver's read visible.
            self.head.load(Ordering::Acquire);
            return;
        }
        let mut backoff = Backoff::new();
        // Acquire pairs with the Release in `pop`.
        while tx.slots.at(place).stamp.load(Ordering::Acquire) != place {
            backoff.snooze();
        }
    }
}
