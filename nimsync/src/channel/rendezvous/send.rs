//! The sender and its wait.

use std::{
    fmt,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use super::{Shared, common_methods};
use crate::{
    channel::{
        SendError, SendTimeoutError, TrySendError,
        waiting::{refuse_in_task, within},
    },
    prim::sync::Arc,
    wait::{self, Waiter},
};

/// A sender: clone it, or share it by reference.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// Sends one value; made by [`Sender::send`].
#[must_use = "nothing is sent before the future is awaited"]
pub struct Sending<'a, T> {
    shared: &'a Shared<T>,
    value: Option<T>,
    /// The value's number while it is on the counter.
    number: Option<u64>,
    in_line: Waiter,
    served: Waiter,
}

impl<T> Sender<T> {
    /// Wraps a channel that counts this sender already.
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Sender { shared }
    }

    /// Sends a value and waits until a receiver has taken it.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped takes its value back, unless a receiver has it already: then it was sent.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value when the channel is closed.
    pub fn send(&self, value: T) -> Sending<'_, T> {
        Sending {
            shared: &self.shared,
            value: Some(value),
            number: None,
            in_line: Waiter::new(),
            served: Waiter::new(),
        }
    }

    /// Sends a value if a receiver waits for one now.
    ///
    /// # Errors
    ///
    /// `Full` when nobody waits, or `Closed`, with the value.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.shared.offer(value, false).map(drop)
    }

    /// Sends a value, blocking the thread until a receiver has taken it.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value when the channel is closed.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`send`](Self::send).
    pub fn send_blocking(&self, value: T) -> Result<(), SendError<T>> {
        refuse_in_task("send_blocking", "send(..).await");
        wait::block_on(self.send(value))
    }

    /// Sends a value and waits until a receiver has taken it, but not longer than `limit`.
    ///
    /// # Cancel safety
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// `Timeout` or `Closed`, with the value.
    pub async fn send_timeout(&self, value: T, limit: Duration) -> Result<(), SendTimeoutError<T>> {
        let mut sending = pin!(self.send(value));
        match within(sending.as_mut(), limit).await {
            Some(done) => done.map_err(Into::into),
            None => sending.overdue(),
        }
    }

    /// Sends a value, blocking the thread until a receiver has taken it, but not longer than `limit`.
    ///
    /// # Errors
    ///
    /// `Timeout` or `Closed`, with the value.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`send_timeout`](Self::send_timeout).
    #[cfg(not(loom))]
    pub fn send_blocking_timeout(
        &self,
        value: T,
        limit: Duration,
    ) -> Result<(), SendTimeoutError<T>> {
        refuse_in_task("send_blocking_timeout", "send_timeout(..).await");
        let mut sending = pin!(self.send(value));
        match wait::block_on_timeout(sending.as_mut(), limit) {
            Some(done) => done.map_err(Into::into),
            None => sending.overdue(),
        }
    }
}

common_methods!(Sender);

impl<T> Sending<'_, T> {
    /// Takes the value back; none if a receiver has it.
    fn give_up(self: Pin<&mut Self>) -> Option<T> {
        // SAFETY: only the waiters are pinned, and they stay.
        let this = unsafe { self.get_unchecked_mut() };
        if this.value.is_some() {
            return this.value.take();
        }
        let number = this.number.take()?;
        let mut counter = this.shared.counter.lock();
        if counter.number != number {
            return None;
        }
        let value = counter.value.take();
        drop(counter);
        if value.is_some() {
            this.shared.line.notify_one();
        }
        value
    }

    /// What comes of a send whose time is up.
    fn overdue(self: Pin<&mut Self>) -> Result<(), SendTimeoutError<T>> {
        match self.give_up() {
            Some(value) => Err(SendTimeoutError::Timeout(value)),
            None => Ok(()),
        }
    }
}

impl<T> Future for Sending<'_, T> {
    type Output = Result<(), SendError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        // SAFETY: only the waiters are pinned, and they stay.
        let this = unsafe { self.as_mut().get_unchecked_mut() };
        let shared = this.shared;
        // SAFETY: fields of a pinned future that nobody moves out of.
        let (in_line, served) = unsafe {
            (
                Pin::new_unchecked(&this.in_line),
                Pin::new_unchecked(&this.served),
            )
        };
        let mut linked = false;
        while let Some(value) = this.value.take() {
            match shared.offer(value, true) {
                Ok(number) => this.number = Some(number),
                Err(TrySendError::Closed(value)) => return Poll::Ready(Err(SendError(value))),
                Err(TrySendError::Full(value)) => {
                    this.value = Some(value);
                    if linked {
                        shared.note(&"send on rendezvous channel", &"send on");
                        return Poll::Pending;
                    }
                    // SAFETY: pinned, used with this list only, removed in `drop`.
                    unsafe { shared.line.register(in_line, cx.waker(), || {}) };
                    linked = true;
                }
            }
        }
        shared.line.remove(&in_line);
        // SAFETY: pinned, used with this list only, removed in `drop`.
        unsafe { shared.served.register(served, cx.waker(), || {}) };
        let mut counter = shared.counter.lock();
        let waiting = Some(counter.number) == this.number && counter.value.is_some();
        if waiting && !counter.closed {
            drop(counter);
            shared.note(&"send on rendezvous channel", &"send on");
            return Poll::Pending;
        }
        let back = if waiting { counter.value.take() } else { None };
        drop(counter);
        this.number = None;
        shared.served.remove(&served);
        Poll::Ready(match back {
            Some(value) => Err(SendError(value)),
            None => Ok(()),
        })
    }
}

impl<T> Drop for Sending<'_, T> {
    fn drop(&mut self) {
        if self.shared.line.remove(&self.in_line) {
            self.shared.line.notify_one();
        }
        self.shared.served.remove(&self.served);
        // SAFETY: it is being dropped, so it stays where it is.
        drop(unsafe { Pin::new_unchecked(self) }.give_up());
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.counter.lock().senders += 1;
        Sender {
            shared: self.shared.clone(),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut counter = self.shared.counter.lock();
        counter.senders -= 1;
        let last = counter.senders == 0;
        drop(counter);
        if last {
            self.shared.close();
        }
    }
}
