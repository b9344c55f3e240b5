//! Receiving: take, then wake a sender.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::{ACCEPTED, Attempt, CLOSED, Channel, NAMED, SEALED, SENDERS_SLEEP, Side, persist};
use crate::{
    channel::{
        RecvError, TryRecvError,
        ring::{PopError, Ring},
    },
    prim::{
        asymmetric,
        sync::{Ordering, fence},
    },
    wait::Waiter,
};

impl<R: Ring> Channel<R> {
    /// Receives if there is a value.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop`].
    #[inline(always)]
    pub(super) unsafe fn pop(&self, rx: &R::Rx) -> Result<R::Item, PopError> {
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
        let flags = self.flags.load(Ordering::Relaxed);
        if flags & (SENDERS_SLEEP | NAMED) == 0 {
            return;
        }
        if flags & NAMED != 0 {
            self.popped_named(count);
        } else {
            self.popped_cold(count);
        }
    }

    /// As `popped`, in a channel that has a name.
    #[cold]
    #[inline(never)]
    fn popped_named(&self, count: usize) {
        self.mark_depth(false);
        // Relaxed: as in `popped`.
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
    unsafe fn attempt_pop(&self, rx: &R::Rx) -> Attempt<Result<R::Item, RecvError>> {
        // SAFETY: contract of `poll_recv`.
        match unsafe { self.pop(rx) } {
            Ok(value) => Attempt::Done(Ok(value)),
            Err(PopError::Closed) => Attempt::Done(Err(RecvError::Closed)),
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
    pub(crate) unsafe fn poll_recv(
        &self,
        rx: &R::Rx,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<R::Item, RecvError>> {
        // SAFETY: our contract.
        unsafe { self.poll(Side::Receivers, waiter, cx, || self.attempt_pop(rx)) }
    }

    /// Receives if there is a value, waiting out a sender that is just writing it.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop`].
    #[inline]
    pub(crate) unsafe fn try_recv(&self, rx: &R::Rx) -> Result<R::Item, TryRecvError> {
        // SAFETY: our contract.
        match unsafe { self.pop(rx) } {
            Ok(value) => Ok(value),
            Err(PopError::Empty) => Err(TryRecvError::Empty),
            Err(PopError::Closed) => Err(TryRecvError::Closed),
            // SAFETY: our contract.
            Err(PopError::Busy) => match persist(|| unsafe { self.attempt_pop(rx) }) {
                Attempt::Done(Ok(value)) => Ok(value),
                Attempt::Done(Err(_)) => Err(TryRecvError::Closed),
                _ => Err(TryRecvError::Empty),
            },
        }
    }

    /// Receives up to `limit` values if there are any.
    ///
    /// # Safety
    ///
    /// As for [`Ring::pop_many`].
    pub(in crate::channel) unsafe fn attempt_pop_many(
        &self,
        rx: &R::Rx,
        buffer: &mut Vec<R::Item>,
        limit: usize,
    ) -> Attempt<usize> {
        // SAFETY: our contract.
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
    pub(crate) unsafe fn poll_recv_many(
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
}
