//! A hierarchical timer wheel with intrusive entries.
//!
//! After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP
//! 1987), in the shape that Linux and tokio made of it: six levels of 64 slots;
//! a slot of level `l` covers 64^l ticks, and each level has a bit map of its
//! occupied slots. Inserting and removing are O(1); an entry moves down at most
//! five times on its way to level 0.
//!
//! # Invariants
//!
//! - `now` never goes back, and no linked entry's slot lies wholly before it.
//! - An entry is in the slot that `place(now', when)` named for the `now'` of
//!   its last insertion; its level never grows.
//! - A bit of `occupied` is set exactly when its slot's list is not empty.
//! - Entries fire at or after their exact deadline, never before: a slot is
//!   looked at when its time has come, and what is due later within the same
//!   tick stays until it is due.

use crate::stats::TimerCounts;
use crate::wait::replace_waker;
use std::ptr::NonNull;
use std::task::Waker;

/// A tick is 2^17 ns, 131 µs: finer than the millisecond that `epoll` can
/// wait, coarse enough that six levels reach 104 days.
const TICK_SHIFT: u32 = 17;
const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = 6;

/// The longest distance in ticks that has a slot of its own: 63 slots of the
/// highest level, so that the last one is never the current one. What lies
/// farther waits there and is placed again when that slot comes up.
const FARTHEST: u64 = ((SLOTS as u64 - 1) << (SLOT_BITS * (LEVELS as u32 - 1))) - 1;

/// The part of a timer that the wheel links.
///
/// Everything in it but the address belongs to whoever holds the wheel's lock.
pub(super) struct Entry {
    /// When to fire, in nanoseconds of the clock.
    deadline: u64,
    waker: Option<Waker>,
    prev: Option<NonNull<Entry>>,
    next: Option<NonNull<Entry>>,
    level: u8,
    slot: u8,
    state: EntryState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryState {
    Idle,
    Linked,
    Fired,
}

impl Entry {
    pub(super) const fn new() -> Self {
        Self {
            deadline: 0,
            waker: None,
            prev: None,
            next: None,
            level: 0,
            slot: 0,
            state: EntryState::Idle,
        }
    }

    pub(super) fn has_fired(&self) -> bool {
        self.state == EntryState::Fired
    }

    /// Makes `waker` the one to wake; returns the one before, to be dropped when
    /// the lock has been released.
    #[must_use]
    pub(super) fn set_waker(&mut self, waker: &Waker) -> Option<Waker> {
        replace_waker(&mut self.waker, waker)
    }
}

/// The entries of one slot, oldest first, so that equal deadlines fire in the
/// order in which they were set.
#[derive(Clone, Copy)]
struct List {
    head: Option<NonNull<Entry>>,
    tail: Option<NonNull<Entry>>,
}

const EMPTY: List = List {
    head: None,
    tail: None,
};

pub(super) struct Wheel {
    pub(super) counts: TimerCounts,
    /// The tick up to which slots have been looked at.
    now: u64,
    occupied: [u64; LEVELS],
    slots: [[List; SLOTS]; LEVELS],
}

// SAFETY: the wheel owns its links; the entries behind them are touched only
// through it, under its lock, and what they hold (wakers) is `Send`.
unsafe impl Send for Wheel {}

impl Wheel {
    pub(super) const fn new() -> Self {
        Self {
            counts: TimerCounts::NONE,
            now: 0,
            occupied: [0; LEVELS],
            slots: [[EMPTY; SLOTS]; LEVELS],
        }
    }

    /// Links `entry`, to fire at `deadline`.
    ///
    /// # Safety
    ///
    /// - `entry` is not linked, and stays where it is until it has been removed
    ///   or has fired.
    /// - It is accessed only under the lock of this wheel meanwhile.
    pub(super) unsafe fn insert(&mut self, mut entry: NonNull<Entry>, deadline: u64) {
        // SAFETY: by this function's contract the access is exclusive.
        let it = unsafe { entry.as_mut() };
        debug_assert!(it.state != EntryState::Linked);
        it.deadline = deadline;
        it.state = EntryState::Linked;
        TimerCounts::add(&mut self.counts.set);
        self.link(entry);
    }

    /// Unlinks `entry` if it is linked, and makes it idle.
    ///
    /// # Safety
    ///
    /// If `entry` is linked, it is linked in this wheel.
    pub(super) unsafe fn remove(&mut self, mut entry: NonNull<Entry>) {
        // SAFETY: the caller holds the lock, so the access is exclusive.
        let it = unsafe { entry.as_mut() };
        if it.state == EntryState::Linked {
            TimerCounts::add(&mut self.counts.cancelled);
            self.unlink(entry);
        }
        it.state = EntryState::Idle;
    }

