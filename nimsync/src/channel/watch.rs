//! The newest value only: for settings, states and progress.
//!
//! A value behind a reader-writer lock, and its version. A receiver remembers the version that it saw.

// Not those of `prim`: nothing is published by a count, so there is nothing for a model to explore.
use std::sync::atomic::AtomicU64;
use std::{
    fmt,
    ops::Deref,
    pin::{Pin, pin},
    sync::PoisonError,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    RecvError, RecvTimeoutError, SendError,
    waiting::{refuse_in_task, within},
};
use crate::{
    prim::sync::{Arc, AtomicUsize, Ordering, RwLock, RwLockReadGuard, fence},
    stats::{self, ChannelStats, Counted, Entry, Gauge, MessageCounts, Place},
    wait::{self, WaitList, Waiter},
};

struct Shared<T> {
    value: RwLock<T>,
    /// Twice the number of changes, and 1 when closed.
    version: AtomicUsize,
    senders: AtomicUsize,
    receivers: AtomicUsize,
    waiting: WaitList,
    /// Changes that receivers have seen.
    received: AtomicU64,
    entry: Option<Entry>,
    place: Place,
}

const CLOSED: usize = 1;
const CHANGE: usize = 2;

/// Makes a channel that holds the newest value.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let (tx, mut rx) = nimsync::channel::watch("starting");
/// assert_eq!(*rx.borrow(), "starting");
/// tx.send("running").unwrap();
/// rx.changed().await?;
/// assert_eq!(*rx.borrow_and_update(), "running");
/// drop(tx);
/// assert!(rx.changed().await.is_err());
/// # Ok::<(), nimsync::channel::RecvError>(())
/// # }).unwrap();
/// ```
pub fn watch<T>(value: T) -> (Sender<T>, Receiver<T>) {
    open(value, None)
}

fn open<T>(value: T, entry: Option<Entry>) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        value: RwLock::new(value),
        version: AtomicUsize::new(0),
        senders: AtomicUsize::new(1),
        receivers: AtomicUsize::new(1),
        waiting: WaitList::new(),
        received: AtomicU64::new(0),
        entry,
        place: Place::default(),
    });
    stats::list(&shared);
    (
        Sender {
            shared: shared.clone(),
        },
        Receiver { shared, seen: 0 },
    )
}

/// Changes the value.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
}

/// Looks at the value, and waits for changes. A clone has seen what the original has seen.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    seen: usize,
}

/// The value, borrowed. While it lives, the value does not change: hold it briefly, and not across an `.await`.
pub struct Ref<'a, T>(RwLockReadGuard<'a, T>);

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> Shared<T> {
    fn borrow(&self) -> Ref<'_, T> {
        // A closure of `send_modify` that panicked leaves what it made of the value; that is the user's to judge.
        Ref(self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn version(&self) -> usize {
        // Acquire pairs with the Release in `announce` and `close`.
        self.version.load(Ordering::Acquire)
    }

    fn announce(&self, change: usize) {
        // Release pairs with the Acquire in `version`.
        self.version.fetch_add(change, Ordering::Release);
        // SeqCst: store-buffer argument with the fence in `Changing::poll`: the version and the question, registration and last look.
        fence(Ordering::SeqCst);
        if !self.waiting.is_empty() {
            self.waiting.notify_all();
        }
    }
}

/// Makes a channel that the registry knows.
#[cfg(not(loom))]
pub(super) fn named<T: Send + Sync + 'static>(value: T, entry: Entry) -> (Sender<T>, Receiver<T>) {
    let (tx, rx) = open(value, Some(entry));
    if let Some(entry) = &tx.shared.entry {
        let weak = Arc::downgrade(&tx.shared);
        entry.attach(weak);
    }
    (tx, rx)
}

