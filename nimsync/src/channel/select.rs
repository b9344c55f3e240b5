//! Receiving from a set of channels that is known only at run time.
//!
//! Each member is polled with a waker of its own, which sets the member's bit in a set of bits and wakes the task if the bit is new. The
//! task polls only members whose bit is set. So a member is registered once and stays so until it is woken, and a message costs the
//! same however many members are silent.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::{Stream, stream::FusedStream};

use super::{RecvError, TryRecvError, waiting::refuse_in_task};
use crate::{prim::Lock, wait};

/// Names a member of a [`Select`]; never used twice by one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    slot: usize,
    generation: u64,
}

/// A set of receivers, of which each call receives from one that is ready, in turn.
///
/// Members are streams: receivers of any mode, by value or `&mut`. Members that are closed and drained leave the set.
///
/// # Cancel safety
///
/// A `recv` that is dropped has taken nothing. A value is taken from a member only to be returned.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// use nimsync::channel::{self, Select};
///
/// let mut set = Select::new();
/// let mut senders = Vec::new();
/// for _ in 0..3 {
///     let (tx, rx) = channel::spsc::<i32>(4);
///     senders.push((set.add(rx), tx));
/// }
/// senders[1].1.send(7).await?;
/// assert_eq!(set.recv().await?, (senders[1].0, 7));
/// drop(senders);
/// assert!(set.recv().await.is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Select<S> {
    members: Vec<Option<Member<S>>>,
    /// Slots without a member.
    free: Vec<usize>,
    len: usize,
    generation: u64,
    /// Where the next round begins.
    next: usize,
    /// Members that may be ready, as taken from `shared`.
    ready: Vec<u64>,
    /// Bits set by the members' wakers, 64 members a word.
    words: Vec<Arc<AtomicU64>>,
    shared: Arc<Shared>,
}

struct Member<S> {
    stream: S,
    generation: u64,
    waker: Waker,
}

/// What the wakers of the members share.
struct Shared {
    task: Lock<Option<Waker>>,
    /// 1 if a bit was set since the task last looked; who makes it so wakes the task.
    news: AtomicUsize,
}

/// A member's waker.
struct Bit {
    shared: Arc<Shared>,
    word: Arc<AtomicU64>,
    bit: u64,
}

impl Wake for Bit {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // AcqRel pairs with the swap in `collect`: what happened before the wake is visible to the poll that follows.
        if self.word.fetch_or(self.bit, Ordering::AcqRel) & self.bit != 0 {
            return;
        }
        // AcqRel pairs with the swap in `collect`: either the task sees the news, or we see that it looked and wake it.
        if self.shared.news.swap(1, Ordering::AcqRel) == 0 {
            let task = self.shared.task.lock().take();
            if let Some(task) = task {
                task.wake();
            }
        }
    }
}

impl Shared {
    /// Makes the next wake of a member wake `task`. False if there are news already.
    fn sleep(&self, task: &Waker) -> bool {
        let task = task.clone();
        let old = self.task.lock().replace(task);
        drop(old);
        // AcqRel pairs with the swap in `wake_by_ref`: it sees the waker, or we see the news.
        self.news.fetch_add(0, Ordering::AcqRel) == 0
    }
}

impl<S> Select<S> {
    /// Makes an empty set.
    pub fn new() -> Self {
        Select {
            members: Vec::new(),
            free: Vec::new(),
            words: Vec::new(),
            len: 0,
            generation: 0,
            next: 0,
            ready: Vec::new(),
            shared: Arc::new(Shared {
                task: Lock::new(None),
                news: AtomicUsize::new(0),
            }),
        }
    }

    /// Adds a member. The key comes back with each of its values.
    ///
    /// # Allocation
    ///
    /// One, for the member's waker, and what the set's lists need to grow.
    pub fn add(&mut self, stream: S) -> Key {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.members.push(None);
            self.members.len() - 1
        });
        if slot / 64 == self.words.len() {
            self.words.push(Arc::new(AtomicU64::new(0)));
            self.ready.push(0);
        }
        self.generation += 1;
        let generation = self.generation;
        let bit = 1 << (slot % 64);
        let word = self.words[slot / 64].clone();
        let waker = Waker::from(Arc::new(Bit {
            shared: self.shared.clone(),
            word,
            bit,
        }));
        self.members[slot] = Some(Member {
            stream,
            generation,
            waker,
        });
        self.ready[slot / 64] |= bit;
        self.len += 1;
        Key { slot, generation }
    }

    /// Takes a member out of the set.
    pub fn remove(&mut self, key: Key) -> Option<S> {
        let member = self.members.get_mut(key.slot)?;
        if member.as_ref()?.generation != key.generation {
            return None;
        }
        let stream = member.take()?.stream;
        self.ready[key.slot / 64] &= !(1 << (key.slot % 64));
        self.free.push(key.slot);
        self.len -= 1;
        Some(stream)
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds to `ready` what the members' wakers have set.
    fn collect(&mut self) {
        // AcqRel pairs with the swap in `wake_by_ref`: bits set before the news are visible below.
        if self.shared.news.swap(0, Ordering::AcqRel) == 0 {
            return;
        }
        for (ready, word) in self.ready.iter_mut().zip(&self.words) {
            // Relaxed: only a hint, a bit that is set later brings news of its own.
            if word.load(Ordering::Relaxed) != 0 {
                // AcqRel pairs with the `fetch_or` in `wake_by_ref`: what happened before the wake is visible.
                *ready |= word.swap(0, Ordering::AcqRel);
            }
        }
    }

    /// The first slot from `from` on that may be ready.
    fn next_ready(&self, from: usize) -> Option<usize> {
        let mut word = from / 64;
        let mut bits = *self.ready.get(word)? & (u64::MAX << (from % 64));
        loop {
            if bits != 0 {
                return Some(word * 64 + bits.trailing_zeros() as usize);
            }
            word += 1;
            bits = *self.ready.get(word)?;
        }
    }
}

