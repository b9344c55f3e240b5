//! Sleeping and waking, the same for both sides.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::{ALWAYS_FENCED, Attempt, CALM, Channel, Gate, RECEIVERS_SLEEP, SENDERS_SLEEP, Side};
use crate::{
    channel::ring::Ring,
    prim::{
        Backoff, asymmetric,
        sync::{Ordering, fence},
    },
    wait::{self, Waiter},
};

impl<R: Ring> Channel<R> {
    /// One poll of a wait.
    ///
    /// # Safety
    ///
    /// The waiter is used only with this side of this channel, does not move, and [`Self::forget_sender`] or
    /// [`Self::forget_receiver`] is called before it is freed.
    #[inline(always)]
    pub(super) unsafe fn poll<O>(
        &self,
        side: Side,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
        mut attempt: impl FnMut() -> Attempt<O>,
    ) -> Poll<O> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        let mut busy = false;
        if waiter.is_idle() {
            match attempt() {
                Attempt::Done(output) => return Poll::Ready(output),
                Attempt::Blocked => {}
                Attempt::Busy => busy = true,
            }
        }
        // SAFETY: our contract.
        unsafe { self.poll_cold(side, waiter, cx, busy, &mut attempt) }
    }

    #[cold]
    #[inline(never)]
    unsafe fn poll_cold<O>(
        &self,
        side: Side,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
        mut busy: bool,
        attempt: &mut dyn FnMut() -> Attempt<O>,
    ) -> Poll<O> {
        let list = &self.gate(side).list;
        if busy {
            // Most likely over in a moment: much cheaper to wait for than to register.
            let mut backoff = Backoff::new();
            while busy && backoff.is_spinning() {
                backoff.snooze();
                match attempt() {
                    Attempt::Done(output) => return Poll::Ready(output),
                    Attempt::Blocked => busy = false,
                    Attempt::Busy => {}
                }
            }
        } else if waiter.is_notified() || waiter.is_resident() {
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
                self.note(side);
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
                        self.note(side);
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
    pub(crate) fn forget_sender(&self, waiter: &Waiter) {
        self.forget(Side::Senders, waiter);
    }

    /// Ends a receiver's wait that is given up; passes on a wake.
    #[inline]
    pub(crate) fn forget_receiver(&self, waiter: &Waiter) {
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
    pub(super) fn wake(&self, side: Side, count: usize) {
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

    /// Says what the task waits for.
    fn note(&self, side: Side) {
        let id = self.name_id();
        let text = match (side, id) {
            (Side::Receivers, 0) => &"recv on channel",
            (Side::Receivers, _) => &"recv on",
            (Side::Senders, 0) => &"send on channel",
            (Side::Senders, _) => &"send on",
        };
        wait::note_named(text, id);
    }

    fn gate(&self, side: Side) -> &Gate {
        match side {
            Side::Receivers => &self.receivers,
            Side::Senders => &self.senders,
        }
    }
}
