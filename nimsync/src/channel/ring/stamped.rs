//! Many senders, many receivers, or both: slots with stamps.
//!
//! The tail is one word, so that one compare-exchange claims a place, sees "closed" and respects places promised to permits:
//!
//! | bits | meaning |
//! |---|---|
//! | 0 | closed: no claim succeeds (many senders only) |
//! | 1..=16 | places promised to permits (many senders only) |
//! | 17..=63 | position |
//!
//! Head and stamps are positions in the same units, low bits zero. A slot's stamp says what it holds (`p` is a position of it):
//!
//! | stamp | slot | next, and who |
//! |---|---|---|
//! | `p` | free for `p` | `p + 1`: the sender that claimed `p`, when it has written |
//! | `p + 1` | holds `p` | `p + lap`: the receiver that claimed `p`, when it has read |
//!
//! With a sole receiver the second step is left out: it would make the slot's line travel back and forth. `head`, which that receiver
//! moves in order, says what is free.
//!
//! Each handle remembers the tail (or head) that it saw last and tries its compare-exchange on that guess, so that the first touch of
//! the contended line is already the write.
//!
//! # Invariants
//!
//! 1. `head <= tail`, and `tail - head + promised <= capacity`.
//! 2. Between its claim and its stamp a slot belongs to who claimed it; after the stamp to the other side.
//! 3. A sole side's word is written by that side only.

use std::mem::MaybeUninit;

use super::{PopError, PushError, Ring, buffer, drain};
use crate::prim::{
    Backoff, CachePadded,
    cell::UnsafeCell,
    sync::{AtomicU64, Ordering},
};

const CLOSED: u64 = 1;
const PROMISE: u64 = 2;
const SHIFT: u32 = 17;
/// One position.
const STEP: u64 = 1 << SHIFT;
/// Everything that is not position.
const LOW: u64 = STEP - 1;
/// The largest number of permits at a time; one more has to wait.
const MAX_PROMISED: u64 = (LOW >> 1) - 1;

#[inline(always)]
fn position(tail: u64) -> u64 {
    tail & !LOW
}

#[inline(always)]
fn promised(tail: u64) -> u64 {
    (tail & LOW) >> 1
}

/// The distance between two positions; negative where a remembered tail lies behind a fresh head.
#[inline(always)]
fn distance(tail: u64, head: u64) -> i64 {
    position(tail).wrapping_sub(head) as i64 >> SHIFT
}

struct Slot<T> {
    stamp: AtomicU64,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// The ring of `mpsc`, `spmc` and `mpmc`.
pub struct Stamped<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> {
    head: CachePadded<AtomicU64>,
    tail: CachePadded<AtomicU64>,
    slots: Box<[Slot<T>]>,
    capacity: usize,
}

// SAFETY: values move between threads; invariant 2 gives each slot one owner at a time.
unsafe impl<T: Send, const S: bool, const R: bool> Send for Stamped<T, S, R> {}
// SAFETY: as above.
unsafe impl<T: Send, const S: bool, const R: bool> Sync for Stamped<T, S, R> {}

/// Where the slots are.
struct Slots<T> {
    first: *const Slot<T>,
    mask: u64,
}

impl<T> Slots<T> {
    #[inline(always)]
    fn at(&self, position: u64) -> &Slot<T> {
        // SAFETY: the mask is one less than the number of slots, which live as long as the ring, and the handle keeps the ring.
        unsafe { &*self.first.add(((position >> SHIFT) & self.mask) as usize) }
    }
}

/// A sender's memory.
pub struct Tx<T> {
    slots: Slots<T>,
    capacity: i64,
    /// The tail, or with many senders a guess at it.
    tail: AtomicU64,
    /// The head as last seen.
    head: AtomicU64,
}

/// A receiver's memory.
pub struct Rx<T> {
    slots: Slots<T>,
    /// The head, or with many receivers a guess at it.
    head: AtomicU64,
}

// SAFETY: the pointer is to the ring's slots, see `Stamped`; the rest is atomic.
unsafe impl<T: Send> Send for Tx<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Tx<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Rx<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Rx<T> {}

impl<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> Stamped<T, SOLE_SENDER, SOLE_RECEIVER> {
    pub(crate) fn new(capacity: usize, start: usize) -> Self {
        let start = (start as u64) << SHIFT;
        // With a single slot "holds p" and "free for p + 1" would be the same stamp; a sole receiver does not use the latter.
        let least = if SOLE_RECEIVER { 1 } else { 2 };
        let slots = buffer::allocate(capacity, least, |index, storage| {
            // The first position from `start` on that falls on this slot.
            let offset = (index as u64).wrapping_sub(start >> SHIFT) & (storage as u64 - 1);
            Slot {
                stamp: AtomicU64::new(start.wrapping_add(offset << SHIFT)),
                value: UnsafeCell::new(MaybeUninit::uninit()),
            }
        });
        Stamped {
            head: CachePadded::new(AtomicU64::new(start)),
            tail: CachePadded::new(AtomicU64::new(start)),
            slots,
            capacity,
        }
    }