    /// Returns a time at or before the first deadline, or `None` if empty.
    ///
    /// It is the exact deadline when that lies in the current tick's slot, and
    /// the beginning of its slot otherwise.
    pub(super) fn next_look(&self) -> Option<u64> {
        let (level, slot) = self.first_slot()?;
        let start = self.slot_start(level, slot) << TICK_SHIFT;
        if level > 0 {
            return Some(start);
        }
        let mut first = u64::MAX;
        let mut at = self.slots[level][slot].head;
        while let Some(entry) = at {
            // SAFETY: linked entries are alive, and `&self` is under the lock.
            let entry = unsafe { entry.as_ref() };
            first = first.min(entry.deadline);
            at = entry.next;
        }
        Some(first.max(start))
    }

    /// Moves time on to `nanos` and puts the wakers of what is due into `due`.
    ///
    /// Returns whether anything fired. At most `due`'s spare capacity is used,
    /// so that nothing is allocated under the lock; if that is full there may
    /// be more, and the caller comes again.
    pub(super) fn advance(&mut self, nanos: u64, due: &mut Vec<Waker>) -> bool {
        let target = nanos >> TICK_SHIFT;
        let mut fired = false;
        while let Some((level, slot)) = self.first_slot() {
            let start = self.slot_start(level, slot);
            if start > target {
                break;
            }
            self.now = self.now.max(start);
            if level > 0 {
                self.cascade(level, slot);
                continue;
            }
            let all = self.fire_slot(slot, nanos, due, &mut fired);
            if !all || self.now == target {
                return fired;
            }
        }
        self.now = self.now.max(target);
        fired
    }

    /// Takes every entry out, fired or not, and returns their wakers. Time begins
    /// anew: a paused clock may have been ahead of the one that comes next.
    pub(super) fn clear(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for level in 0..LEVELS {
            for slot in 0..SLOTS {
                while let Some(mut entry) = self.slots[level][slot].head {
                    self.unlink(entry);
                    // SAFETY: it was linked, so it is alive, and we hold the lock.
                    let entry = unsafe { entry.as_mut() };
                    entry.state = EntryState::Fired;
                    wakers.extend(entry.waker.take());
                }
            }
        }
        self.now = 0;
        self.counts = TimerCounts::NONE;
        wakers
    }

    /// Fires what is due in a slot of level 0; tells whether that was all of it.
    fn fire_slot(
        &mut self,
        slot: usize,
        nanos: u64,
        due: &mut Vec<Waker>,
        fired: &mut bool,
    ) -> bool {
        let mut at = self.slots[0][slot].head;
        let mut all = true;
        while let Some(mut entry) = at {
            // SAFETY: linked entries are alive, and we hold the lock.
            let it = unsafe { entry.as_mut() };
            at = it.next;
            if it.deadline > nanos {
                all = false;
                continue;
            }
            if due.len() == due.capacity() {
                return false;
            }
            self.unlink(entry);
            it.state = EntryState::Fired;
            TimerCounts::add(&mut self.counts.fired);
            due.extend(it.waker.take());
            *fired = true;
        }
        all
    }

    /// Places the entries of a slot of a higher level again, one level down or
    /// more.
    fn cascade(&mut self, level: usize, slot: usize) {
        let mut at = std::mem::replace(&mut self.slots[level][slot], EMPTY).head;
        self.occupied[level] &= !(1 << slot);
        while let Some(mut entry) = at {
            // SAFETY: linked entries are alive, and we hold the lock.
            at = unsafe { entry.as_mut() }.next;
            self.link(entry);
        }
    }

    fn link(&mut self, mut entry: NonNull<Entry>) {
        // SAFETY: the caller holds the lock and vouches for the entry.
        let it = unsafe { entry.as_mut() };
        let (level, slot) = place(self.now, it.deadline >> TICK_SHIFT);
        let list = &mut self.slots[level][slot];
        let tail = list.tail.replace(entry);
        it.level = level as u8;
        it.slot = slot as u8;
        it.prev = tail;
        it.next = None;
        match tail {
            // SAFETY: linked entries are alive, and we hold the lock.
            Some(mut tail) => unsafe { tail.as_mut() }.next = Some(entry),
            None => list.head = Some(entry),
        }
        self.occupied[level] |= 1 << slot;
    }

