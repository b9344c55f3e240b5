//! One sender, one receiver: two indices, each written by one side.
//!
//! ```text
//!   head (receiver's line)          tail (sender's line)
//!     │                               │
//!  ┌──▼──┬─────┬─────┬─────┬─────┬────▼┬─────┬─────┐
//!  │ v 4 │ v 5 │ v 6 │ v 7 │ v 8 │     │     │     │   positions 4..9 are in
//!  └─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┘
//! ```
//!
//! Each handle keeps its own index and the last value it saw of the other's. The sender loads `head` only when by what it remembers
//! the ring is full, the receiver loads `tail` only when it is empty: once a lap in a stream.
//!
//! # Invariants
//!
//! 1. `head <= tail <= head + capacity` (positions wrap around).
//! 2. Slots in `head..tail` are written and belong to the receiver, the others to the sender.
//! 3. `tail` is written by the sender only, `head` by the receiver only.

use std::mem::MaybeUninit;

use super::{PopError, PushError, Pushed, Ring, buffer, drain, own::Own};
use crate::prim::{
    CachePadded,
    cell::UnsafeCell,
    sync::{AtomicUsize, Ordering},
};

type Slot<T> = UnsafeCell<MaybeUninit<T>>;

/// The ring of `spsc`.
pub struct Spsc<T> {
    head: CachePadded<AtomicUsize>,
    tail: CachePadded<AtomicUsize>,
    slots: Box<[Slot<T>]>,
    capacity: usize,
    /// The position of the first value.
    start: usize,
}

// SAFETY: values move from the sender's thread to the receiver's; invariant 2 keeps the two apart.
unsafe impl<T: Send> Send for Spsc<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Spsc<T> {}

/// One side's memory: its own index, and the other's as last seen.
pub struct Side<T> {
    slots: *const Slot<T>,
    mask: usize,
    capacity: usize,
    mine: Own<usize>,
    theirs: Own<usize>,
    /// Receiver only: it was told "closed" and does not look any more.
    sealed: Own<bool>,
}

// SAFETY: the pointer is to the ring's slots, see `Spsc`; the cells are reached by one thread at a time (contract of `push`, `pop`).
unsafe impl<T: Send> Send for Side<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Side<T> {}

impl<T> Side<T> {
    /// The slot of a position.
    #[inline(always)]
    fn slot(&self, position: usize) -> &Slot<T> {
        // SAFETY: the mask is one less than the number of slots, which live as long as the ring, and the handle keeps the ring.
        unsafe { &*self.slots.add(position & self.mask) }
    }

    #[inline(always)]
    fn write(&self, position: usize, value: T) {
        // SAFETY: called by the sender for a slot outside `head..tail` (invariant 2).
        self.slot(position)
            .with_mut(|slot| unsafe { (*slot).write(value) });
    }

    #[inline(always)]
    fn read(&self, position: usize) -> T {
        // SAFETY: called by the receiver for a slot in `head..tail` (invariant 2), once, as it then moves `head`.
        self.slot(position)
            .with_mut(|slot| unsafe { (*slot).assume_init_read() })
    }
}

impl<T> Spsc<T> {
    pub(crate) fn new(capacity: usize, start: usize) -> Self {
        let slots = buffer::allocate(capacity, 1, |_, _| UnsafeCell::new(MaybeUninit::uninit()));
        Spsc {
            head: CachePadded::new(AtomicUsize::new(start)),
            tail: CachePadded::new(AtomicUsize::new(start)),
            slots,
            capacity,
            start,
        }
    }

    fn side(&self) -> Side<T> {
        // Relaxed: a handle is made while the ring is made, before anybody shares it.
        let start = self.head.load(Ordering::Relaxed);
        Side {
            slots: self.slots.as_ptr(),
            mask: self.slots.len() - 1,
            capacity: self.capacity,
            mine: Own::new(start),
            theirs: Own::new(start),
            sealed: Own::new(false),
        }
    }

    /// The number of places free for a sender at `tail`, by memory if it is not none, else by looking.
    ///
    /// # Safety
    ///
    /// As for `push`.
    #[inline(always)]
    unsafe fn room(&self, tx: &Side<T>, tail: usize) -> usize {
        // SAFETY: contract of `push`.
        let room = unsafe { tx.capacity - tail.wrapping_sub(tx.theirs.get()) };
        if room > 0 {
            return room;
        }
        // Acquire pairs with the Release of `head` in `pop`: the receiver has read the slots that it gave back.
        let head = self.head.load(Ordering::Acquire);
        // SAFETY: contract of `push`.
        unsafe { tx.theirs.set(head) };
        tx.capacity - tail.wrapping_sub(head)
    }

