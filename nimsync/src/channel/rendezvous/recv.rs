//! The receiver and its wait.

use std::{
    fmt,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use futures::{Stream, stream::FusedStream};

use super::{Shared, common_methods};
use crate::{
    channel::{
        RecvError, RecvTimeoutError, TryRecvError,
        waiting::{refuse_in_task, within},
    },
    prim::sync::Arc,
    wait::{self, Waiter},
};

/// A receiver: clone it, or share it by reference.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    stream: Option<Pin<Box<Wait>>>,
    ended: bool,
}

/// A receiver's wait.
struct Wait {
    waiter: Waiter,
    counted: bool,
}

/// Receives one value; made by [`Receiver::recv`].
#[must_use = "nothing is received before the future is awaited"]
pub struct Receiving<'a, T> {
    shared: &'a Shared<T>,
    wait: Wait,
}

impl<T> Receiver<T> {
    /// Wraps a channel that counts this receiver already.
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Receiver {
            shared,
            stream: None,
            ended: false,
        }
    }

    /// Receives a value, waiting for a sender.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has taken nothing.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when the channel is closed.
    pub fn recv(&self) -> Receiving<'_, T> {
        Receiving {
            shared: &self.shared,
            wait: Wait {
                waiter: Waiter::new(),
                counted: false,
            },
        }
    }

    /// Receives a value if a sender waits with one now.
    ///
    /// # Errors
    ///
    /// `Empty`, or `Closed` when the channel is closed.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.shared.take()
    }

    /// Receives a value, blocking the thread until there is a sender.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when the channel is closed.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`recv`](Self::recv).
    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        refuse_in_task("recv_blocking", "recv().await");
        wait::block_on(self.recv())
    }

    /// Receives a value, waiting for a sender, but not longer than `limit`.
    ///
    /// # Cancel safety
    ///
    /// As for [`recv`](Self::recv).
    ///
    /// # Errors
    ///
    /// `Timeout`, or `Closed` when the channel is closed.
    pub async fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        match within(pin!(self.recv()), limit).await {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Receives a value, blocking the thread until there is a sender, but not longer than `limit`.
    ///
    /// # Errors
    ///
    /// `Timeout`, or `Closed` when the channel is closed.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`recv_timeout`](Self::recv_timeout).
    #[cfg(not(loom))]
    pub fn recv_blocking_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        refuse_in_task("recv_blocking_timeout", "recv_timeout(..).await");
        match wait::block_on_timeout(self.recv(), limit) {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }
}

common_methods!(Receiver);

impl<T> Shared<T> {
    /// # Safety
    ///
    /// The wait is used with this channel only, and `forget` is called before it is freed.
    unsafe fn poll_take(
        &self,
        wait: Pin<&mut Wait>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<T, RecvError>> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        // SAFETY: only the waiter is pinned, and it stays.
        let wait = unsafe { wait.get_unchecked_mut() };
        let mut linked = false;
        loop {
            match self.take() {
                Ok(value) => {
                    self.forget(wait, false);
                    return Poll::Ready(Ok(value));
                }
                Err(TryRecvError::Closed) => {
                    self.forget(wait, false);
                    return Poll::Ready(Err(RecvError::Closed));
                }
                Err(TryRecvError::Empty) if linked => {
                    self.note(&"recv on rendezvous channel", &"recv on");
                    return Poll::Pending;
                }
                Err(TryRecvError::Empty) => {
                    // SAFETY: the wait is pinned and is forgotten by contract.
                    unsafe {
                        let waiter = Pin::new_unchecked(&wait.waiter);
                        self.receivers.register(waiter, cx.waker(), || {});
                    }
                    if !wait.counted {
                        wait.counted = true;
                        self.counter.lock().waiting += 1;
                    }
                    linked = true;
                }
            }
        }
    }

    fn forget(&self, wait: &mut Wait, pass_on: bool) {
        if std::mem::take(&mut wait.counted) {
            self.counter.lock().waiting -= 1;
        }
        if self.receivers.remove(&wait.waiter) && pass_on && !wait.waiter.is_resident() {
            self.receivers.notify_one();
        }
    }
}

impl<T> Future for Receiving<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: only the wait is pinned, and it stays.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: pinned with the future, forgotten in `drop`.
        unsafe {
            this.shared
                .poll_take(Pin::new_unchecked(&mut this.wait), cx)
        }
    }
}

impl<T> Drop for Receiving<'_, T> {
    fn drop(&mut self) {
        self.shared.forget(&mut self.wait, true);
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        let wait = this.stream.get_or_insert_with(|| {
            Box::pin(Wait {
                waiter: Waiter::resident(),
                counted: false,
            })
        });
        // SAFETY: boxed, used with this channel only, forgotten in `drop`.
        let taken = unsafe { this.shared.poll_take(wait.as_mut(), cx) };
        this.ended = matches!(taken, Poll::Ready(Err(_)));
        taken.map(Result::ok)
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.counter.lock().receivers += 1;
        Receiver {
            shared: self.shared.clone(),
            stream: None,
            ended: false,
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if let Some(mut wait) = self.stream.take() {
            // SAFETY: only the waiter is pinned, and it stays.
            self.shared
                .forget(unsafe { wait.as_mut().get_unchecked_mut() }, true);
        }
        let mut counter = self.shared.counter.lock();
        counter.receivers -= 1;
        let last = counter.receivers == 0;
        // A sender beside its value takes it back itself.
        let left = if last && !counter.attended {
            counter.value.take()
        } else {
            None
        };
        counter.dropped += u64::from(left.is_some());
        drop(counter);
        if last {
            self.shared.close();
        }
        drop(left);
    }
}
