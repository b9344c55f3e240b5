//! The queue between the two ends; the module documentation has its protocol.

use super::error::{SendError, Sent};
use super::policy::Backpressure;
use super::spill::{Backing, Refused, Spill};
use super::stats::Stats;
use super::waiting::{Left, Ticket, Waiting};
use crate::prim::atomic::{AtomicU64, Ordering};
use crate::prim::{CachePadded, Lock};
use crate::stats::{self, ChannelStats, Counted, Entry, Gauge, MessageCounts, Place};
use crate::wait;
use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The bit of `taken` that says that a sender may be waiting for room.
const WAITING: u64 = 1;
/// One item in `taken`.
const ITEM: u64 = 2;

/// What the two ends share.
pub(super) struct Buffer<T> {
    state: CachePadded<Lock<State<T>>>,
    /// Items that the receiver has handed out, times [`ITEM`]; and [`WAITING`].
    taken: CachePadded<AtomicU64>,
    capacity: usize,
    overflow: Overflow,
    /// Where its name is, if it has one.
    entry: Option<Entry>,
    place: Place,
    /// Taken before `state`, and by whoever closes, so that an item that goes to the
    /// file is in it before the stream is closed, or refused.
    file: Mutex<Behind<T>>,
}

/// What the mutex of the file guards.
struct Behind<T> {
    file: Option<Box<dyn Backing<T>>>,
    /// Items in it: the same as `State::spilled`, at hand without its lock.
    items: usize,
    closed: bool,
}

/// A policy, without its parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overflow {
    Block,
    DropNewest,
    DropOldest,
    Fail,
    /// So many more items.
    Memory(usize),
    File,
}

struct State<T> {
    queue: VecDeque<T>,
    /// The error of `fail`, which has a place of its own behind all items.
    last: Option<T>,
    closed: bool,
    /// The receiver is gone.
    deserted: bool,
    senders: usize,
    receiver: Option<Waker>,
    waiting: Waiting,
    /// Items that were put into the queue and not dropped from it.
    entered: u64,
    /// What `taken` was when a sender last looked: never more than it is.
    taken: u64,
    /// Up to this many have `entered` without being more at a time than ever; what
    /// was taken since may have raised it.
    mark: u64,
    /// Items in the file.
    spilled: usize,
    stats: Stats,
}

/// What one attempt to send came to.
pub(super) enum Attempt<T> {
    Done(Result<Sent<T>, SendError<T>>),
    /// There is no room; the sender stands in the line, or keeps the item.
    Wait(T),
}

/// Whether a sender waits for room.
pub(super) enum Patience<'a> {
    None,
    /// It does not, but keeps the item and comes back with it.
    Keep,
    Wait(&'a mut Option<Ticket>, &'a Waker),
}

/// What the receiver found.
pub(super) enum Refill<T> {
    /// This item, which counts as handed out.
    One(T),
    /// Items, which count when they are handed out.
    Many,
    /// Nothing yet; the waker is kept if there is one.
    Empty,
    /// Nothing, and there never will be.
    Ended(Option<io::Error>),
}

impl<T> State<T> {
    /// Items between the two ends, outside of the file; too many by what the receiver
    /// has handed out since a sender looked.
    fn held(&self) -> usize {
        (self.entered - self.taken) as usize
    }
}

impl<T> Buffer<T> {
    pub(super) fn new(policy: Backpressure<T>, capacity: usize, entry: Option<Entry>) -> Self {
        let (overflow, capacity, file) = match policy {
            Backpressure::Block => (Overflow::Block, capacity, None),
            Backpressure::DropNewest => (Overflow::DropNewest, capacity, None),
            Backpressure::DropOldest => (Overflow::DropOldest, capacity, None),
            Backpressure::Latest => (Overflow::DropOldest, 1, None),
            Backpressure::Fail => (Overflow::Fail, capacity, None),
            Backpressure::Spill(Spill::Memory(limit)) => (Overflow::Memory(limit), capacity, None),
            Backpressure::Spill(Spill::File(file)) => (Overflow::File, capacity, Some(file)),
        };
        Self {
            state: CachePadded::new(Lock::new(State {
                queue: VecDeque::new(),
                last: None,
                closed: false,
                deserted: false,
                senders: 1,
                receiver: None,
                waiting: Waiting::default(),
                entered: 0,
                taken: 0,
                mark: 0,
                spilled: 0,
                stats: Stats::default(),
            })),
            taken: CachePadded::new(AtomicU64::new(0)),
            capacity,
            overflow,
            entry,
            place: Place::default(),
            file: Mutex::new(Behind {
                file,
                items: 0,
                closed: false,
            }),
        }
    }