    /// The number of values ready for a receiver at `head`, by memory if it is not none, else by looking.
    ///
    /// # Safety
    ///
    /// As for `pop`.
    #[inline(always)]
    unsafe fn ready(&self, rx: &Side<T>, head: usize) -> usize {
        // SAFETY: contract of `pop`.
        let ready = unsafe { rx.theirs.get().wrapping_sub(head) };
        if ready > 0 {
            return ready;
        }
        // SAFETY: contract of `pop`.
        unsafe { self.look(rx, head) }
    }

    /// The number of values ready for a receiver at `head`, by looking.
    ///
    /// # Safety
    ///
    /// As for `pop`.
    #[inline(always)]
    unsafe fn look(&self, rx: &Side<T>, head: usize) -> usize {
        // SAFETY: contract of `pop`.
        if unsafe { rx.sealed.get() } {
            return 0;
        }
        // Acquire pairs with the Release of `tail` in `push`: the values are visible.
        let tail = self.tail.load(Ordering::Acquire);
        // SAFETY: contract of `pop`.
        unsafe { rx.theirs.set(tail) };
        tail.wrapping_sub(head)
    }
}

// SAFETY: one sender and one receiver by contract; invariants 1 to 3 make each position written once and read once.
unsafe impl<T> Ring for Spsc<T> {
    type Item = T;
    type Tx = Side<T>;
    type Rx = Side<T>;
    const SOLE_SENDER: bool = true;
    const SOLE_RECEIVER: bool = true;

    fn sender(&self) -> Side<T> {
        self.side()
    }

    fn receiver(&self) -> Side<T> {
        self.side()
    }

    #[inline(always)]
    unsafe fn push(&self, tx: &Side<T>, value: T) -> Result<(), (PushError, T)> {
        // SAFETY: our contract, for all three calls.
        let tail = unsafe { tx.mine.get() };
        // SAFETY: as above.
        if unsafe { self.room(tx, tail) } == 0 {
            return Err((PushError::Full, value));
        }
        tx.write(tail, value);
        let next = tail.wrapping_add(1);
        // SAFETY: as above.
        unsafe { tx.mine.set(next) };
        // Release pairs with the Acquire in `ready`: publishes the value.
        self.tail.store(next, Ordering::Release);
        Ok(())
    }

    unsafe fn push_many(
        &self,
        tx: &Side<T>,
        values: &mut dyn Iterator<Item = T>,
        held: &mut Option<T>,
    ) -> Pushed {
        /// Publishes what was written, also when the iterator panics.
        struct Publish<'a, T> {
            ring: &'a Spsc<T>,
            tx: &'a Side<T>,
            tail: usize,
        }

