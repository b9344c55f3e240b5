//! A ring with two wait lists: what all modes share.
//!
//! # Sleeping and waking
//!
//! Take receivers that wait for values (senders that wait for room are the mirror image). A sender publishes, then asks "may a receiver
//! sleep?" by one plain load of [`flags`](Channel). A receiver registers, raises the flag if it is down, and looks once more. One of
//! the two must see the other:
//!
//! | senders | between publishing and asking | between registering and the last look |
//! |---|---|---|
//! | many | nothing: publishing began with a read-modify-write of the tail | a read-modify-write of the tail |
//! | one, flag down | nothing but `light` | `heavy`, once, when the flag is raised |
//! | one, flag up | `fence(SeqCst)` | `fence(SeqCst)` |
//!
//! *Many senders.* Read-modify-writes of one word have an order. If the sender's claim comes first, the receiver's last look sees a
//! place that is claimed, and does not sleep. If it comes second, it has acquired what the receiver did before: the flag, and the list.
//!
//! *One sender.* Two fences of the store-buffer kind: the published value and the question, the registration and the last look. While
//! nobody sleeps the flag is down and the sender pays nothing; raising it costs the receiver a barrier on all cores. It stays up after a
//! wake, as those who wait once often wait often, and goes down again after [`CALM`] messages in a row for which nobody slept.
//!
//! The flag goes up and down under the lock of the list, and goes down only while the list is empty. So who registers finds it up
//! for good, or raises it.
//!
//! # Turns
//!
//! Who is linked and not notified does not look at the ring when it is polled: those before it are first. Who is notified looks; if
//! somebody else was faster it goes back to the *front* of the list. A call that has not waited yet may be that somebody.
//!
//! # Closing
//!
//! With many senders "closed" is a bit of the tail: a send comes before it or fails, and "closed and empty" is final. With one sender it
//! is two flags, `CLOSING` (senders refuse), then, after a barrier, `CLOSED` (receivers may say so). A send that was under way when a
//! receiver closed sees `CLOSING` after it has published. Then one exchange decides: `ACCEPTED` (a receiver will look again), or
//! `SEALED` (some receiver has already said "closed") and the sender takes its value back.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::ring::{PopError, PushError, Ring, drain};
use crate::{
    prim::{
        Backoff, CachePadded, asymmetric,
        sync::{AtomicUsize, Ordering, fence},
    },
    wait::{self, WaitList, Waiter},
};

/// A receiver may be waiting: senders look at the list after publishing.
const RECEIVERS_SLEEP: usize = 1;
/// A sender may be waiting: receivers look at the list after taking.
const SENDERS_SLEEP: usize = 1 << 1;
/// No flag of those above is ever lowered: there are no asymmetric fences here.
const ALWAYS_FENCED: usize = 1 << 2;
/// Closed; one sender: it refuses from now on.
const CLOSING: usize = 1 << 3;
/// Closed, and every send begun before `CLOSING` is visible or will see it.
const CLOSED: usize = 1 << 4;
/// A sole sender's last value counts.
const ACCEPTED: usize = 1 << 5;
/// Some receiver was told "closed": a sole sender's last value does not count.
const SEALED: usize = 1 << 6;

/// Messages in a row without a sleeper after which the flag is lowered: about what a barrier costs, divided by what a fence costs.
const CALM: usize = if cfg!(loom) { 1 } else { 64 };

/// A side of the channel, as a place to wait.
struct Gate {
    list: WaitList,
    /// Messages in a row that found the flag up and nobody asleep.
    calm: AtomicUsize,
}

impl Gate {
    fn new() -> CachePadded<Self> {
        CachePadded::new(Gate {
            list: WaitList::new(),
            calm: AtomicUsize::new(0),
        })
    }
}

/// Who waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Senders,
    Receivers,
}

/// What came of one attempt.
enum Attempt<O> {
    /// It is over, for good or ill.
    Done(O),
    /// The other side has to do something first.
    Blocked,
    /// The other side is in the middle of it.
    Busy,
}