    fn slots(&self) -> Slots<T> {
        Slots {
            first: self.slots.as_ptr(),
            mask: self.slots.len() as u64 - 1,
        }
    }

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
    fn fill(&self, tx: &Tx<T>, position: u64, value: T) {
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

    /// Moves the value out of a claimed place.
    #[inline(always)]
    fn take(&self, slot: &Slot<T>) -> T {
        // SAFETY: the stamp said that the place is written (and was acquired), and it is claimed by us (invariant 2).
        slot.value
            .with_mut(|place| unsafe { (*place).assume_init_read() })
    }

    /// The stamp of a place that is free again after `position`.
    #[inline(always)]
    fn after(&self, slots: &Slots<T>, position: u64) -> u64 {
        position.wrapping_add((slots.mask + 1) << SHIFT)
    }
}

// SAFETY: claims are exclusive (compare-exchange, or a sole side by contract), and invariant 2 hands each slot over by its stamp.
// A sender's claim is an AcqRel read-modify-write of `tail` and `meet_senders` one of the same word; `head` likewise.
unsafe impl<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> Ring
    for Stamped<T, SOLE_SENDER, SOLE_RECEIVER>
{
    type Item = T;
    type Tx = Tx<T>;
    type Rx = Rx<T>;
    const SOLE_SENDER: bool = SOLE_SENDER;
    const SOLE_RECEIVER: bool = SOLE_RECEIVER;

    fn sender(&self) -> Tx<T> {
        // Acquire twice: as in `look`.
        let (tail, head) = (
            self.tail.load(Ordering::Acquire),
            self.head.load(Ordering::Acquire),
        );
        Tx {
            slots: self.slots(),
            capacity: self.capacity as i64,
            tail: AtomicU64::new(tail),
            head: AtomicU64::new(head),
        }
    }

    fn receiver(&self) -> Rx<T> {
        // Relaxed: a guess, or the start, before anybody shares the ring.
        Rx {
            slots: self.slots(),
            head: AtomicU64::new(self.head.load(Ordering::Relaxed)),
        }
    }

    #[inline(always)]
    unsafe fn push(&self, tx: &Tx<T>, value: T) -> Result<(), (PushError, T)> {
        match self.claim(tx) {
            Ok(position) => {
                self.fill(tx, position, value);
                Ok(())
            }
            Err(error) => Err((error, value)),
        }
    }

    unsafe fn push_many(
        &self,
        tx: &Tx<T>,
        values: &mut dyn Iterator<Item = T>,
        held: &mut Option<T>,
    ) -> (usize, Option<PushError>) {
        let mut count = 0;
        while let Some(value) = held.take().or_else(|| values.next()) {
            // SAFETY: our contract.
            if let Err((error, value)) = unsafe { self.push(tx, value) } {
                *held = Some(value);
                return (count, Some(error));
            }
            count += 1;
        }
        (count, None)
    }

    #[inline(always)]
    unsafe fn pop(&self, rx: &Rx<T>) -> Result<T, PopError> {
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

    unsafe fn pop_many(
        &self,
        rx: &Rx<T>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Result<usize, PopError> {
        if limit == 0 {
            return Ok(0);
        }
        let mut count = 0;
        if SOLE_RECEIVER {
            // Relaxed: the sole receiver's own.
            let start = rx.head.load(Ordering::Relaxed);
            let mut head = start;
            while count < limit {
                // Before the value is taken, as it may panic; then what was taken before must have left the ring.
                if buffer.len() == buffer.capacity() {
                    // Relaxed: the sole receiver's own.
                    rx.head.store(head, Ordering::Relaxed);
                    // Release pairs with the Acquire in `look`: the slots have been read.
                    self.head.store(head, Ordering::Release);
                    buffer.reserve((limit - count).min(self.capacity));
                }
                let slot = rx.slots.at(head);
                // Acquire pairs with the Release in `fill`: the value is visible.
                if slot.stamp.load(Ordering::Acquire) != head.wrapping_add(STEP) {
                    break;
                }
                buffer.push(self.take(slot));
                head = head.wrapping_add(STEP);
                count += 1;
            }
            // Relaxed: the sole receiver's own.
            rx.head.store(head, Ordering::Relaxed);
            // Release pairs with the Acquire in `look`: the slots have been read.
            self.head.store(head, Ordering::Release);
            if count > 0 {
                return Ok(count);
            }
        }
        while count < limit {
            if buffer.len() == buffer.capacity() {
                buffer.reserve(1);
            }
            // SAFETY: our contract.
            match unsafe { self.pop(rx) } {
                Ok(value) => buffer.push(value),
                Err(_) if count > 0 => break,
                Err(error) => return Err(error),
            }
            count += 1;
        }
        Ok(count)
    }

    unsafe fn retract(&self, _tx: &Tx<T>) -> Option<T> {
        // A receiver may look in spite of all, so the sender claims its values as a receiver would.
        let rx = self.receiver();
        let mut oldest = None;
        // SAFETY: `rx` is ours, and receivers may be many.
        while let Ok(value) = unsafe { self.pop(&rx) } {
            oldest.get_or_insert(value);
        }
        oldest
    }

    unsafe fn reserve(&self, tx: &Tx<T>) -> Result<(), PushError> {
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

    unsafe fn push_reserved(&self, tx: &Tx<T>, value: T) {
        // Relaxed: as in `reserve`.
        let mut tail = if SOLE_SENDER {
            tx.tail.load(Ordering::Relaxed)
        } else {
            // Relaxed: checked by the compare-exchange.
            self.tail.load(Ordering::Relaxed)
        };
        if SOLE_SENDER {
            // Relaxed: the sole sender's own.
            tx.tail.store(tail.wrapping_add(STEP), Ordering::Relaxed);
        } else {
            // The promise becomes a claim, in one step, closed or not. AcqRel and Relaxed: as in `claim`.
            while let Err(fresh) = self.tail.compare_exchange_weak(
                tail,
                tail.wrapping_add(STEP - PROMISE),
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                tail = fresh;
            }
        }
        let place = position(tail);
        if SOLE_RECEIVER {
            // Acquire pairs with the Release in `pop`: invariant 1 says that head has passed, this makes the receiver's read visible.
            self.head.load(Ordering::Acquire);
        } else {
            let mut backoff = Backoff::new();
            // Acquire pairs with the Release in `pop`. A receiver that has claimed the place is still reading: a few instructions.
            while tx.slots.at(place).stamp.load(Ordering::Acquire) != place {
                backoff.snooze();
            }
        }
        self.fill(tx, place, value);
    }

    fn release_reserved(&self) {
        if !SOLE_SENDER {
            // AcqRel: a claim undone is a change of the tail like a claim.
            self.tail.fetch_sub(PROMISE, Ordering::AcqRel);
        }
    }

    fn close(&self) {
        if !SOLE_SENDER {
            // AcqRel: later claims fail, earlier ones are visible to whoever sees the bit.
            self.tail.fetch_or(CLOSED, Ordering::AcqRel);
        }
    }

    fn meet_senders(&self) {
        // AcqRel pairs with the claim's AcqRel, both ways: claims before this are seen, claims after it see what we did before it.
        self.tail.fetch_or(0, Ordering::AcqRel);
    }

    fn meet_receivers(&self) {
        // AcqRel: as in `meet_senders`, with the claim in `pop`.
        self.head.fetch_or(0, Ordering::AcqRel);
    }

    fn len(&self) -> usize {
        // Acquire twice: `head` first, so that `tail` is not older than it (a snapshot that never looks negative).
        let head = self.head.load(Ordering::Acquire);
        // Acquire: see above.
        let tail = self.tail.load(Ordering::Acquire);
        (distance(tail, head).max(0) as usize).min(self.capacity)
    }

    fn used(&self) -> usize {
        // Acquire twice: as in `len`.
        let head = self.head.load(Ordering::Acquire);
        // Acquire: see above.
        let tail = self.tail.load(Ordering::Acquire);
        ((distance(tail, head).max(0) + promised(tail) as i64) as usize).min(self.capacity)
    }

    fn capacity(&self) -> usize {
        self.capacity
    }
}

impl<T, const SOLE_SENDER: bool, const SOLE_RECEIVER: bool> Drop
    for Stamped<T, SOLE_SENDER, SOLE_RECEIVER>
{
    fn drop(&mut self) {
        // Relaxed: nobody else is left, and the last handle's drop has synchronized with the others.
        let mut head = self.head.load(Ordering::Relaxed);
        // Relaxed: as above.
        let tail = position(self.tail.load(Ordering::Relaxed));
        let slots = self.slots();
        drain(&mut || {
            if head == tail {
                return false;
            }
            let slot = slots.at(head);
            head = head.wrapping_add(STEP);
            drop(self.take(slot));
            true
        });
    }
}