        impl<T> Drop for Publish<'_, T> {
            fn drop(&mut self) {
                // SAFETY: contract of `push_many`, which we are part of.
                unsafe { self.tx.mine.set(self.tail) };
                // Release pairs with the Acquire in `ready`: publishes all values of the batch.
                self.ring.tail.store(self.tail, Ordering::Release);
            }
        }

        // SAFETY: our contract.
        let start = unsafe { tx.mine.get() };
        let mut publish = Publish {
            ring: self,
            tx,
            tail: start,
        };
        loop {
            // SAFETY: our contract.
            let room = unsafe { self.room(tx, publish.tail) };
            if room == 0 {
                *held = held.take().or_else(|| values.next());
                let full = held.is_some().then_some(PushError::Full);
                return Pushed::new(publish.tail.wrapping_sub(start), full);
            }
            for _ in 0..room {
                let Some(value) = held.take().or_else(|| values.next()) else {
                    return Pushed::new(publish.tail.wrapping_sub(start), None);
                };
                tx.write(publish.tail, value);
                publish.tail = publish.tail.wrapping_add(1);
            }
        }
    }

    #[inline(always)]
    unsafe fn pop(&self, rx: &Side<T>) -> Result<T, PopError> {
        // SAFETY: our contract, for all three calls.
        let head = unsafe { rx.mine.get() };
        // SAFETY: as above.
        if unsafe { self.ready(rx, head) } == 0 {
            return Err(PopError::Empty);
        }
        let value = rx.read(head);
        let next = head.wrapping_add(1);
        // SAFETY: as above.
        unsafe { rx.mine.set(next) };
        // Release pairs with the Acquire in `room`: the slot has been read and may be written.
        self.head.store(next, Ordering::Release);
        Ok(value)
    }

    unsafe fn pop_many(
        &self,
        rx: &Side<T>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Result<usize, PopError> {
        // SAFETY: our contract, for all three calls.
        let head = unsafe { rx.mine.get() };
        // SAFETY: as above.
        let mut count = unsafe { self.ready(rx, head) };
        if count < limit {
            // SAFETY: as above.
            count = unsafe { self.look(rx, head) };
        }
        let count = count.min(limit);
        if count == 0 {
            return Err(PopError::Empty);
        }
        // May panic; nothing has been taken yet.
        buffer.reserve(count);
        buffer.extend((0..count).map(|offset| rx.read(head.wrapping_add(offset))));
        let next = head.wrapping_add(count);
        // SAFETY: as above.
        unsafe { rx.mine.set(next) };
        // Release pairs with the Acquire in `room`: the slots have been read and may be written.
        self.head.store(next, Ordering::Release);
        Ok(count)
    }

    unsafe fn retract(&self, tx: &Side<T>) -> Option<T> {
        // Acquire: the receiver, which does not look any more, has read what lies before.
        let head = self.head.load(Ordering::Acquire);
        // SAFETY: our contract.
        let tail = unsafe { tx.mine.get() };
        if head == tail {
            return None;
        }
        // SAFETY: our contract.
        unsafe { tx.mine.set(head) };
        // Release for symmetry; only the destructor looks.
        self.tail.store(head, Ordering::Release);
        let oldest = tx.read(head);
        for offset in 1..tail.wrapping_sub(head) {
            drop(tx.read(head.wrapping_add(offset)));
        }
        Some(oldest)
    }

    unsafe fn seal(&self, rx: &Side<T>) {
        // SAFETY: our contract.
        unsafe { rx.sealed.set(true) };
    }

    unsafe fn reserve(&self, tx: &Side<T>) -> Result<(), PushError> {
        // SAFETY: our contract.
        if unsafe { self.room(tx, tx.mine.get()) } == 0 {
            Err(PushError::Full)
        } else {
            Ok(())
        }
    }

    unsafe fn push_reserved(&self, tx: &Side<T>, value: T) {
        // SAFETY: our contract. Only this sender takes places, so the one that `reserve` saw is still there.
        let pushed = unsafe { self.push(tx, value) };
        debug_assert!(pushed.is_ok(), "a reserved place was taken");
    }

    fn release_reserved(&self) {}

    fn close(&self) {}

    fn meet_senders(&self) {}

    fn meet_receivers(&self) {}

    fn sent(&self) -> u64 {
        // Acquire: as in `len`.
        self.tail.load(Ordering::Acquire).wrapping_sub(self.start) as u64
    }

    fn len(&self) -> usize {
        // Acquire twice: `head` first, so that `tail` is not older than it (a snapshot that never looks negative).
        let head = self.head.load(Ordering::Acquire);
        // Acquire: see above.
        let tail = self.tail.load(Ordering::Acquire);
        tail.wrapping_sub(head).min(self.capacity)
    }

    fn used(&self) -> usize {
        self.len()
    }

    fn capacity(&self) -> usize {
        self.capacity
    }
}

impl<T> Drop for Spsc<T> {
    fn drop(&mut self) {
        // Relaxed: nobody else is left, and the last handle's drop has synchronized with the others.
        let mut head = self.head.load(Ordering::Relaxed);
        // Relaxed: as above.
        let tail = self.tail.load(Ordering::Relaxed);
        let mask = self.slots.len() - 1;
        drain(&mut || {
            if head == tail {
                return false;
            }
            let slot = &self.slots[head & mask];
            head = head.wrapping_add(1);
            // SAFETY: the slot is in `head..tail`, so it is written, and nobody else is left to read it.
            drop(slot.with_mut(|slot| unsafe { (*slot).assume_init_read() }));
            true
        });
    }
}