impl<T> Shared<T> {
    fn count_seen(&self) {
        // Relaxed: a number by itself.
        self.received.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: atomics. See `drop`.
unsafe impl<T> Counted for Shared<T> {
    fn messages(&self) -> MessageCounts {
        MessageCounts {
            sent: (self.version() / CHANGE) as u64,
            // Relaxed: a number by itself.
            received: self.received.load(Ordering::Relaxed),
            ..MessageCounts::default()
        }
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

impl<T: Send + Sync> Gauge for Shared<T> {
    fn gauge(&self, stats: &mut ChannelStats) {
        let messages = self.messages();
        stats.capacity = Some(1);
        stats.sent = messages.sent;
        stats.received = messages.received;
        // Relaxed, both: a snapshot.
        stats.senders = self.senders.load(Ordering::Relaxed);
        stats.receivers = self.receivers.load(Ordering::Relaxed);
        stats.closed = self.version() & CLOSED != 0;
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // Until then it has only been read.
        self.place.leave(self.messages());
    }
}

impl<T> Sender<T> {
    /// Changes the value.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the new value when there is no receiver.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.receiver_count() == 0 {
            return Err(SendError(value));
        }
        drop(self.send_replace(value));
        Ok(())
    }

    /// Changes the value, whether there are receivers or not; the old one.
    pub fn send_replace(&self, value: T) -> T {
        let mut old = value;
        self.send_modify(|current| std::mem::swap(current, &mut old));
        old
    }

    /// Changes the value in place.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (tx, mut rx) = channel::watch(vec!["one"]);
    /// tx.send_modify(|words| words.push("two"));
    /// assert_eq!(rx.has_changed(), Ok(true));
    /// assert_eq!(*rx.borrow_and_update(), ["one", "two"]);
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// ```
    pub fn send_modify(&self, change: impl FnOnce(&mut T)) {
        self.send_if_modified(|value| {
            change(value);
            true
        });
    }

    /// Changes the value in place, and says so only if the closure says that it did.
    pub fn send_if_modified(&self, change: impl FnOnce(&mut T) -> bool) -> bool {
        let mut value = self
            .shared
            .value
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut value);
        if changed {
            // Under the lock, so that version and value belong together. Waiters are woken afterwards.
            // Release pairs with the Acquire in `version`.
            self.shared.version.fetch_add(CHANGE, Ordering::Release);
        }
        drop(value);
        if changed {
            self.shared.announce(0);
        }
        changed
    }

    /// Looks at the value.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.borrow()
    }

    /// Makes a receiver that has seen the value as it is now.
    pub fn subscribe(&self) -> Receiver<T> {
        // Relaxed: a count.
        self.shared.receivers.fetch_add(1, Ordering::Relaxed);
        Receiver {
            shared: self.shared.clone(),
            seen: self.shared.version() & !CLOSED,
        }
    }

    /// The number of receivers now.
    pub fn receiver_count(&self) -> usize {
        // Relaxed: a snapshot.
        self.shared.receivers.load(Ordering::Relaxed)
    }
}

