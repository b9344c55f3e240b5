//! Every receiver gets every value, as long as it keeps up.
//!
//! A ring of the newest values behind a lock of a few instructions. Each receiver has its own position; one that falls behind by more
//! than the capacity is told how many values it missed, and goes on with the oldest that is left. Values are shared, so that cloning
//! them, which is foreign code, happens outside the lock.

mod error;
mod gauge;

use std::{
    collections::VecDeque,
    fmt,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;

pub use error::{RecvError, RecvTimeoutError, TryRecvError};
#[cfg(not(loom))]
pub(super) use gauge::named;

use super::{
    SendError,
    waiting::{refuse_in_task, within},
};
use crate::{
    prim::{Lock, sync::Arc},
    stats::{self, Entry, Place},
    wait::{self, WaitList, Waiter},
};

struct Shared<T> {
    state: Lock<State<T>>,
    receivers: WaitList,
    entry: Option<Entry>,
    place: Place,
}

struct State<T> {
    /// The newest values; the first has position `first`.
    values: VecDeque<Slot<T>>,
    first: u64,
    capacity: usize,
    senders: usize,
    receivers: usize,
    closed: bool,
    tally: gauge::Tally,
}

struct Slot<T> {
    value: Arc<T>,
    /// Receivers that have not seen it; at none it goes, if it is the oldest.
    unseen: usize,
}

/// Makes a channel that keeps the newest `capacity` values for every receiver.
///
/// # Allocation
///
/// One a message: the value, shared by all receivers.
///
/// # Panics
///
/// If `capacity` is 0.
///
/// # Examples
///
/// ```
/// use nimsync::channel::{self, broadcast};
///
/// let (tx, mut rx) = channel::broadcast(2);
/// let mut other = tx.subscribe();
/// tx.send("a").unwrap();
/// assert_eq!(other.try_recv(), Ok("a"));
/// tx.send("b").unwrap();
/// tx.send("c").unwrap();
/// assert_eq!(other.try_recv(), Ok("b"));
/// assert_eq!(rx.try_recv(), Err(broadcast::TryRecvError::Lagged(1)));
/// assert_eq!(rx.try_recv(), Ok("b"));
/// ```
pub fn broadcast<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    open(capacity, None)
}

fn open<T>(capacity: usize, entry: Option<Entry>) -> (Sender<T>, Receiver<T>) {
    assert!(
        capacity > 0,
        "a broadcast channel needs a capacity of at least 1"
    );
    let shared = Arc::new(Shared {
        state: Lock::new(State {
            values: VecDeque::new(),
            first: 0,
            capacity,
            senders: 1,
            receivers: 1,
            closed: false,
            tally: gauge::Tally::default(),
        }),
        receivers: WaitList::new(),
        entry,
        place: Place::default(),
    });
    stats::list(&shared);
    (
        Sender {
            shared: shared.clone(),
        },
        Receiver {
            shared,
            next: 0,
            stream: None,
        },
    )
}

/// Sends to all receivers: clone it, or share it by reference.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// Receives everything that is sent while it lives. A clone goes on from the same place.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    /// The position of the next value.
    next: u64,
    stream: Option<Pin<Box<Waiter>>>,
}

/// Receives one value; made by [`Receiver::recv`].
#[must_use = "nothing is received before the future is awaited"]
pub struct Receiving<'a, T> {
    shared: &'a Shared<T>,
    next: &'a mut u64,
    waiter: Waiter,
}

