//! What a handle holds, and how a thread blocks on it.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use super::{
    RecvError, RecvTimeoutError, ReserveError, SendError, SendTimeoutError, TryRecvError,
    core::Channel,
    future::{Receiving, ReceivingMany, Sending, SendingMany},
    ring::{PushError, Ring},
    waiting::{refuse_in_task, within},
};
use crate::{
    prim::sync::Arc,
    wait::{self, Waiter},
};

/// A sender's end of a channel. Where the ring has a sole sender there is one of it, and methods marked unsafe are called by one
/// thread at a time.
pub(super) struct SenderEnd<R: Ring> {
    pub(super) channel: Arc<Channel<R>>,
    pub(super) tx: R::Tx,
    /// The wait of the handle as a `Sink`: made at the first such wait, and kept.
    waiter: Option<Pin<Box<Waiter>>>,
    /// Whether the `Sink` has a place reserved.
    ready: bool,
}

/// A receiver's end of a channel. Where the ring has a sole receiver there is one of it, and methods marked unsafe are called by one
/// thread at a time.
pub(super) struct ReceiverEnd<R: Ring> {
    pub(super) channel: Arc<Channel<R>>,
    pub(super) rx: R::Rx,
    /// The wait of the handle as a `Stream`: made at the first such wait, and kept.
    waiter: Option<Pin<Box<Waiter>>>,
    /// Whether the `Stream` has ended.
    pub(super) ended: bool,
}

impl<R: Ring> SenderEnd<R> {
    /// Wraps a channel that counts this end already.
    pub(super) fn new(channel: Arc<Channel<R>>) -> Self {
        let tx = channel.ring().sender();
        SenderEnd {
            channel,
            tx,
            waiter: None,
            ready: false,
        }
    }

    pub(super) fn another(&self) -> Self {
        self.channel.add_sender();
        Self::new(self.channel.clone())
    }