    pub(super) fn entry(&self) -> Option<&Entry> {
        self.entry.as_ref()
    }

    /// Says what the task waits for: `named` before the name, if there is one.
    pub(super) fn note(&self, text: &'static &'static str, named: &'static &'static str) {
        match &self.entry {
            Some(entry) => wait::note_named(named, entry.id()),
            None => wait::note(text),
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    // ---- sending

    /// Sends, or finds out what becomes of the item instead.
    #[inline]
    pub(super) fn push(&self, item: T, patience: Patience<'_>) -> Attempt<T> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if !state.closed && state.spilled == 0 && self.has_room(state, self.capacity) {
            let woken = self.enter(state, item);
            let left = leave(state, patience);
            drop(guard);
            drop(left);
            wake(woken);
            return Attempt::Done(Ok(Sent::Queued));
        }
        drop(guard);
        self.push_cold(item, patience)
    }

    #[cold]
    fn push_cold(&self, item: T, patience: Patience<'_>) -> Attempt<T> {
        if self.overflow == Overflow::File {
            return self.push_to_file(item, patience);
        }
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if state.closed {
            return refuse(guard, patience, SendError::Closed(item));
        }
        let (room, bound) = match self.overflow {
            Overflow::Memory(limit) => {
                let within = self.has_room(state, self.capacity);
                let bound = self.capacity.saturating_add(limit);
                (within || self.has_room(state, bound), bound)
            }
            _ => (self.has_room(state, self.capacity), self.capacity),
        };
        if room || self.announce(state, &patience, bound) {
            let sent = if state.held() >= self.capacity {
                state.stats.spilled += 1;
                Sent::Spilled
            } else {
                Sent::Queued
            };
            let woken = self.enter(state, item);
            let left = leave(state, patience);
            drop(guard);
            drop(left);
            wake(woken);
            return Attempt::Done(Ok(sent));
        }
        let sent = match self.overflow {
            Overflow::Block | Overflow::Memory(_) => return wait(guard, item, patience),
            Overflow::Fail | Overflow::File => {
                return refuse(guard, patience, SendError::Full(item));
            }
            Overflow::DropNewest => Sent::Dropped(item),
            Overflow::DropOldest => {
                // With this policy the receiver counts under the lock, so who is full
                // has something in the queue.
                let oldest = state.queue.pop_front();
                state.queue.push_back(item);
                oldest.map_or(Sent::Queued, Sent::Replaced)
            }
        };
        state.stats.dropped += 1;
        Attempt::Done(Ok(sent))
    }

    /// Says that a sender is about to wait, and tells whether there is room after all.
    fn announce(&self, state: &mut State<T>, patience: &Patience<'_>, bound: usize) -> bool {
        let waits = matches!(self.overflow, Overflow::Block | Overflow::Memory(_));
        if !waits || !matches!(patience, Patience::Wait(..)) {
            return false;
        }
        // AcqRel pairs with `handed_out`: see the protocol in the module documentation.
        let taken = self.taken.fetch_or(WAITING, Ordering::AcqRel);
        state.taken = taken / ITEM;
        state.held() < bound
    }

    fn has_room(&self, state: &mut State<T>, bound: usize) -> bool {
        if state.held() < bound {
            return true;
        }
        self.look(state);
        state.held() < bound
    }

    /// Finds out how many items the receiver has handed out.
    fn look(&self, state: &mut State<T>) {
        // Acquire pairs with the AcqRel in `handed_out`: the places are free.
        state.taken = self.taken.load(Ordering::Acquire) / ITEM;
    }

    /// Puts an item into the queue. Returns the receiver's waker, if it waits.
    #[inline]
    fn enter(&self, state: &mut State<T>, item: T) -> Option<Waker> {
        state.queue.push_back(item);
        state.entered += 1;
        if stats::ON && state.entered > state.mark {
            self.raise_mark(state);
        }
        state.receiver.take()
    }

    /// Finds out whether there are more items than ever.
    #[cold]
    fn raise_mark(&self, state: &mut State<T>) {
        self.look(state);
        let most = state.stats.high_water.max(state.held());
        state.stats.high_water = most;
        state.mark = state.taken + most as u64;
    }

    fn file(&self) -> MutexGuard<'_, Behind<T>> {
        // Poisoned by an encoder that panicked: what it had written does not count.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends where the overflow is a file.
    fn push_to_file(&self, item: T, patience: Patience<'_>) -> Attempt<T> {
        let mut behind = self.file();
        if behind.items == 0 || behind.closed {
            let mut guard = self.state.lock();
            let state = &mut *guard;
            if state.closed {
                return refuse(guard, patience, SendError::Closed(item));
            }
            if self.has_room(state, self.capacity) {
                let woken = self.enter(state, item);
                let left = leave(state, patience);
                drop(guard);
                drop(left);
                wake(woken);
                return Attempt::Done(Ok(Sent::Queued));
            }
        }
        let written = match &mut behind.file {
            Some(file) => file.push(&item),
            None => Err(Refused::Failed(io::ErrorKind::BrokenPipe.into())),
        };
        behind.items += usize::from(written.is_ok());
        let mut guard = self.state.lock();
        let state = &mut *guard;
        match written {
            Ok(bytes) => {
                state.spilled += 1;
                state.stats.spilled += 1;
                state.stats.spilled_bytes += bytes as u64;
                self.look(state);
                let held = state.held() + state.spilled;
                state.stats.high_water = state.stats.high_water.max(held);
                let woken = state.receiver.take();
                let left = leave(state, patience);
                drop(guard);
                drop(behind);
                drop(left);
                wake(woken);
                Attempt::Done(Ok(Sent::Spilled))
            }
            // Who reads from the file has to get it first, and wakes us then.
            Err(Refused::Full) => wait(guard, item, patience),
            Err(Refused::Failed(error)) => refuse(guard, patience, SendError::Spill(item, error)),
        }
    }

    /// Takes a sender out of the line, and wakes the next if it had been woken.
    pub(super) fn leave_line(&self, ticket: &mut Option<Ticket>) {
        if ticket.is_none() {
            return;
        }
        let mut state = self.state.lock();
        let left = state.waiting.leave(ticket);
        let next = match left {
            Left::Woken => state.waiting.wake_one(),
            _ => None,
        };
        drop(state);
        drop(left);
        wake(next);
    }

    // ---- receiving

    /// Takes what there is; keeps the waker if there is nothing.
    pub(super) fn refill(&self, ready: &mut VecDeque<T>, waker: Option<&Waker>) -> Refill<T> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if self.overflow == Overflow::DropOldest {
            if let Some(item) = state.queue.pop_front() {
                // Relaxed: senders look under the lock.
                self.taken.fetch_add(ITEM, Ordering::Relaxed);
                return Refill::One(item);
            }
        } else if !state.queue.is_empty() {
            std::mem::swap(&mut state.queue, ready);
            return Refill::Many;
        }
        if state.spilled > 0 {
            drop(guard);
            return self.refill_from_file(ready);
        }
        if state.closed {
            return match state.last.take() {
                Some(error) => {
                    // Relaxed: nobody waits for room any more.
                    self.taken.fetch_add(ITEM, Ordering::Relaxed);
                    Refill::One(error)
                }
                None => Refill::Ended(None),
            };
        }
        let before = waker.and_then(|waker| wait::replace_waker(&mut state.receiver, waker));
        drop(guard);
        drop(before);
        Refill::Empty
    }