/// What all handles of a channel share.
pub(super) struct Channel<R: Ring> {
    ring: R,
    /// Written rarely, read at every message by both sides: so a line of its own.
    flags: CachePadded<AtomicUsize>,
    receivers: CachePadded<Gate>,
    senders: CachePadded<Gate>,
    sender_count: AtomicUsize,
    receiver_count: AtomicUsize,
}

impl<R: Ring> Channel<R> {
    pub(super) fn new(ring: R) -> Self {
        let one_sided = R::SOLE_SENDER || R::SOLE_RECEIVER;
        let flags = if one_sided && !asymmetric::available() {
            RECEIVERS_SLEEP | SENDERS_SLEEP | ALWAYS_FENCED
        } else {
            0
        };
        Channel {
            ring,
            flags: CachePadded::new(AtomicUsize::new(flags)),
            receivers: Gate::new(),
            senders: Gate::new(),
            sender_count: AtomicUsize::new(1),
            receiver_count: AtomicUsize::new(1),
        }
    }

    pub(super) fn ring(&self) -> &R {
        &self.ring
    }

    // ---- sending

    /// Sends if there is room.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`].
    #[inline(always)]
    pub(super) unsafe fn push(
        &self,
        tx: &R::Tx,
        value: R::Item,
    ) -> Result<(), (PushError, R::Item)> {
        if R::SOLE_SENDER {
            // Relaxed: a send that misses it sees it in `pushed`, or comes before it.
            if self.flags.load(Ordering::Relaxed) & CLOSING != 0 {
                return Err((PushError::Closed, value));
            }
        }
        // SAFETY: our contract.
        unsafe { self.ring.push(tx, value)? };
        // SAFETY: our contract.
        match unsafe { self.pushed(tx, 1) } {
            None => Ok(()),
            Some(value) => Err((PushError::Closed, value)),
        }
    }

    /// Wakes after publishing `count` values. With one sender: the oldest of them, if they are refused after all.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`], and the values were published by this thread just now.
    #[inline(always)]
    unsafe fn pushed(&self, tx: &R::Tx, count: usize) -> Option<R::Item> {
        let interesting = if R::SOLE_SENDER {
            RECEIVERS_SLEEP | CLOSING
        } else {
            RECEIVERS_SLEEP | CLOSED
        };
        if R::SOLE_SENDER {
            // Pairs with `heavy` in `sleep` and `close`.
            asymmetric::light();
        }
        // Relaxed: ordered by `light` above, or by the claim (module documentation).
        if self.flags.load(Ordering::Relaxed) & interesting == 0 {
            return None;
        }
        // SAFETY: our contract.
        unsafe { self.pushed_cold(tx, count) }
    }