    /// # Safety
    ///
    /// As for [`Ring::push`].
    pub(super) unsafe fn send_blocking(&self, value: R::Item) -> Result<(), SendError<R::Item>> {
        refuse_in_task("send_blocking", "send(..).await");
        let mut value = Some(value);
        // SAFETY: our contract.
        match unsafe { self.spin_send(&mut value) } {
            Some(done) => done,
            None => wait::block_on(Sending::new(self, value)),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::push`].
    #[cfg(not(loom))]
    pub(super) unsafe fn send_blocking_timeout(
        &self,
        value: R::Item,
        limit: Duration,
    ) -> Result<(), SendTimeoutError<R::Item>> {
        refuse_in_task("send_blocking_timeout", "send_timeout(..).await");
        let mut value = Some(value);
        // SAFETY: our contract.
        if let Some(done) = unsafe { self.spin_send(&mut value) } {
            return done.map_err(Into::into);
        }
        let mut sending = pin!(Sending::new(self, value));
        match wait::block_on_timeout(sending.as_mut(), limit) {
            Some(done) => done.map_err(Into::into),
            None => Err(SendTimeoutError::Timeout(sending.take())),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::push`].
    #[inline]
    unsafe fn spin_send(
        &self,
        value: &mut Option<R::Item>,
    ) -> Option<Result<(), SendError<R::Item>>> {
        wait::spin(|| {
            // SAFETY: our contract.
            match unsafe { self.channel.push(&self.tx, value.take()?) } {
                Ok(()) => Some(Ok(())),
                Err((PushError::Closed, value)) => Some(Err(SendError(value))),
                Err((_, back)) => {
                    *value = Some(back);
                    None
                }
            }
        })
    }

    /// # Safety
    ///
    /// As for [`Ring::push`].
    pub(super) unsafe fn send_many_blocking<I: Iterator<Item = R::Item>>(
        &self,
        mut values: I,
    ) -> Result<(), SendError<R::Item>> {
        refuse_in_task("send_many_blocking", "send_many(..).await");
        let mut held = None;
        let sent = wait::spin(|| {
            // SAFETY: our contract.
            unsafe {
                self.channel
                    .attempt_push_many(&self.tx, &mut values, &mut held)
            }
            .done()
        });
        match sent {
            Some(done) => done.map_err(SendError),
            None => wait::block_on(SendingMany::going_on(self, values, held)),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::push`].
    pub(super) async unsafe fn send_timeout(
        &self,
        value: R::Item,
        limit: Duration,
    ) -> Result<(), SendTimeoutError<R::Item>> {
        let mut sending = pin!(Sending::new(self, Some(value)));
        match within(sending.as_mut(), limit).await {
            Some(done) => done.map_err(Into::into),
            None => Err(SendTimeoutError::Timeout(sending.take())),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::push`].
    pub(super) unsafe fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ReserveError>> {
        if self.ready {
            return Poll::Ready(Ok(()));
        }
        let waiter = self
            .waiter
            .get_or_insert_with(|| Box::pin(Waiter::resident()));
        // SAFETY: our contract; the waiter is boxed, used only here, and forgotten in `drop`.
        let reserved = unsafe { self.channel.poll_reserve(&self.tx, waiter.as_ref(), cx) };
        self.ready = matches!(reserved, Poll::Ready(Ok(())));
        reserved
    }

    /// # Safety
    ///
    /// As for [`Ring::push`].
    pub(super) unsafe fn start_send(&mut self, value: R::Item) {
        assert!(self.ready, "`start_send` without `poll_ready`");
        self.ready = false;
        // SAFETY: our contract, and the place that `ready` stood for.
        unsafe { self.channel.send_reserved(&self.tx, value) };
    }
}

impl<R: Ring> Drop for SenderEnd<R> {
    fn drop(&mut self) {
        if let Some(waiter) = &self.waiter {
            self.channel.forget_sender(waiter);
        }
        if self.ready {
            self.channel.release_reserved();
        }
        self.channel.drop_sender();
    }
}

impl<R: Ring> ReceiverEnd<R> {
    /// Wraps a channel that counts this end already.
    pub(super) fn new(channel: Arc<Channel<R>>) -> Self {
        let rx = channel.ring().receiver();
        ReceiverEnd {
            channel,
            rx,
            waiter: None,
            ended: false,
        }
    }

    pub(super) fn another(&self) -> Self {
        self.channel.add_receiver();
        Self::new(self.channel.clone())
    }

    /// # Safety
    ///
    /// As for [`Ring::pop`].
    pub(super) unsafe fn recv_blocking(&self) -> Result<R::Item, RecvError> {
        refuse_in_task("recv_blocking", "recv().await");
        // SAFETY: our contract.
        match unsafe { self.spin_recv() } {
            Some(done) => done,
            None => wait::block_on(Receiving::new(self)),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::pop`].
    #[cfg(not(loom))]
    pub(super) unsafe fn recv_blocking_timeout(
        &self,
        limit: Duration,
    ) -> Result<R::Item, RecvTimeoutError> {
        refuse_in_task("recv_blocking_timeout", "recv_timeout(..).await");
        // SAFETY: our contract.
        if let Some(done) = unsafe { self.spin_recv() } {
            return done.map_err(Into::into);
        }
        match wait::block_on_timeout(Receiving::new(self), limit) {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::pop`].
    #[inline]
    unsafe fn spin_recv(&self) -> Option<Result<R::Item, RecvError>> {
        // SAFETY: our contract.
        wait::spin(|| match unsafe { self.channel.try_recv(&self.rx) } {
            Ok(value) => Some(Ok(value)),
            Err(TryRecvError::Closed) => Some(Err(RecvError::Closed)),
            Err(TryRecvError::Empty) => None,
        })
    }

    /// # Safety
    ///
    /// As for [`Ring::pop`].
    pub(super) unsafe fn recv_many_blocking(
        &self,
        buffer: &mut Vec<R::Item>,
        limit: usize,
    ) -> usize {
        refuse_in_task("recv_many_blocking", "recv_many(..).await");
        let received = wait::spin(|| {
            // SAFETY: our contract.
            unsafe { self.channel.attempt_pop_many(&self.rx, buffer, limit) }.done()
        });
        match received {
            Some(count) => count,
            None => wait::block_on(ReceivingMany::new(self, buffer, limit)),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::pop`].
    pub(super) async unsafe fn recv_timeout(
        &self,
        limit: Duration,
    ) -> Result<R::Item, RecvTimeoutError> {
        match within(pin!(Receiving::new(self)), limit).await {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// # Safety
    ///
    /// As for [`Ring::pop`].
    pub(super) unsafe fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<R::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let waiter = self
            .waiter
            .get_or_insert_with(|| Box::pin(Waiter::resident()));
        // SAFETY: our contract; the waiter is boxed, used only here, and forgotten in `drop`.
        let received = unsafe { self.channel.poll_recv(&self.rx, waiter.as_ref(), cx) };
        self.ended = matches!(received, Poll::Ready(Err(RecvError::Closed)));
        received.map(Result::ok)
    }
}

impl<R: Ring> Drop for ReceiverEnd<R> {
    fn drop(&mut self) {
        if let Some(waiter) = &self.waiter {
            self.channel.forget_receiver(waiter);
        }
        // SAFETY: a sole receiver's end is dropped by who owns it, after its last call.
        unsafe { self.channel.drop_receiver(&self.rx) };
    }
}