impl<T> Receiver<T> {
    /// Looks at the value.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.borrow()
    }

    /// Looks at the value, and counts it as seen.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.shared.borrow();
        // Under the lock, so that version and value belong together.
        let version = self.shared.version() & !CLOSED;
        if version != self.seen {
            self.shared.count_seen();
        }
        self.seen = version;
        value
    }

    /// Whether the value has changed since it was seen.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when all senders are gone and nothing new is left to see.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let version = self.shared.version();
        match version & !CLOSED != self.seen {
            true => Ok(true),
            false if version & CLOSED != 0 => Err(RecvError::Closed),
            false => Ok(false),
        }
    }

    /// Waits until the value has changed since it was seen, and counts it as seen.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has not counted anything as seen.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when all senders are gone and nothing new is left to see.
    pub fn changed(&mut self) -> Changing<'_, T> {
        Changing {
            shared: &self.shared,
            seen: &mut self.seen,
            waiter: Waiter::new(),
        }
    }

    /// Waits until the value has changed since it was seen, blocking the thread, and counts it as seen.
    ///
    /// # Errors
    ///
    /// As for [`changed`](Self::changed).
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`changed`](Self::changed).
    pub fn changed_blocking(&mut self) -> Result<(), RecvError> {
        refuse_in_task("changed_blocking", "changed().await");
        wait::block_on(self.changed())
    }

    /// Waits until the value has changed since it was seen, but not longer than `limit`, and counts it as seen.
    ///
    /// # Cancel safety
    ///
    /// As for [`changed`](Self::changed).
    ///
    /// # Errors
    ///
    /// `Timeout`, or as for [`changed`](Self::changed).
    pub async fn changed_timeout(&mut self, limit: Duration) -> Result<(), RecvTimeoutError> {
        match within(pin!(self.changed()), limit).await {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Waits until the value has changed since it was seen, blocking the thread, but not longer than `limit`, and counts it as seen.
    ///
    /// # Errors
    ///
    /// `Timeout`, or as for [`changed`](Self::changed).
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`changed_timeout`](Self::changed_timeout).
    #[cfg(not(loom))]
    pub fn changed_blocking_timeout(&mut self, limit: Duration) -> Result<(), RecvTimeoutError> {
        refuse_in_task("changed_blocking_timeout", "changed_timeout(..).await");
        match wait::block_on_timeout(self.changed(), limit) {
            Some(done) => done.map_err(Into::into),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Waits until the value is as asked, and counts it as seen.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped has only looked.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when all senders are gone and the value is not as asked.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// # futures::executor::block_on(async {
    /// let (tx, mut rx) = channel::watch("starting");
    /// tx.send("running").unwrap();
    /// assert_eq!(*rx.wait_for(|state| *state == "running").await?, "running");
    /// # Ok::<(), channel::RecvError>(())
    /// # }).unwrap();
    /// ```
    pub async fn wait_for(
        &mut self,
        mut condition: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T>, RecvError> {
        while !condition(&self.borrow_and_update()) {
            self.changed().await?;
        }
        Ok(self.shared.borrow())
    }

    /// Whether all senders are gone.
    pub fn is_closed(&self) -> bool {
        self.shared.version() & CLOSED != 0
    }
}

/// Waits for a change; made by [`Receiver::changed`].
#[must_use = "it waits when awaited"]
pub struct Changing<'a, T> {
    shared: &'a Shared<T>,
    seen: &'a mut usize,
    waiter: Waiter,
}

impl<T> Future for Changing<'_, T> {
    type Output = Result<(), RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        // SAFETY: only the waiter is pinned, and it stays.
        let this = unsafe { self.get_unchecked_mut() };
        let mut linked = false;
        loop {
            let version = this.shared.version();
            if version & !CLOSED != *this.seen {
                this.shared.count_seen();
                *this.seen = version & !CLOSED;
                return Poll::Ready(Ok(()));
            }
            if version & CLOSED != 0 {
                return Poll::Ready(Err(RecvError::Closed));
            }
            if linked {
                match &this.shared.entry {
                    None => wait::note(&"change of watch"),
                    Some(entry) => wait::note_named(&"change of", entry.id()),
                }
                return Poll::Pending;
            }
            // SAFETY: pinned with the future, used with this list only, removed in `drop`.
            unsafe {
                let waiter = Pin::new_unchecked(&this.waiter);
                this.shared.waiting.register(waiter, cx.waker(), || {});
            }
            // SeqCst: store-buffer argument, see `announce`.
            fence(Ordering::SeqCst);
            linked = true;
        }
    }
}

impl<T> Drop for Changing<'_, T> {
    fn drop(&mut self) {
        // A wake is for everybody, so there is none to pass on.
        self.shared.waiting.remove(&self.waiter);
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        // Relaxed: a count.
        self.shared.senders.fetch_add(1, Ordering::Relaxed);
        Sender {
            shared: self.shared.clone(),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // AcqRel: what other senders did comes before "closed".
        if self.shared.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.announce(CLOSED);
        }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        // Relaxed: a count.
        self.shared.receivers.fetch_add(1, Ordering::Relaxed);
        Receiver {
            shared: self.shared.clone(),
            seen: self.seen,
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // Relaxed: a count.
        self.shared.receivers.fetch_sub(1, Ordering::Relaxed);
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
