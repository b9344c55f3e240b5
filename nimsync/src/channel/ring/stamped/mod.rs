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
//! Batches cost one claim: receivers move the head over as many places as are written; senders let themselves be promised as many
//! places as values will come, take the values from the user's iterator, and turn the promises into places, all in one step.
//!
//! Each handle remembers the tail (or head) that it saw last and tries its compare-exchange on that guess, so that the first touch of
//! the contended line is already the write.
//!
//! # Invariants
//!
//! 1. `head <= tail`, and `tail - head + promised <= capacity`.
//! 2. Between its claim and its stamp a slot belongs to who claimed it; after the stamp to the other side.
//! 3. A sole side's word is written by that side only.

mod batch;
mod recv;
mod send;

use std::mem::MaybeUninit;

use super::{PopError, PushError, Pushed, Ring, buffer, drain};
use crate::prim::{
    CachePadded,
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
    /// The position of the first value.
    start: u64,
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
            start,
        }
    }

    fn slots(&self) -> Slots<T> {
        Slots {
            first: self.slots.as_ptr(),
            mask: self.slots.len() as u64 - 1,
        }
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
        // SAFETY: our contract.
        unsafe { self.push_one(tx, value) }
    }

    unsafe fn push_many(
        &self,
        tx: &Tx<T>,
        values: &mut dyn Iterator<Item = T>,
        held: &mut Option<T>,
    ) -> Pushed {
        // SAFETY: our contract.
        unsafe { self.push_batch(tx, values, held) }
    }

    #[inline(always)]
    unsafe fn pop(&self, rx: &Rx<T>) -> Result<T, PopError> {
        // SAFETY: our contract.
        unsafe { self.pop_one(rx) }
    }

    unsafe fn pop_many(
        &self,
        rx: &Rx<T>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Result<usize, PopError> {
        // SAFETY: our contract.
        unsafe { self.pop_batch(rx, buffer, limit) }
    }

    unsafe fn retract(&self, _tx: &Tx<T>) -> Option<T> {
        // A receiver may look in spite of all, so the sender claims its values as a receiver would.
        let rx = self.receiver();
        let mut oldest = None;
        // SAFETY: `rx` is ours, and receivers may be many.
        while let Ok(value) = unsafe { self.pop_one(&rx) } {
            oldest.get_or_insert(value);
        }
        oldest
    }

    unsafe fn reserve(&self, tx: &Tx<T>) -> Result<(), PushError> {
        // SAFETY: our contract.
        unsafe { self.promise(tx) }
    }

    unsafe fn push_reserved(&self, tx: &Tx<T>, value: T) {
        // SAFETY: our contract.
        unsafe { self.push_promised(tx, value) };
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

    fn sent(&self) -> u64 {
        // Acquire: as in `len`.
        position(self.tail.load(Ordering::Acquire)).wrapping_sub(self.start) >> SHIFT
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
