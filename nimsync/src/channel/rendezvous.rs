//! Capacity 0: a send is done when a receiver has the value.
//!
//! A sender puts its value on the counter, where there is room for one, and waits until a receiver has taken it; the others stand in
//! line. A sender that gives up takes its value back from the counter. All of it happens under one lock of a few
//! instructions: each message costs two wakes, beside which a lock is nothing.

use std::{
    fmt,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use futures::{Stream, stream::FusedStream};

use super::{
    RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
    end::refuse_in_task,
};
use crate::{
    prim::{Lock, sync::Arc},
    wait::{self, WaitList, Waiter},
};

struct Shared<T> {
    counter: Lock<Counter<T>>,
    /// Senders in line for the counter.
    line: WaitList,
    /// The sender whose value is on the counter, and those whose values were
    /// there shortly before.
    served: WaitList,
    receivers: WaitList,
}

struct Counter<T> {
    value: Option<T>,
    /// The number of the value on the counter, or of the last one that was there.
    number: u64,
    /// Whether a sender waits beside the value, and takes it back if it gives up.
    attended: bool,
    /// Receivers that wait: what `try_send` asks.
    waiting: usize,
    closed: bool,
    senders: usize,
    receivers: usize,
}

/// Makes a channel of capacity 0: `send` waits until a receiver has taken the value.
///
/// # Examples
///
/// ```
/// use nimsync::channel;
///
/// let (tx, rx) = channel::rendezvous();
/// assert!(tx.try_send(1).is_err(), "nobody receives");
/// let sender = std::thread::spawn(move || tx.send_blocking(2));
/// assert_eq!(rx.recv_blocking(), Ok(2));
/// sender.join().unwrap().unwrap();
/// ```
pub fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        counter: Lock::new(Counter {
            value: None,
            number: 0,
            attended: false,
            waiting: 0,
            closed: false,
            senders: 1,
            receivers: 1,
        }),
        line: WaitList::new(),
        served: WaitList::new(),
        receivers: WaitList::new(),
    });
    (
        Sender {
            shared: shared.clone(),
        },
        Receiver {
            shared,
            stream: None,
            ended: false,
        },
    )
}

impl<T> Shared<T> {
    /// Puts a value on the counter if that is free, and tells a receiver; its number.
    fn offer(&self, value: T, attended: bool) -> Result<u64, TrySendError<T>> {
        let mut counter = self.counter.lock();
        if counter.closed {
            drop(counter);
            return Err(TrySendError::Closed(value));
        }
        if counter.value.is_some() || !attended && counter.waiting == 0 {
            drop(counter);
            return Err(TrySendError::Full(value));
        }
        counter.value = Some(value);
        counter.number += 1;
        counter.attended = attended;
        let number = counter.number;
        drop(counter);
        self.receivers.notify_one();
        Ok(number)
    }

    fn take(&self) -> Result<T, TryRecvError> {
        let mut counter = self.counter.lock();
        match counter.value.take() {
            Some(value) => {
                drop(counter);
                // All of them: beside the one whose value this was there may be
                // some that were served before and have not gone yet.
                self.served.notify_all();
                self.line.notify_one();
                Ok(value)
            }
            None if counter.closed => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    fn close(&self) -> bool {
        let closed = std::mem::replace(&mut self.counter.lock().closed, true);
        if !closed {
            self.line.notify_all();
            self.served.notify_all();
            self.receivers.notify_all();
        }
        !closed
    }
}

/// A sender: clone it, or share it by reference.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

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

/// Receives one value; made by [`Receiver::recv`].
#[must_use = "nothing is received before the future is awaited"]
pub struct Receiving<'a, T> {
    shared: &'a Shared<T>,
    wait: Wait,
}

impl<T> Sender<T> {
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
        let mut sleep = pin!(crate::time::sleep(limit));
        std::future::poll_fn(|cx| {
            if let Poll::Ready(done) = sending.as_mut().poll(cx) {
                return Poll::Ready(done.map_err(Into::into));
            }
            sleep
                .as_mut()
                .poll(cx)
                .map(|()| match sending.as_mut().give_up() {
                    Some(value) => Err(SendTimeoutError::Timeout(value)),
                    None => Ok(()),
                })
        })
        .await
    }

    /// Closes the channel for all its handles; false if it was closed.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.shared.counter.lock().closed
    }

    /// The number of senders now.
    pub fn sender_count(&self) -> usize {
        self.shared.counter.lock().senders
    }

    /// The number of receivers now.
    pub fn receiver_count(&self) -> usize {
        self.shared.counter.lock().receivers
    }

    /// Whether both send into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

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
                        wait::note(&"send on rendezvous channel");
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
            wait::note(&"send on rendezvous channel");
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
                    wait::note(&"recv on rendezvous channel");
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

impl<T> Receiver<T> {
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
        let mut receiving = pin!(self.recv());
        let mut sleep = pin!(crate::time::sleep(limit));
        std::future::poll_fn(|cx| {
            if let Poll::Ready(done) = receiving.as_mut().poll(cx) {
                return Poll::Ready(done.map_err(Into::into));
            }
            sleep
                .as_mut()
                .poll(cx)
                .map(|()| Err(RecvTimeoutError::Timeout))
        })
        .await
    }

    /// Closes the channel for all its handles; false if it was closed. Senders that wait get their values back.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.shared.counter.lock().closed
    }

    /// The number of senders now.
    pub fn sender_count(&self) -> usize {
        self.shared.counter.lock().senders
    }

    /// The number of receivers now.
    pub fn receiver_count(&self) -> usize {
        self.shared.counter.lock().receivers
    }

    /// Whether both receive from the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
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

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.counter.lock().senders += 1;
        Sender {
            shared: self.shared.clone(),
        }
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
        drop(counter);
        if last {
            self.shared.close();
        }
        drop(left);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("closed", &self.is_closed())
            .finish()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("closed", &self.is_closed())
            .finish()
    }
}