impl<S: Stream + Unpin> Select<S> {
    /// Receives from a member that is ready, the members taking turns.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped has taken nothing.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when no member is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel::{self, Select};
    ///
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = channel::mpsc::<&str>(4);
    /// let mut set = Select::new();
    /// let key = set.add(rx);
    /// tx.send("hello").await.unwrap();
    /// assert_eq!(set.recv().await, Ok((key, "hello")));
    /// drop(tx);
    /// assert!(set.recv().await.is_err()); // no member is left
    /// # });
    /// ```
    pub async fn recv(&mut self) -> Result<(Key, S::Item), RecvError> {
        std::future::poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Receives from a member that is ready now, if there is one.
    ///
    /// # Errors
    ///
    /// `Empty`, or `Closed` when no member is left.
    pub fn try_recv(&mut self) -> Result<(Key, S::Item), TryRecvError> {
        self.collect();
        match wait::unmetered(|| self.take()) {
            Some(taken) => Ok(taken),
            None if self.is_empty() => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Receives from a member that is ready, blocking the thread until there is one.
    ///
    /// # Errors
    ///
    /// [`RecvError::Closed`] when no member is left.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime: there use [`recv`](Self::recv).
    pub fn recv_blocking(&mut self) -> Result<(Key, S::Item), RecvError> {
        refuse_in_task("recv_blocking", "recv().await");
        wait::block_on(self.recv())
    }

    /// Receives when a member is ready; what `recv` is made of.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<(Key, S::Item), RecvError>> {
        // A receive is one operation, however many members it looks at; and a
        // member that says `Pending` must mean that it waits.
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        loop {
            self.collect();
            if let Some(taken) = wait::unmetered(|| self.take()) {
                return Poll::Ready(Ok(taken));
            }
            if self.is_empty() {
                return Poll::Ready(Err(RecvError::Closed));
            }
            if self.shared.sleep(cx.waker()) {
                wait::note(&"recv on a set of channels");
                return Poll::Pending;
            }
        }
    }

    /// Polls members that may be ready, from the one after the last that gave a value.
    fn take(&mut self) -> Option<(Key, S::Item)> {
        let mut from = self.next;
        let mut wrapped = from == 0;
        loop {
            let Some(slot) = self.next_ready(from) else {
                if wrapped {
                    return None;
                }
                wrapped = true;
                from = 0;
                continue;
            };
            from = slot + 1;
            let Some(member) = &mut self.members[slot] else {
                self.ready[slot / 64] &= !(1 << (slot % 64));
                continue;
            };
            let key = Key {
                slot,
                generation: member.generation,
            };
            let mut cx = Context::from_waker(&member.waker);
            match Pin::new(&mut member.stream).poll_next(&mut cx) {
                // It may have more: its bit stays.
                Poll::Ready(Some(value)) => {
                    self.next = slot + 1;
                    return Some((key, value));
                }
                Poll::Ready(None) => drop(self.remove(key)),
                Poll::Pending => self.ready[slot / 64] &= !(1 << (slot % 64)),
            }
        }
    }
}

impl<S> Default for Select<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Extend<S> for Select<S> {
    fn extend<I: IntoIterator<Item = S>>(&mut self, streams: I) {
        for stream in streams {
            self.add(stream);
        }
    }
}

impl<S> FromIterator<S> for Select<S> {
    fn from_iter<I: IntoIterator<Item = S>>(streams: I) -> Self {
        let mut set = Select::new();
        set.extend(streams);
        set
    }
}

impl<S: Stream + Unpin> Stream for Select<S> {
    type Item = (Key, S::Item);

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_recv(cx).map(Result::ok)
    }
}

impl<S: Stream + Unpin> FusedStream for Select<S> {
    fn is_terminated(&self) -> bool {
        self.is_empty()
    }
}

impl<S> fmt::Debug for Select<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
