//! One value, once.
//!
//! A lock over three fields: a channel that is used once has nothing to win from more.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures::future::FusedFuture;

use super::{
    RecvError, RecvTimeoutError, SendError, TryRecvError,
    waiting::{refuse_in_task, within},
};
use crate::{
    prim::{Lock, sync::Arc},
    stats::{self, Counter},
    wait,
};

struct State<T> {
    value: Option<T>,
    /// Nothing will be sent, or nobody will receive.
    closed: bool,
    receiver: Option<Waker>,
    sender: Option<Waker>,
}

/// Makes a channel for one value.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let (tx, rx) = nimsync::channel::oneshot();
/// std::thread::spawn(move || tx.send(6 * 7).unwrap());
/// assert_eq!(rx.await, Ok(42));
/// # });
/// ```
pub fn oneshot<T>() -> (Sender<T>, Receiver<T>) {
    let state = State {
        value: None,
        closed: false,
        receiver: None,
        sender: None,
    };
    let state = Arc::new(Lock::new(state));
    (
        Sender {
            state: Some(state.clone()),
        },
        Receiver { state, done: false },
    )
}

/// Sends the one value.
pub struct Sender<T> {
    /// There until the value is sent.
    state: Option<Arc<Lock<State<T>>>>,
}

/// Receives the one value: a future.
///
/// # Cancel safety
///
/// Dropping a borrow of it (`&mut rx`) loses nothing; dropping it closes the channel.
#[must_use = "a receiver that is dropped closes the channel"]
pub struct Receiver<T> {
    state: Arc<Lock<State<T>>>,
    done: bool,
}

impl<T> Sender<T> {
    /// Sends the value.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value when the receiver is gone or has closed the channel.
    pub fn send(mut self, value: T) -> Result<(), SendError<T>> {
        let state = self.state.take().expect("sent once");
        let mut inner = state.lock();
        if inner.closed {
            drop(inner);
            return Err(SendError(value));
        }
        inner.value = Some(value);
        inner.closed = true;
        let wakers = (inner.receiver.take(), inner.sender.take());
        drop(inner);
        if let Some(receiver) = wakers.0 {
            receiver.wake();
        }
        Ok(())
    }

    /// Whether nobody will receive.
    pub fn is_closed(&self) -> bool {
        self.state.as_ref().is_none_or(|state| state.lock().closed)
    }

    /// Waits until nobody will receive.
    ///
    /// # Cancel safety
    ///
    /// Safe: it only looks.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// # futures::executor::block_on(async {
    /// let (mut tx, rx) = channel::oneshot::<u32>();
    /// drop(rx);
    /// tx.closed().await; // nobody wants the answer any more
    /// assert!(tx.is_closed());
    /// # });
    /// ```
    pub async fn closed(&mut self) {
        std::future::poll_fn(|cx| self.poll_closed(cx)).await;
    }

    /// Looks whether nobody will receive; the task is woken when that changes.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(state) = &self.state else {
            return Poll::Ready(());
        };
        let waker = cx.waker().clone();
        let mut inner = state.lock();
        if inner.closed {
            return Poll::Ready(());
        }
        let old = inner.sender.replace(waker);
        drop(inner);
        drop(old);
        wait::note(&"close of oneshot");
        Poll::Pending
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let Some(state) = &self.state else { return };
        let mut inner = state.lock();
        inner.closed = true;
        let wakers = (inner.receiver.take(), inner.sender.take());
        drop(inner);
        if let Some(receiver) = wakers.0 {
            receiver.wake();
        }
    }
}

impl<T> Receiver<T> {
    /// Receives the value if it is there.
    ///
    /// # Errors
    ///
    /// `Empty`, or `Closed` when it will not come or has been received.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let mut inner = self.state.lock();
        match inner.value.take() {
            Some(value) => {
                stats::count(Counter::Handed, 1);
                Ok(value)
            }
            None if inner.closed => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Receives the value, blocking the thread until it is there.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when the sender was dropped.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there await the receiver.
    pub fn recv_blocking(self) -> Result<T, RecvError> {
        refuse_in_task("recv_blocking", "rx.await");
        wait::block_on(self)
    }

    /// Receives the value, waiting for it, but not longer than `limit`. After that it can still be received.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has taken nothing.
    ///
    /// # Errors
    ///
    /// `Timeout`, or `Closed` when the sender was dropped.
    pub async fn recv_timeout(&mut self, limit: Duration) -> Result<T, RecvTimeoutError> {
        match within(Pin::new(self), limit).await {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Receives the value, blocking the thread until it is there, but not longer than `limit`. After that it can still be received.
    ///
    /// # Errors
    ///
    /// `Timeout`, or `Closed` when the sender was dropped.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`recv_timeout`](Self::recv_timeout).
    #[cfg(not(loom))]
    pub fn recv_blocking_timeout(&mut self, limit: Duration) -> Result<T, RecvTimeoutError> {
        refuse_in_task("recv_blocking_timeout", "recv_timeout(..).await");
        match wait::block_on_timeout(self, limit) {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Closes the channel; a value that was sent can still be received.
    pub fn close(&mut self) {
        let mut inner = self.state.lock();
        inner.closed = true;
        let sender = inner.sender.take();
        drop(inner);
        if let Some(sender) = sender {
            sender.wake();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        let this = self.get_mut();
        let mut waker = None;
        loop {
            let mut inner = this.state.lock();
            if inner.value.is_some() || inner.closed {
                let value = inner.value.take();
                drop(inner);
                if value.is_some() {
                    stats::count(Counter::Handed, 1);
                }
                this.done = true;
                return Poll::Ready(value.ok_or(RecvError::Closed));
            }
            if inner
                .receiver
                .as_ref()
                .is_some_and(|old| old.will_wake(cx.waker()))
            {
                break;
            }
            if let Some(waker) = waker.take() {
                let old = inner.receiver.replace(waker);
                drop(inner);
                drop(old);
                break;
            }
            drop(inner);
            // Cloned outside the lock: it may be foreign code.
            waker = Some(cx.waker().clone());
        }
        wait::note(&"recv on oneshot");
        Poll::Pending
    }
}

impl<T> FusedFuture for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.done
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.close();
        let mut inner = self.state.lock();
        let left = (inner.value.take(), inner.receiver.take());
        drop(inner);
        if left.0.is_some() {
            stats::count(Counter::Lost, 1);
        }
        // Foreign destructors run outside the lock.
        drop(left);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
