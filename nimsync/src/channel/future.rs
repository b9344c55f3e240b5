//! The waits as futures. Each holds its place in a wait list, and gives it up when dropped.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    RecvError, ReserveError, SendError,
    end::{ReceiverEnd, SenderEnd},
    ring::Ring,
};
use crate::wait::Waiter;

/// Sends one value; made by `send`.
#[must_use = "nothing is sent before the future is awaited"]
pub struct Sending<'a, R: Ring> {
    end: &'a SenderEnd<R>,
    value: Option<R::Item>,
    waiter: Waiter,
}

impl<'a, R: Ring> Sending<'a, R> {
    /// The end is the caller's for as long as the future lives, if its ring has a sole sender.
    #[inline]
    pub(super) fn new(end: &'a SenderEnd<R>, value: Option<R::Item>) -> Self {
        Sending {
            end,
            value,
            waiter: Waiter::new(),
        }
    }

    /// Takes back the value, which was not sent.
    pub(super) fn take(self: Pin<&mut Self>) -> R::Item {
        // SAFETY: only the waiter is pinned, and it stays.
        let this = unsafe { self.get_unchecked_mut() };
        this.value
            .take()
            .expect("the value is there while it is not sent")
    }
}

impl<R: Ring> Future for Sending<'_, R> {
    type Output = Result<(), SendError<R::Item>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: only the waiter is pinned, and it stays.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: the future is pinned.
        let waiter = unsafe { Pin::new_unchecked(&this.waiter) };
        // SAFETY: who made this borrowed the end as its mode demands (`new`); the waiter is used only here and forgotten in `drop`.
        unsafe {
            this.end
                .channel
                .poll_send(&this.end.tx, &mut this.value, waiter, cx)
        }
        .map_err(SendError)
    }
}

impl<R: Ring> Drop for Sending<'_, R> {
    #[inline]
    fn drop(&mut self) {
        self.end.channel.forget_sender(&self.waiter);
    }
}

/// Sends what an iterator yields; made by `send_many`.
#[must_use = "nothing is sent before the future is awaited"]
pub struct SendingMany<'a, R: Ring, I> {
    end: &'a SenderEnd<R>,
    values: I,
    held: Option<R::Item>,
    waiter: Waiter,
}

impl<'a, R: Ring, I> SendingMany<'a, R, I> {
    /// As for [`Sending::new`].
    pub(super) fn new(end: &'a SenderEnd<R>, values: I) -> Self {
        Self::going_on(end, values, None)
    }

    /// As `new`, when the value in `held` has been taken from the others already.
    pub(super) fn going_on(end: &'a SenderEnd<R>, values: I, held: Option<R::Item>) -> Self {
        SendingMany {
            end,
            values,
            held,
            waiter: Waiter::new(),
        }
    }
}

impl<R: Ring, I: Iterator<Item = R::Item>> Future for SendingMany<'_, R, I> {
    type Output = Result<(), SendError<R::Item>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: only the waiter is pinned, and it stays.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: the future is pinned.
        let waiter = unsafe { Pin::new_unchecked(&this.waiter) };
        // SAFETY: as in `Sending`.
        unsafe {
            let (channel, tx) = (&this.end.channel, &this.end.tx);
            channel.poll_send_many(tx, &mut this.values, &mut this.held, waiter, cx)
        }
        .map_err(SendError)
    }
}

impl<R: Ring, I> Drop for SendingMany<'_, R, I> {
    fn drop(&mut self) {
        self.end.channel.forget_sender(&self.waiter);
    }
}

/// Reserves a place; made by `reserve`.
#[must_use = "nothing is reserved before the future is awaited"]
pub struct Reserving<'a, R: Ring> {
    end: &'a SenderEnd<R>,
    waiter: Waiter,
}

impl<'a, R: Ring> Reserving<'a, R> {
    /// As for [`Sending::new`].
    pub(super) fn new(end: &'a SenderEnd<R>) -> Self {
        Reserving {
            end,
            waiter: Waiter::new(),
        }
    }
}