impl<T> Sender<T> {
    /// Sends a value to all receivers; the number of receivers there are. It never waits: the oldest value makes room.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value when there is no receiver, or the channel is closed.
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        // Allocated outside the lock, and before it is known whether it is of use: what was refused must not get in afterwards.
        let value = Arc::new(value);
        let mut state = self.shared.state.lock();
        if state.closed || state.receivers == 0 {
            drop(state);
            let Ok(value) = Arc::try_unwrap(value) else {
                unreachable!("nobody else has it yet")
            };
            return Err(SendError(value));
        }
        let unseen = state.receivers;
        let oldest = if state.values.len() == state.capacity {
            state.first += 1;
            state.values.pop_front()
        } else {
            None
        };
        state.values.push_back(Slot { value, unseen });
        state.tally.high_water = state.tally.high_water.max(state.values.len());
        drop(state);
        self.shared.receivers.notify_all();
        drop(oldest);
        Ok(unseen)
    }

    /// Makes a receiver of everything that is sent from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (tx, mut first) = channel::broadcast(4);
    /// tx.send("one").unwrap();
    /// let mut second = tx.subscribe(); // sees what comes from now on
    /// tx.send("two").unwrap();
    /// assert_eq!((first.try_recv(), first.try_recv()), (Ok("one"), Ok("two")));
    /// assert_eq!(second.try_recv(), Ok("two"));
    /// ```
    pub fn subscribe(&self) -> Receiver<T> {
        let mut state = self.shared.state.lock();
        state.receivers += 1;
        let next = state.first + state.values.len() as u64;
        drop(state);
        Receiver {
            shared: self.shared.clone(),
            next,
            stream: None,
        }
    }

    /// Closes the channel; false if it was closed. What was sent is still received.
    pub fn close(&self) -> bool {
        self.shared.close()
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.shared.state.lock().closed
    }

    /// The number of values that some receiver has not seen.
    pub fn len(&self) -> usize {
        self.shared.state.lock().values.len()
    }

    /// Whether all receivers have seen everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of senders now.
    pub fn sender_count(&self) -> usize {
        self.shared.state.lock().senders
    }

    /// The number of receivers now.
    pub fn receiver_count(&self) -> usize {
        self.shared.state.lock().receivers
    }
}

impl<T> Shared<T> {
    fn close(&self) -> bool {
        let closed = std::mem::replace(&mut self.state.lock().closed, true);
        self.receivers.notify_all();
        !closed
    }

    /// The value at `next`, counted as seen.
    fn look(&self, next: &mut u64) -> Result<Arc<T>, TryRecvError> {
        let mut state = self.state.lock();
        if *next < state.first {
            let missed = state.first - *next;
            *next = state.first;
            state.tally.dropped += missed;
            return Err(TryRecvError::Lagged(missed));
        }
        let index = (*next - state.first) as usize;
        let Some(slot) = state.values.get_mut(index) else {
            return Err(if state.closed {
                TryRecvError::Closed
            } else {
                TryRecvError::Empty
            });
        };
        slot.unseen -= 1;
        let value = slot.value.clone();
        *next += 1;
        state.tally.received += 1;
        let seen = state.pop_seen();
        drop(state);
        drop(seen);
        Ok(value)
    }
}

impl<T> State<T> {
    /// Takes out the oldest value if nobody waits for it. One at a time is enough: each look sees one.
    fn pop_seen(&mut self) -> Option<Slot<T>> {
        if self.values.front()?.unseen > 0 {
            return None;
        }
        self.first += 1;
        self.values.pop_front()
    }
}

impl<T: Clone> Shared<T> {
    fn take(&self, next: &mut u64) -> Result<T, TryRecvError> {
        let value = self.look(next)?;
        // The last one to see it needs no clone.
        Ok(Arc::try_unwrap(value).unwrap_or_else(|value| T::clone(&value)))
    }

    /// # Safety
    ///
    /// The waiter is used with this channel only, does not move, and is removed before it is freed.
    unsafe fn poll_take(
        &self,
        next: &mut u64,
        waiter: Pin<&Waiter>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<T, RecvError>> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        let mut linked = false;
        loop {
            let result = match self.take(next) {
                Ok(value) => Ok(value),
                Err(TryRecvError::Closed) => Err(RecvError::Closed),
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                Err(TryRecvError::Empty) if linked => {
                    match &self.entry {
                        None => wait::note(&"recv on broadcast channel"),
                        Some(entry) => wait::note_named(&"recv on", entry.id()),
                    }
                    return Poll::Pending;
                }
                Err(TryRecvError::Empty) => {
                    // SAFETY: our contract.
                    unsafe { self.receivers.register(waiter, cx.waker(), || {}) };
                    linked = true;
                    continue;
                }
            };
            self.receivers.remove(&waiter);
            return Poll::Ready(result);
        }
    }
}