    fn refill_from_file(&self, ready: &mut VecDeque<T>) -> Refill<T> {
        let mut behind = self.file();
        let (count, result) = match &mut behind.file {
            Some(file) => file.pop(ready, self.capacity),
            None => (0, Err(io::ErrorKind::BrokenPipe.into())),
        };
        behind.items -= count;
        let mut state = self.state.lock();
        state.spilled -= count;
        state.entered += count as u64;
        // An error that comes behind items comes again when they are gone.
        let error = result.err().filter(|_| count == 0);
        behind.closed |= error.is_some();
        state.closed |= error.is_some();
        let waiting = state.waiting.wake_all();
        drop(state);
        drop(behind);
        waiting.into_iter().for_each(Waker::wake);
        match error {
            None => Refill::Many,
            Some(error) => Refill::Ended(Some(error)),
        }
    }

    /// Counts items that the receiver has handed out, and lets senders have their room.
    #[inline]
    pub(super) fn handed_out(&self, count: usize) {
        // AcqRel pairs with `announce` and `look`: who sees the room comes after.
        let before = self.taken.fetch_add(count as u64 * ITEM, Ordering::AcqRel);
        if before & WAITING != 0 {
            self.wake_senders(count);
        }
    }

    #[cold]
    fn wake_senders(&self, count: usize) {
        for _ in 0..count {
            let mut state = self.state.lock();
            let next = state.waiting.wake_one();
            if state.waiting.is_empty() {
                // Relaxed: raised under this lock only.
                self.taken.fetch_and(!WAITING, Ordering::Relaxed);
            }
            drop(state);
            let Some(next) = next else { return };
            next.wake();
        }
    }