impl<'a, R: Ring> Future for Reserving<'a, R> {
    type Output = Result<Permit<'a, R>, ReserveError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.into_ref();
        // SAFETY: a field of a pinned future that nobody moves out of.
        let waiter = unsafe { this.map_unchecked(|this| &this.waiter) };
        // SAFETY: as in `Sending`.
        unsafe { this.end.channel.poll_reserve(&this.end.tx, waiter, cx) }
            .map_ok(|()| Permit::new(this.get_ref().end))
    }
}

impl<R: Ring> Drop for Reserving<'_, R> {
    fn drop(&mut self) {
        self.end.channel.forget_sender(&self.waiter);
    }
}

/// A place in the channel. Sending into it needs no waiting and cannot fail; dropping it gives it back.
#[must_use = "dropping a permit gives its place back"]
pub struct Permit<'a, R: Ring> {
    end: &'a SenderEnd<R>,
}

impl<'a, R: Ring> Permit<'a, R> {
    /// The place was reserved for this permit; otherwise as for [`Sending::new`].
    pub(super) fn new(end: &'a SenderEnd<R>) -> Self {
        Permit { end }
    }

    /// Sends the value into the reserved place.
    ///
    /// A value for which no receiver is left is dropped, as it would be a moment after it was sent.
    pub fn send(self, value: R::Item) {
        let end = self.end;
        std::mem::forget(self);
        // SAFETY: the place is ours (`new`), and is used up by this call.
        unsafe { end.channel.send_reserved(&end.tx, value) };
    }
}

impl<R: Ring> Drop for Permit<'_, R> {
    fn drop(&mut self) {
        self.end.channel.release_reserved();
    }
}

/// Receives one value; made by `recv`.
#[must_use = "nothing is received before the future is awaited"]
pub struct Receiving<'a, R: Ring> {
    end: &'a ReceiverEnd<R>,
    waiter: Waiter,
}

impl<'a, R: Ring> Receiving<'a, R> {
    /// The end is the caller's for as long as the future lives, if its ring has a sole receiver.
    #[inline]
    pub(super) fn new(end: &'a ReceiverEnd<R>) -> Self {
        Receiving {
            end,
            waiter: Waiter::new(),
        }
    }
}

impl<R: Ring> Future for Receiving<'_, R> {
    type Output = Result<R::Item, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.into_ref();
        // SAFETY: a field of a pinned future that nobody moves out of.
        let waiter = unsafe { this.map_unchecked(|this| &this.waiter) };
        // SAFETY: who made this borrowed the end as its mode demands (`new`); the waiter is used only here and forgotten in `drop`.
        unsafe { this.end.channel.poll_recv(&this.end.rx, waiter, cx) }
    }
}

impl<R: Ring> Drop for Receiving<'_, R> {
    #[inline]
    fn drop(&mut self) {
        self.end.channel.forget_receiver(&self.waiter);
    }
}

/// Receives several values at once; made by `recv_many`.
#[must_use = "nothing is received before the future is awaited"]
pub struct ReceivingMany<'a, R: Ring> {
    end: &'a ReceiverEnd<R>,
    buffer: &'a mut Vec<R::Item>,
    limit: usize,
    waiter: Waiter,
}

impl<'a, R: Ring> ReceivingMany<'a, R> {
    /// As for [`Receiving::new`].
    pub(super) fn new(end: &'a ReceiverEnd<R>, buffer: &'a mut Vec<R::Item>, limit: usize) -> Self {
        ReceivingMany {
            end,
            buffer,
            limit,
            waiter: Waiter::new(),
        }
    }
}

impl<R: Ring> Future for ReceivingMany<'_, R> {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: only the waiter is pinned, and it stays.
        let this = unsafe { self.get_unchecked_mut() };
        if this.limit == 0 {
            return Poll::Ready(0);
        }
        // SAFETY: the future is pinned.
        let waiter = unsafe { Pin::new_unchecked(&this.waiter) };
        let (channel, rx) = (&this.end.channel, &this.end.rx);
        // SAFETY: as in `Receiving`.
        unsafe { channel.poll_recv_many(rx, this.buffer, this.limit, waiter, cx) }
    }
}

impl<R: Ring> Drop for ReceivingMany<'_, R> {
    fn drop(&mut self) {
        self.end.channel.forget_receiver(&self.waiter);
    }
}