    fn unlink(&mut self, mut entry: NonNull<Entry>) {
        // SAFETY: the caller holds the lock and the entry is linked.
        let it = unsafe { entry.as_mut() };
        let (level, slot) = (usize::from(it.level), usize::from(it.slot));
        let list = &mut self.slots[level][slot];
        match it.next {
            // SAFETY: neighbours are linked too.
            Some(mut next) => unsafe { next.as_mut() }.prev = it.prev,
            None => list.tail = it.prev,
        }
        match it.prev {
            // SAFETY: neighbours are linked too.
            Some(mut prev) => unsafe { prev.as_mut() }.next = it.next,
            None => list.head = it.next,
        }
        if list.head.is_none() {
            self.occupied[level] &= !(1 << slot);
        }
        it.prev = None;
        it.next = None;
    }

    /// Returns the occupied slot whose time comes first.
    fn first_slot(&self) -> Option<(usize, usize)> {
        // A lower level's slots all lie within the current slot of the level
        // above, so the first occupied level has the first slot.
        let level = self.occupied.iter().position(|&slots| slots != 0)?;
        let current = self.now >> (level as u32 * SLOT_BITS) & (SLOTS as u64 - 1);
        let ahead = self.occupied[level]
            .rotate_right(current as u32)
            .trailing_zeros();
        Some((level, (current as usize + ahead as usize) % SLOTS))
    }

    /// Returns the tick at which a slot begins, as seen from `now`.
    fn slot_start(&self, level: usize, slot: usize) -> u64 {
        let shift = level as u32 * SLOT_BITS;
        let current = (self.now >> shift) & (SLOTS as u64 - 1);
        let ahead = (slot as u64).wrapping_sub(current) & (SLOTS as u64 - 1);
        ((self.now >> shift) + ahead) << shift
    }
}

/// Returns the level and slot for an entry that is due at tick `when`.
fn place(now: u64, when: u64) -> (usize, usize) {
    let when = when.clamp(now, now.saturating_add(FARTHEST));
    // The highest bit in which the two differ names the level: above it, both
    // lie in the same slot.
    let differs = (now ^ when) | (SLOTS as u64 - 1);
    let level = ((63 - differs.leading_zeros()) / SLOT_BITS).min(LEVELS as u32 - 1);
    let slot = (when >> (level * SLOT_BITS)) & (SLOTS as u64 - 1);
    (level as usize, slot as usize)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::Wake;

    struct Count(AtomicU64);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The deadline, the entry, its waker, and whether it is cancelled.
    type Timer = (u64, Pin<Box<Entry>>, Arc<Count>, bool);

    /// Every timer of a random set fires, at or after its deadline, and before
    /// the wheel is asked to look later than that.
    #[test]
    fn random_deadlines_fire_on_time_and_once() {
        for seed in 0..50 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut wheel = Wheel::new();
            let start = rng.u64(1..1 << 40);
            wheel.advance(start, &mut Vec::new());
            let mut entries: Vec<Timer> = (0..200)
                .map(|_| {
                    let span = 1u64 << rng.u32(0..50);
                    let deadline = start + rng.u64(0..=span);
                    let count = Arc::new(Count(AtomicU64::new(0)));
                    let mut entry = Box::pin(Entry::new());
                    drop(entry.set_waker(&count.clone().into()));
                    (deadline, entry, count, rng.u8(0..4) == 0)
                })
                .collect();
            for (deadline, entry, _, _) in &mut entries {
                // SAFETY: the boxes outlive the wheel's use of them.
                unsafe { wheel.insert(NonNull::from(&mut **entry), *deadline) };
            }
            for (_, entry, _, cancel) in &mut entries {
                if *cancel {
                    // SAFETY: inserted above.
                    unsafe { wheel.remove(NonNull::from(&mut **entry)) };
                }
            }
            let mut now = start;
            while let Some(look) = wheel.next_look() {
                let first = entries
                    .iter()
                    .filter(|(_, entry, _, cancel)| !cancel && !entry.has_fired())
                    .map(|(deadline, ..)| *deadline)
                    .min()
                    .expect("the wheel is not empty, so neither is the rest");
                assert!(look <= first, "would sleep past a deadline");
                now = now.max(look);
                let mut due = Vec::with_capacity(8);
                wheel.advance(now, &mut due);
                due.into_iter().for_each(Waker::wake);
            }
            for (deadline, entry, count, cancelled) in &entries {
                assert_eq!(entry.has_fired(), !cancelled);
                assert_eq!(count.0.load(Ordering::SeqCst), u64::from(!cancelled));
                assert!(*cancelled || *deadline <= now);
            }
        }
    }
}