    // ---- closing, counting

    /// Closes, with one item more if there is one; it comes back if that was done before.
    pub(super) fn close(&self, last: Option<T>) -> Result<(), Option<T>> {
        let mut behind = (self.overflow == Overflow::File).then(|| self.file());
        if let Some(behind) = &mut behind {
            behind.closed = true;
        }
        let mut state = self.state.lock();
        if state.closed {
            return Err(last);
        }
        state.closed = true;
        if last.is_some() {
            state.entered += 1;
        }
        state.last = last;
        let receiver = state.receiver.take();
        let waiting = state.waiting.wake_all();
        drop(state);
        drop(behind);
        wake(receiver);
        waiting.into_iter().for_each(Waker::wake);
        Ok(())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    pub(super) fn add_sender(&self) {
        self.state.lock().senders += 1;
    }

    pub(super) fn drop_sender(&self) {
        let last = {
            let mut state = self.state.lock();
            state.senders -= 1;
            state.senders == 0
        };
        if last {
            drop(self.close(None));
        }
    }

    /// The end of the receiver: closes, and drops what is left.
    pub(super) fn drop_receiver(&self, ready: &mut VecDeque<T>) {
        drop(self.close(None));
        let file = self.file().file.take();
        let mut state = self.state.lock();
        state.deserted = true;
        let queue = std::mem::take(&mut state.queue);
        let last = state.last.take();
        let waker = state.receiver.take();
        self.look(&mut state);
        state.stats.discarded += (state.held() + state.spilled) as u64;
        state.entered = state.taken;
        state.spilled = 0;
        drop(state);
        ready.clear();
        drop((file, queue, last, waker));
    }

    pub(super) fn stats(&self) -> Stats {
        let mut state = self.state.lock();
        self.look(&mut state);
        let buffered = state.held() + state.spilled;
        let Stats {
            dropped, discarded, ..
        } = state.stats;
        Stats {
            // Not counted: it is what became of them, and what is still here.
            produced: state.taken + dropped + discarded + buffered as u64,
            delivered: state.taken,
            buffered,
            ..state.stats
        }
    }
}

impl<T: Send> Gauge for Buffer<T> {
    fn gauge(&self, stats: &mut ChannelStats) {
        let now = self.stats();
        stats.depth = now.buffered;
        stats.capacity = Some(self.capacity);
        stats.sent = now.produced;
        stats.received = now.delivered;
        stats.dropped = now.dropped + now.discarded;
        stats.spilled = now.spilled;
        stats.high_water = now.high_water;
        let state = self.state.lock();
        stats.senders = state.senders;
        stats.receivers = usize::from(!state.deserted);
        stats.closed = state.closed;
    }
}

#[expect(unsafe_code, reason = "the statistics find it by its address")]
// SAFETY: numbers behind a lock under which nothing of the user's is called. See `drop`.
unsafe impl<T> Counted for Buffer<T> {
    fn messages(&self) -> MessageCounts {
        let now = self.stats();
        MessageCounts {
            sent: now.produced,
            received: now.delivered,
            dropped: now.dropped + now.discarded,
            spilled: now.spilled,
        }
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        let mut messages = self.messages();
        messages.dropped = messages.sent - messages.received;
        // Until then it has only been read.
        self.place.leave(messages);
    }
}

/// Ends the wait of a sender that is served. What is returned is dropped outside of the
/// lock.
fn leave<T>(state: &mut State<T>, patience: Patience<'_>) -> Option<Left> {
    match patience {
        Patience::Wait(ticket @ Some(_), _) => Some(state.waiting.leave(ticket)),
        _ => None,
    }
}

fn refuse<T>(
    mut state: impl std::ops::DerefMut<Target = State<T>>,
    patience: Patience<'_>,
    error: SendError<T>,
) -> Attempt<T> {
    state.stats.refused += 1;
    let left = leave(&mut state, patience);
    drop(state);
    drop(left);
    Attempt::Done(Err(error))
}

fn wait<T>(
    mut state: impl std::ops::DerefMut<Target = State<T>>,
    item: T,
    patience: Patience<'_>,
) -> Attempt<T> {
    let (ticket, waker) = match patience {
        Patience::Wait(ticket, waker) => (ticket, waker),
        Patience::Keep => return Attempt::Wait(item),
        Patience::None => return refuse(state, patience, SendError::Full(item)),
    };
    if ticket.is_none() {
        state.stats.waits += 1;
    }
    let before = state.waiting.stand(ticket, waker);
    drop(state);
    drop(before);
    Attempt::Wait(item)
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