impl<T: Clone> Receiver<T> {
    /// Receives the next value, waiting for it.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has taken nothing.
    ///
    /// # Errors
    ///
    /// `Lagged` with the number of values that were missed, or `Closed`.
    pub fn recv(&mut self) -> Receiving<'_, T> {
        Receiving {
            shared: &self.shared,
            next: &mut self.next,
            waiter: Waiter::new(),
        }
    }

    /// Receives the next value if it is there.
    ///
    /// # Errors
    ///
    /// `Empty`, `Lagged` with the number of values that were missed, or `Closed`.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.shared.take(&mut self.next)
    }

    /// Receives the next value, blocking the thread until it is there.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv).
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`recv`](Self::recv).
    pub fn recv_blocking(&mut self) -> Result<T, RecvError> {
        refuse_in_task("recv_blocking", "recv().await");
        wait::block_on(self.recv())
    }

    /// Receives the next value, waiting for it, but not longer than `limit`.
    ///
    /// # Cancel safety
    ///
    /// As for [`recv`](Self::recv).
    ///
    /// # Errors
    ///
    /// `Timeout`, or as for [`recv`](Self::recv).
    pub async fn recv_timeout(&mut self, limit: Duration) -> Result<T, RecvTimeoutError> {
        match within(pin!(self.recv()), limit).await {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Receives the next value, blocking the thread until it is there, but not longer than `limit`.
    ///
    /// # Errors
    ///
    /// `Timeout`, or as for [`recv`](Self::recv).
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`recv_timeout`](Self::recv_timeout).
    #[cfg(not(loom))]
    pub fn recv_blocking_timeout(&mut self, limit: Duration) -> Result<T, RecvTimeoutError> {
        refuse_in_task("recv_blocking_timeout", "recv_timeout(..).await");
        match wait::block_on_timeout(self.recv(), limit) {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// The number of values that this receiver has not seen.
    pub fn len(&self) -> usize {
        let state = self.shared.state.lock();
        (state.first + state.values.len() as u64 - self.next.max(state.first)) as usize
    }

    /// Whether this receiver has seen everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.shared.state.lock().closed
    }
}

impl<T: Clone> Future for Receiving<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: only the waiter is pinned, and it stays.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: pinned with the future, removed in `drop`.
        unsafe {
            this.shared
                .poll_take(this.next, Pin::new_unchecked(&this.waiter), cx)
        }
    }
}

impl<T> Drop for Receiving<'_, T> {
    fn drop(&mut self) {
        // A wake is for everybody, so there is none to pass on.
        self.shared.receivers.remove(&self.waiter);
    }
}

/// Yields values, and `Lagged` where some were missed.
impl<T: Clone> Stream for Receiver<T> {
    type Item = Result<T, RecvError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let waiter = this
            .stream
            .get_or_insert_with(|| Box::pin(Waiter::resident()));
        // SAFETY: boxed, used with this channel only, removed in `drop`.
        let taken = unsafe { this.shared.poll_take(&mut this.next, waiter.as_ref(), cx) };
        taken.map(|value| (!matches!(value, Err(RecvError::Closed))).then_some(value))
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.state.lock().senders += 1;
        Sender {
            shared: self.shared.clone(),
        }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        let mut state = self.shared.state.lock();
        state.receivers += 1;
        let behind = self.next.saturating_sub(state.first) as usize;
        for slot in state.values.iter_mut().skip(behind) {
            slot.unseen += 1;
        }
        drop(state);
        Receiver {
            shared: self.shared.clone(),
            next: self.next,
            stream: None,
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.senders -= 1;
        let last = state.senders == 0;
        drop(state);
        if last {
            self.shared.close();
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if let Some(waiter) = &self.stream {
            self.shared.receivers.remove(waiter);
        }
        // What only this one had not seen goes with it.
        let mut gone = Vec::new();
        let mut state = self.shared.state.lock();
        state.receivers -= 1;
        let end = state.first + state.values.len() as u64;
        state.tally.dropped += end - self.next;
        let behind = self.next.saturating_sub(state.first) as usize;
        for slot in state.values.iter_mut().skip(behind) {
            slot.unseen -= 1;
        }
        while let Some(slot) = state.pop_seen() {
            gone.push(slot);
        }
        drop(state);
        // Foreign destructors run outside the lock.
        drop(gone);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