    #[cold]
    #[inline(never)]
    unsafe fn pushed_cold(&self, tx: &R::Tx, count: usize) -> Option<R::Item> {
        if R::SOLE_SENDER {
            // SeqCst: store-buffer argument of the module documentation; pairs with the fences in `sleep` and `close`.
            fence(Ordering::SeqCst);
        }
        self.wake(Side::Receivers, count);
        // Relaxed: ordered as in `pushed`.
        let flags = self.flags.load(Ordering::Relaxed);
        if !R::SOLE_SENDER {
            if flags & CLOSED != 0 {
                // A permit was used after closing. Those who wait may now be told "closed".
                self.receivers.list.notify_all();
            }
            return None;
        }
        if flags & CLOSING == 0 {
            return None;
        }
        // AcqRel pairs with the exchange in `last_look`: whoever comes second sees the first, and what was published before it.
        let decided = self
            .flags
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |flags| {
                (flags & (ACCEPTED | SEALED) == 0).then_some(flags | ACCEPTED)
            });
        if decided.is_ok_and(|_| true) || decided.is_err_and(|flags| flags & SEALED == 0) {
            return None;
        }
        // SAFETY: our contract; sealed.
        unsafe { self.ring.retract(tx) }
    }

    #[inline]
    unsafe fn attempt_push(
        &self,
        tx: &R::Tx,
        value: &mut Option<R::Item>,
    ) -> Attempt<Result<(), R::Item>> {
        let item = value.take().expect("polled after it was done");
        // SAFETY: contract of `poll_send`.
        match unsafe { self.push(tx, item) } {
            Ok(()) => Attempt::Done(Ok(())),
            Err((PushError::Closed, item)) => Attempt::Done(Err(item)),
            Err((error, item)) => {
                *value = Some(item);
                if error == PushError::Busy {
                    Attempt::Busy
                } else {
                    Attempt::Blocked
                }
            }
        }
    }

    /// Sends `value` when there is room; it stays there while this is pending.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`], and for [`Self::poll`].
    #[inline]
    pub(super) unsafe fn poll_send(
        &self,
        tx: &R::Tx,
        value: &mut Option<R::Item>,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), R::Item>> {
        // SAFETY: our contract.
        unsafe { self.poll(Side::Senders, waiter, cx, || self.attempt_push(tx, value)) }
    }

    /// Sends if there is room, waiting out a receiver that is just making it.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`].
    #[inline]
    pub(super) unsafe fn try_send(
        &self,
        tx: &R::Tx,
        value: R::Item,
    ) -> Result<(), (PushError, R::Item)> {
        // SAFETY: our contract.
        match unsafe { self.push(tx, value) } {
            Err((PushError::Busy, value)) => {
                let mut value = Some(value);
                // SAFETY: our contract.
                match persist(|| unsafe { self.attempt_push(tx, &mut value) }) {
                    Attempt::Done(Ok(())) => Ok(()),
                    Attempt::Done(Err(value)) => Err((PushError::Closed, value)),
                    _ => Err((PushError::Full, value.expect("given back"))),
                }
            }
            done => done,
        }
    }

    /// Sends `held` and then `values` until they end (`Ok`) or the channel is closed; then with the first that could not be sent.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`], and for [`Self::poll`].
    pub(super) unsafe fn poll_send_many(
        &self,
        tx: &R::Tx,
        values: &mut dyn Iterator<Item = R::Item>,
        held: &mut Option<R::Item>,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), R::Item>> {
        // SAFETY: our contract, for both.
        unsafe {
            self.poll(Side::Senders, waiter, cx, || {
                self.attempt_push_many(tx, values, held)
            })
        }
    }

    unsafe fn attempt_push_many(
        &self,
        tx: &R::Tx,
        values: &mut dyn Iterator<Item = R::Item>,
        held: &mut Option<R::Item>,
    ) -> Attempt<Result<(), R::Item>> {
        // Relaxed: as in `push`.
        let refused = R::SOLE_SENDER && self.flags.load(Ordering::Relaxed) & CLOSING != 0;
        let (count, end) = if refused {
            (0, Some(PushError::Closed))
        } else {
            // An iterator that panics has still sent what it yielded.
            let wake = WakeOnPanic(&self.receivers.list);
            // SAFETY: contract of `poll_send_many`.
            let end = unsafe { self.ring.push_many(tx, values, held) };
            std::mem::forget(wake);
            end
        };
        if count > 0 {
            // SAFETY: as above.
            if let Some(value) = unsafe { self.pushed(tx, count) } {
                return Attempt::Done(Err(value));
            }
        }
        match end {
            None => Attempt::Done(Ok(())),
            Some(PushError::Full) => Attempt::Blocked,
            Some(PushError::Busy) => Attempt::Busy,
            Some(PushError::Closed) => Attempt::Done(match held.take().or_else(|| values.next()) {
                Some(value) => Err(value),
                None => Ok(()),
            }),
        }
    }

    /// Reserves a place.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`].
    pub(super) unsafe fn try_reserve(&self, tx: &R::Tx) -> Result<(), PushError> {
        // Relaxed: as in `push`.
        if R::SOLE_SENDER && self.flags.load(Ordering::Relaxed) & CLOSING != 0 {
            return Err(PushError::Closed);
        }
        // SAFETY: our contract.
        unsafe { self.ring.reserve(tx) }
    }

    /// Reserves a place when there is room.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`], and for [`Self::poll`].
    pub(super) unsafe fn poll_reserve(
        &self,
        tx: &R::Tx,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), super::ReserveError>> {
        // SAFETY: our contract.
        let attempt = || match unsafe { self.try_reserve(tx) } {
            Ok(()) => Attempt::Done(Ok(())),
            Err(PushError::Closed) => Attempt::Done(Err(super::ReserveError)),
            Err(PushError::Full) => Attempt::Blocked,
            Err(PushError::Busy) => Attempt::Busy,
        };
        // SAFETY: our contract.
        unsafe { self.poll(Side::Senders, waiter, cx, attempt) }
    }

    /// Sends into a reserved place. If nobody can receive any more, the value is dropped.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push_reserved`].
    pub(super) unsafe fn send_reserved(&self, tx: &R::Tx, value: R::Item) {
        if self.receiver_count() == 0 {
            self.release_reserved();
            return;
        }
        // SAFETY: our contract.
        unsafe { self.ring.push_reserved(tx, value) };
        // A value that was refused after all is dropped here.
        // SAFETY: our contract.
        drop(unsafe { self.pushed(tx, 1) });
    }

    /// Gives a reserved place back.
    pub(super) fn release_reserved(&self) {
        self.ring.release_reserved();
        self.freed();
        if self.is_closed() {
            // Those who wait may now be told "closed".
            self.receivers.list.notify_all();
        }
    }

    /// Wakes a sender because a place was given back by a sender.
    fn freed(&self) {
        // SeqCst: store-buffer argument with the same fence in `sleep`: the place and the question, the registration and the last look.
        fence(Ordering::SeqCst);
        if !self.senders.list.is_empty() {
            self.senders.list.notify_one();
        }
    }

    // ---- receiving

    /// Receives if there is a value.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop`].
    #[inline(always)]
    unsafe fn pop(&self, rx: &R::Rx) -> Result<R::Item, PopError> {
        // SAFETY: our contract.
        match unsafe { self.ring.pop(rx) } {
            Ok(value) => {
                self.popped(1);
                Ok(value)
            }
            Err(PopError::Empty) if R::SOLE_SENDER => {
                // SAFETY: our contract.
                let value = unsafe { self.last_look(rx, || self.ring.pop(rx)) }?;
                self.popped(1);
                Ok(value)
            }
            Err(error) => Err(error),
        }
    }

    /// Decides between "empty" and "closed" where there is one sender.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop`]; `look` looks for a value with `rx`.
    #[inline]
    unsafe fn last_look<O>(
        &self,
        rx: &R::Rx,
        mut look: impl FnMut() -> Result<O, PopError>,
    ) -> Result<O, PopError> {
        // Acquire pairs with the Release in `close`: a sole sender that closed has published everything.
        if self.flags.load(Ordering::Acquire) & CLOSED == 0 {
            return Err(PopError::Empty);
        }
        match look() {
            Err(PopError::Empty) => {}
            other => return other,
        }
        // AcqRel pairs with the exchange in `pushed_cold`.
        let decided = self
            .flags
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |flags| {
                (flags & (ACCEPTED | SEALED) == 0).then_some(flags | SEALED)
            });
        match decided {
            // A value was accepted before we could seal: it is visible now, or somebody has it.
            Err(flags) if flags & ACCEPTED != 0 => match look() {
                Err(PopError::Empty) => Err(PopError::Closed),
                other => other,
            },
            _ => {
                // SAFETY: our contract.
                unsafe { self.ring.seal(rx) };
                Err(PopError::Closed)
            }
        }
    }

    /// Wakes after taking `count` values.
    #[inline(always)]
    fn popped(&self, count: usize) {
        if R::SOLE_RECEIVER {
            // Pairs with `heavy` in `sleep`.
            asymmetric::light();
        }
        // Relaxed: ordered by `light` above, or by the claim (module documentation).
        if self.flags.load(Ordering::Relaxed) & SENDERS_SLEEP != 0 {
            self.popped_cold(count);
        }
    }

    #[cold]
    #[inline(never)]
    fn popped_cold(&self, count: usize) {
        if R::SOLE_RECEIVER {
            // SeqCst: store-buffer argument of the module documentation; pairs with the fence in `sleep`.
            fence(Ordering::SeqCst);
        }
        self.wake(Side::Senders, count);
    }

    #[inline]
    unsafe fn attempt_pop(&self, rx: &R::Rx) -> Attempt<Result<R::Item, super::RecvError>> {
        // SAFETY: contract of `poll_recv`.
        match unsafe { self.pop(rx) } {
            Ok(value) => Attempt::Done(Ok(value)),
            Err(PopError::Closed) => Attempt::Done(Err(super::RecvError::Closed)),
            Err(PopError::Empty) => Attempt::Blocked,
            Err(PopError::Busy) => Attempt::Busy,
        }
    }

    /// Receives when there is a value.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop`], and for [`Self::poll`].
    #[inline]
    pub(super) unsafe fn poll_recv(
        &self,
        rx: &R::Rx,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<R::Item, super::RecvError>> {
        // SAFETY: our contract.
        unsafe { self.poll(Side::Receivers, waiter, cx, || self.attempt_pop(rx)) }
    }

    /// Receives if there is a value, waiting out a sender that is just writing it.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop`].
    #[inline]
    pub(super) unsafe fn try_recv(&self, rx: &R::Rx) -> Result<R::Item, super::TryRecvError> {
        // SAFETY: our contract.
        match unsafe { self.pop(rx) } {
            Ok(value) => Ok(value),
            Err(PopError::Empty) => Err(super::TryRecvError::Empty),
            Err(PopError::Closed) => Err(super::TryRecvError::Closed),
            // SAFETY: our contract.
            Err(PopError::Busy) => match persist(|| unsafe { self.attempt_pop(rx) }) {
                Attempt::Done(Ok(value)) => Ok(value),
                Attempt::Done(Err(_)) => Err(super::TryRecvError::Closed),
                _ => Err(super::TryRecvError::Empty),
            },
        }
    }

    unsafe fn attempt_pop_many(
        &self,
        rx: &R::Rx,
        buffer: &mut Vec<R::Item>,
        limit: usize,
    ) -> Attempt<usize> {
        // SAFETY: contract of `poll_recv_many`.
        let mut look = || unsafe { self.ring.pop_many(rx, buffer, limit) };
        let count = match look() {
            // SAFETY: as above.
            Err(PopError::Empty) if R::SOLE_SENDER => unsafe { self.last_look(rx, look) },
            other => other,
        };
        match count {
            Ok(count) => {
                self.popped(count);
                Attempt::Done(count)
            }
            Err(PopError::Closed) => Attempt::Done(0),
            Err(PopError::Empty) => Attempt::Blocked,
            Err(PopError::Busy) => Attempt::Busy,
        }
    }

    /// Receives up to `limit` values when there is one; none when the channel is closed and drained.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop_many`], and for [`Self::poll`].
    pub(super) unsafe fn poll_recv_many(
        &self,
        rx: &R::Rx,
        buffer: &mut Vec<R::Item>,
        limit: usize,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<usize> {
        // SAFETY: our contract, for both.
        unsafe {
            self.poll(Side::Receivers, waiter, cx, || {
                self.attempt_pop_many(rx, buffer, limit)
            })
        }
    }

    // ---- waiting

    /// One poll of a wait.
    ///
    /// # Safety
    ///
    /// The waiter is used only with this side of this channel, does not move, and [`Self::forget_sender`] or
    /// [`Self::forget_receiver`] is called before it is freed.
    #[inline(always)]
    unsafe fn poll<O>(
        &self,
        side: Side,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
        mut attempt: impl FnMut() -> Attempt<O>,
    ) -> Poll<O> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        if waiter.is_idle()
            && let Attempt::Done(output) = attempt()
        {
            return Poll::Ready(output);
        }
        // SAFETY: our contract.
        unsafe { self.poll_cold(side, waiter, cx, &mut attempt) }
    }

    #[cold]
    #[inline(never)]
    unsafe fn poll_cold<O>(
        &self,
        side: Side,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
        attempt: &mut dyn FnMut() -> Attempt<O>,
    ) -> Poll<O> {
        let list = &self.gate(side).list;
        let mut busy = false;
        if waiter.is_notified() || waiter.is_resident() {
            match attempt() {
                Attempt::Done(output) => {
                    self.settle(side, &waiter);
                    return Poll::Ready(output);
                }
                Attempt::Busy => busy = true,
                Attempt::Blocked => {}
            }
        }
        if !busy {
            // SAFETY: our contract.
            if !unsafe { self.sleep(side, waiter, cx) } {
                note(side);
                return Poll::Pending;
            }
            let mut backoff = Backoff::new();
            loop {
                match attempt() {
                    Attempt::Done(output) => {
                        self.settle(side, &waiter);
                        return Poll::Ready(output);
                    }
                    Attempt::Blocked => {
                        note(side);
                        return Poll::Pending;
                    }
                    Attempt::Busy if backoff.is_spinning() => backoff.snooze(),
                    Attempt::Busy => break,
                }
            }
        }
        // Somebody is in the middle of it and off its core. Never sleep on that: it has looked for sleepers already, or it will wake
        // somebody else. Ask to be polled again, and let others run meanwhile.
        if list.remove(&waiter) {
            list.notify_one();
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Registers the waiter, so that whoever changes something after this returns wakes it. False if it was linked already, and so need
    /// not look again.
    ///
    /// # Safety
    ///
    /// As for [`Self::poll`].
    unsafe fn sleep(&self, side: Side, waiter: Pin<&Waiter>, cx: &mut Context<'_>) -> bool {
        let (flag, sole) = match side {
            Side::Receivers => (RECEIVERS_SLEEP, R::SOLE_SENDER),
            Side::Senders => (SENDERS_SLEEP, R::SOLE_RECEIVER),
        };
        let mut linked = false;
        let raise = || {
            linked = true;
            // Relaxed: changed only under the lock that is held here.
            if self.flags.load(Ordering::Relaxed) & flag == 0 {
                // Relaxed: made visible by what follows.
                self.flags.fetch_or(flag, Ordering::Relaxed);
                if sole {
                    // Pairs with `light` in `pushed` or `popped`. Under the lock, so that nobody takes a flag for raised before it is.
                    asymmetric::heavy();
                }
            }
        };
        // SAFETY: our contract.
        unsafe { self.gate(side).list.register(waiter, cx.waker(), raise) };
        if linked {
            match side {
                _ if sole => {}
                Side::Receivers => self.ring.meet_senders(),
                Side::Senders => self.ring.meet_receivers(),
            }
            // SeqCst: store-buffer argument of the module documentation; pairs with the fences in `pushed_cold`, `popped_cold`, `freed`.
            fence(Ordering::SeqCst);
        }
        linked
    }

    /// Ends a wait that got what it wanted. If it had been notified, perhaps for something else than what it took, and there is
    /// more, the next one is woken.
    fn settle(&self, side: Side, waiter: &Waiter) {
        let list = &self.gate(side).list;
        if list.remove(waiter) && !list.is_empty() {
            let more = match side {
                Side::Receivers => self.ring.len() > 0,
                Side::Senders => self.ring.used() < self.ring.capacity(),
            };
            if more || self.is_closed() {
                list.notify_one();
            }
        }
    }

    /// Ends a sender's wait that is given up; passes on a wake.
    #[inline]
    pub(super) fn forget_sender(&self, waiter: &Waiter) {
        self.forget(Side::Senders, waiter);
    }

    /// Ends a receiver's wait that is given up; passes on a wake.
    #[inline]
    pub(super) fn forget_receiver(&self, waiter: &Waiter) {
        self.forget(Side::Receivers, waiter);
    }

    #[inline]
    fn forget(&self, side: Side, waiter: &Waiter) {
        if !waiter.is_idle() {
            self.forget_cold(side, waiter);
        }
    }

    #[cold]
    fn forget_cold(&self, side: Side, waiter: &Waiter) {
        let list = &self.gate(side).list;
        if list.remove(waiter) && !waiter.is_resident() {
            list.notify_one();
        }
    }

    /// Wakes up to `count` of those who wait on a side, and lowers its flag when it has been up for nothing long enough.
    fn wake(&self, side: Side, count: usize) {
        let gate = self.gate(side);
        if gate.list.is_empty() {
            // Relaxed: a statistic; losing a count delays the lowering.
            let calm = gate.calm.load(Ordering::Relaxed).saturating_add(count);
            // Relaxed: as above.
            gate.calm.store(calm, Ordering::Relaxed);
            if calm >= CALM {
                self.lower(side);
            }
            return;
        }
        // Relaxed: as above.
        gate.calm.store(0, Ordering::Relaxed);
        for _ in 0..count {
            if !gate.list.notify_one() || gate.list.is_empty() {
                break;
            }
        }
    }

    #[cold]
    fn lower(&self, side: Side) {
        let flag = match side {
            Side::Receivers => RECEIVERS_SLEEP,
            Side::Senders => SENDERS_SLEEP,
        };
        let gate = self.gate(side);
        gate.list.if_empty(|| {
            // Relaxed: a statistic.
            gate.calm.store(0, Ordering::Relaxed);
            // Relaxed: constant.
            if self.flags.load(Ordering::Relaxed) & ALWAYS_FENCED == 0 {
                // Relaxed: who registers takes the lock and sees it.
                self.flags.fetch_and(!flag, Ordering::Relaxed);
            }
        });
    }

    fn gate(&self, side: Side) -> &Gate {
        match side {
            Side::Receivers => &self.receivers,
            Side::Senders => &self.senders,
        }
    }

    // ---- closing, counting

    /// Closes; false if it was closed already.
    pub(super) fn close(&self) -> bool {
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

    pub(super) fn is_closed(&self) -> bool {
        // Acquire pairs with the AcqRel in `close`.
        self.flags.load(Ordering::Acquire) & CLOSING != 0
    }

    pub(super) fn sender_count(&self) -> usize {
        // Relaxed: a snapshot.
        self.sender_count.load(Ordering::Relaxed)
    }

    pub(super) fn receiver_count(&self) -> usize {
        // Acquire pairs with the AcqRel in `drop_receiver`.
        self.receiver_count.load(Ordering::Acquire)
    }

    pub(super) fn add_sender(&self) {
        // Relaxed: the new handle is made from one that counts.
        self.sender_count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_receiver(&self) {
        // Relaxed: as in `add_sender`.
        self.receiver_count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one more sender unless there is none.
    pub(super) fn revive_sender(&self) -> bool {
        // Relaxed: the count alone decides.
        self.sender_count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count > 0).then_some(count + 1)
            })
            .is_ok()
    }

    /// The end of a sender's handle.
    pub(super) fn drop_sender(&self) {
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
    pub(super) unsafe fn drop_receiver(&self, rx: &R::Rx) {
        // AcqRel: as in `drop_sender`.
        if self.receiver_count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
            // Nobody else takes values out now: this is their one owner. A value that is still being written stays for the
            // destructor of the ring.
            // Ends with a last look, so that a sole sender on its way in gets its value back.
            // SAFETY: our contract.
            drain(&mut || unsafe { self.pop(rx) }.is_ok());
        }
    }
}

/// Wakes everybody who waits when it is dropped.
struct WakeOnPanic<'a>(&'a WaitList);

impl Drop for WakeOnPanic<'_> {
    fn drop(&mut self) {
        // SeqCst: store-buffer argument of the module documentation; pairs with the fence in `sleep`.
        fence(Ordering::SeqCst);
        self.0.notify_all();
    }
}

/// Repeats an attempt while the other side is in the middle of something, for a bounded time.
#[cold]
fn persist<O>(mut attempt: impl FnMut() -> Attempt<O>) -> Attempt<O> {
    let mut backoff = Backoff::new();
    loop {
        match attempt() {
            Attempt::Busy if !backoff.is_exhausted() => backoff.snooze(),
            done => return done,
        }
    }
}

fn note(side: Side) {
    wait::note(match side {
        Side::Receivers => &"recv on channel",
        Side::Senders => &"send on channel",
    });
}
