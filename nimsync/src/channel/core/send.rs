//! Sending: publish, then wake a receiver.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    ACCEPTED, Attempt, CLOSED, CLOSING, Channel, NAMED, RECEIVERS_SLEEP, SEALED, Side, persist,
};
use crate::{
    channel::{
        ReserveError,
        ring::{PushError, Pushed, Ring},
    },
    prim::{
        asymmetric,
        sync::{Ordering, fence},
    },
    wait::{WaitList, Waiter},
};

impl<R: Ring> Channel<R> {
    /// Sends if there is room.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push`].
    #[inline(always)]
    pub(crate) unsafe fn push(
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
            RECEIVERS_SLEEP | CLOSING | NAMED
        } else {
            RECEIVERS_SLEEP | CLOSED | NAMED
        };
        if R::SOLE_SENDER {
            // Pairs with `heavy` in `sleep` and `close`.
            asymmetric::light();
        }
        // Relaxed: ordered by `light` above, or by the claim (module documentation).
        let flags = self.flags.load(Ordering::Relaxed);
        if flags & interesting == 0 {
            return None;
        }
        if flags & NAMED != 0 {
            // SAFETY: our contract.
            return unsafe { self.pushed_named(tx, count) };
        }
        // SAFETY: our contract.
        unsafe { self.pushed_cold(tx, count) }
    }

    /// As `pushed`, in a channel that has a name. By itself, so that the others keep a short way to their sleepers.
    ///
    /// # Safety
    ///
    /// As for `pushed`.
    #[cold]
    #[inline(never)]
    unsafe fn pushed_named(&self, tx: &R::Tx, count: usize) -> Option<R::Item> {
        self.mark_depth(true);
        // Relaxed: as in `pushed`.
        if self.flags.load(Ordering::Relaxed) & (RECEIVERS_SLEEP | CLOSING | CLOSED) == 0 {
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
        let before = self.ring.sent();
        // SAFETY: our contract; sealed.
        let oldest = unsafe { self.ring.retract(tx) };
        if oldest.is_some() && self.ring.sent() == before {
            self.tally.give_back_one();
        }
        oldest
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
    pub(crate) unsafe fn poll_send(
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
    pub(crate) unsafe fn try_send(
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
    pub(crate) unsafe fn poll_send_many(
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

    /// Sends what there is room for, and keeps the value that there is none for in `held`.
    ///
    /// # Safety
    ///
    /// As for [`Ring::push_many`].
    pub(in crate::channel) unsafe fn attempt_push_many(
        &self,
        tx: &R::Tx,
        values: &mut dyn Iterator<Item = R::Item>,
        held: &mut Option<R::Item>,
    ) -> Attempt<Result<(), R::Item>> {
        // Relaxed: as in `push`.
        let refused = R::SOLE_SENDER && self.flags.load(Ordering::Relaxed) & CLOSING != 0;
        let Pushed { count, end, spare } = if refused {
            Pushed::new(0, Some(PushError::Closed))
        } else {
            // An iterator that panics has still sent what it yielded, and may have kept places from other senders.
            let wake = WakeOnPanic([&self.receivers.list, &self.senders.list]);
            // SAFETY: our contract.
            let pushed = unsafe { self.ring.push_many(tx, values, held) };
            std::mem::forget(wake);
            pushed
        };
        if count > 0 {
            // SAFETY: as above.
            if let Some(value) = unsafe { self.pushed(tx, count) } {
                return Attempt::Done(Err(value));
            }
        }
        if spare {
            self.given_back();
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
    pub(crate) unsafe fn try_reserve(&self, tx: &R::Tx) -> Result<(), PushError> {
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
    pub(crate) unsafe fn poll_reserve(
        &self,
        tx: &R::Tx,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ReserveError>> {
        // SAFETY: our contract.
        let attempt = || match unsafe { self.try_reserve(tx) } {
            Ok(()) => Attempt::Done(Ok(())),
            Err(PushError::Closed) => Attempt::Done(Err(ReserveError)),
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
    pub(crate) unsafe fn send_reserved(&self, tx: &R::Tx, value: R::Item) {
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
    pub(crate) fn release_reserved(&self) {
        self.ring.release_reserved();
        self.given_back();
    }

    /// Wakes those for whom places that a sender gave back are a change.
    #[cold]
    fn given_back(&self) {
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
}

/// Wakes everybody who waits when it is dropped.
struct WakeOnPanic<'a>([&'a WaitList; 2]);

impl Drop for WakeOnPanic<'_> {
    fn drop(&mut self) {
        // SeqCst: store-buffer argument of the module documentation; pairs with the fence in `sleep`.
        fence(Ordering::SeqCst);
        self.0.into_iter().for_each(WaitList::notify_all);
    }
}
