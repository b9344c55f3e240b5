//! The mailbox: where accepted messages wait for the host.
//!
//! # Purpose
//!
//! Many senders, one host, every policy of [`Full`], up to three lanes. An actor
//! costs little as long as it is not used much, so nothing is allocated before the
//! first message, and what is needed then grows with the messages. The rings of
//! `channel` are made for the opposite, and take a kibibyte each.
//!
//! # Invariants
//!
//! 1. The queue is touched under its lock only. No user code runs under it:
//!    messages are moved in and out, and dropped elsewhere.
//! 2. A lane holds at most `room` messages, those that the host has *taken* and
//!    not begun among them; so the bound is exact.
//! 3. Per lane first in, first out. The host takes from the highest lane first.
//! 4. After `close` nothing is accepted, and what was accepted is still taken.
//!
//! # Protocol
//!
//! **The edge.** A host that finds the queue empty leaves its waker there, under
//! the lock under which it looked. The push that finds the waker takes it, and
//! wakes after it has let go of the lock. Other pushes wake nobody.
//!
//! **Batches.** A host that finds messages exchanges the queue for its own empty
//! one, and then handles its batch without the lock: so a burst costs the lock
//! once. What is left of the batch is counted in `taken`, which only the host
//! writes. There are no batches where somebody else may have to take a message
//! out again (`drop_oldest`), or to overtake one (lanes).
//!
//! **Room.** A sender without room links itself into `senders`, raises `crowded`,
//! and looks again. The host, when it has begun a message, looks at `crowded`, and
//! if it is up, wakes one sender. With a batch that is a store and a load on
//! either side, in the order store, load:
//!
//! | sender | host |
//! |---|---|
//! | links, raises `crowded`; `heavy` if it was down, else a fence | writes `taken`; `light`, and a fence if `crowded` is up |
//! | reads `taken` | reads `crowded`, looks for who is linked |
//!
//! At least one of them sees the other, by the guarantee of `prim::asymmetric`; so
//! that the host pays nothing, `crowded` stays up until nobody has waited for a
//! while. A sender that was woken and gives up, or that did not need it, wakes
//! the next one.

use super::behavior::Full;
use super::message::Priority;
use crate::prim::Lock;
use crate::prim::asymmetric;
use crate::prim::sync::{AtomicBool, AtomicUsize, Ordering, fence};
use crate::stats::{self, ChannelStats, MessageCounts};
use crate::wait::{self, WaitList, Waiter, replace_waker};
use pin_project_lite::pin_project;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Messages in a row for which nobody waited, after which `crowded` is lowered.
const CALM: usize = if cfg!(any(loom, shuttle)) { 1 } else { 64 };

/// Messages for which a batch keeps its memory when it is empty.
const KEPT: usize = 256;

/// What senders and the host share.
pub(super) struct Mailbox<M> {
    queue: Lock<Queue<M>>,
    /// Messages that the host has taken and not begun; only the host writes it.
    taken: AtomicUsize,
    /// Whether senders wait, or have lately.
    crowded: AtomicBool,
    senders: WaitList,
    /// Messages that each lane has room for.
    room: usize,
    full: Full,
    /// Whether the host takes all there is at once.
    batches: bool,
}

struct Queue<M> {
    normal: VecDeque<M>,
    /// The lanes of higher and lower priority, once they were used.
    others: Option<Box<Others<M>>>,
    closed: bool,
    /// There while the host sleeps.
    host: Option<Waker>,
    counts: Counts,
}

/// For the statistics.
#[derive(Clone, Copy, Default)]
struct Counts {
    sent: u64,
    /// Those that were not handled.
    dropped: u64,
    /// The most that waited at a time.
    most: usize,
}

struct Others<M> {
    high: VecDeque<M>,
    low: VecDeque<M>,
}

impl<M> Queue<M> {
    fn lane(&mut self, priority: Priority) -> &mut VecDeque<M> {
        if priority == Priority::Normal {
            return &mut self.normal;
        }
        let others = self.others.get_or_insert_with(|| {
            Box::new(Others {
                high: VecDeque::new(),
                low: VecDeque::new(),
            })
        });
        match priority {
            Priority::High => &mut others.high,
            _ => &mut others.low,
        }
    }

    fn pop(&mut self) -> Option<M> {
        match &mut self.others {
            None => self.normal.pop_front(),
            Some(others) => others
                .high
                .pop_front()
                .or_else(|| self.normal.pop_front())
                .or_else(|| others.low.pop_front()),
        }
    }
}

/// Why a message was not accepted; it comes back.
pub(super) enum Refused<M> {
    Full(M),
    Closed(M),
}

impl<M> Mailbox<M> {
    /// Makes a mailbox; `lanes` tells whether messages have priorities.
    pub(super) fn new(room: usize, full: Full, lanes: bool) -> Self {
        Self {
            queue: Lock::new(Queue {
                normal: VecDeque::new(),
                others: None,
                closed: false,
                host: None,
                counts: Counts::default(),
            }),
            taken: AtomicUsize::new(0),
            // Where `light` orders nothing, the flag is always up.
            crowded: AtomicBool::new(!asymmetric::available()),
            senders: WaitList::new(),
            room,
            full,
            batches: !lanes && full != Full::DropOldest,
        }
    }

    pub(super) fn full(&self) -> Full {
        self.full
    }

    /// Accepts a message if there is room. With [`Full::DropOldest`] there always
    /// is, and what had to go for it is returned.
    #[inline]
    pub(super) fn push(&self, message: M, lane: Priority) -> Result<Option<M>, Refused<M>> {
        let mut queue = self.queue.lock();
        if queue.closed {
            return Err(Refused::Closed(message));
        }
        // Relaxed: "Room" in the module documentation.
        let taken = self.taken.load(Ordering::Relaxed);
        let messages = queue.lane(lane);
        let mut depth = messages.len() + taken;
        let mut oldest = None;
        if depth >= self.room {
            if self.full != Full::DropOldest {
                return Err(Refused::Full(message));
            }
            oldest = messages.pop_front();
            if oldest.is_some() {
                depth -= 1;
            }
        }
        messages.push_back(message);
        if stats::ON {
            queue.counts.sent += 1;
            if oldest.is_some() {
                queue.counts.dropped += 1;
            }
            if depth >= queue.counts.most {
                queue.counts.most = depth + 1;
            }
        }
        let host = queue.host.take();
        drop(queue);
        if let Some(host) = host {
            host.wake();
        }
        Ok(oldest)
    }

    /// Whether there is no room in a lane.
    pub(super) fn is_full(&self, lane: Priority) -> bool {
        let mut queue = self.queue.lock();
        // Relaxed: a snapshot.
        let taken = self.taken.load(Ordering::Relaxed);
        queue.lane(lane).len() + taken >= self.room
    }

    /// Accepts a message when there is room.
    pub(super) fn place(&self, message: M, lane: Priority) -> Placing<'_, M> {
        Placing {
            mailbox: self,
            message: Some(message),
            lane,
            waiter: Waiter::new(),
        }
    }

    /// Counts a message that was dropped for want of room.
    pub(super) fn count_refused(&self) {
        let mut queue = self.queue.lock();
        queue.counts.sent += 1;
        queue.counts.dropped += 1;
    }

    /// Counts a message that was accepted and is not handled.
    pub(super) fn count_dropped(&self) {
        self.queue.lock().counts.dropped += 1;
    }

    /// How many messages wait.
    fn depth(&self, queue: &Queue<M>) -> usize {
        let others = queue.others.as_ref();
        let others = others.map_or(0, |others| others.high.len() + others.low.len());
        // Relaxed: a snapshot.
        queue.normal.len() + others + self.taken.load(Ordering::Relaxed)
    }

    /// Fills in what the statistics show.
    pub(super) fn gauge(&self, stats: &mut ChannelStats) {
        let queue = self.queue.lock();
        let Counts {
            sent,
            dropped,
            most,
        } = queue.counts;
        stats.depth = self.depth(&queue);
        stats.capacity = (self.room != usize::MAX).then_some(self.room);
        stats.sent = sent;
        stats.dropped = dropped;
        stats.received = sent.saturating_sub(dropped + stats.depth as u64);
        stats.high_water = most;
        stats.closed = queue.closed;
    }

    /// What went through it so far. What is left when nobody has the mailbox any more was dropped,
    /// and counted.
    pub(super) fn messages(&self) -> MessageCounts {
        let queue = self.queue.lock();
        let Counts { sent, dropped, .. } = queue.counts;
        MessageCounts {
            sent,
            received: sent.saturating_sub(dropped + self.depth(&queue) as u64),
            dropped,
            spilled: 0,
        }
    }

    /// Accepts nothing more; whether it did until now.
    pub(super) fn close(&self) -> bool {
        let closed = std::mem::replace(&mut self.queue.lock().closed, true);
        self.senders.notify_all();
        !closed
    }
}

/// The host's end of a mailbox.
pub(super) struct Inbox<M> {
    batch: VecDeque<M>,
    /// Messages in a row that found `crowded` up and nobody waiting.
    calm: usize,
}

impl<M> Inbox<M> {
    pub(super) fn new() -> Self {
        Self {
            batch: VecDeque::new(),
            calm: 0,
        }
    }

    /// Takes the next message when there is one; none when the mailbox is closed
    /// and empty.
    #[inline(always)]
    pub(super) fn poll_next(
        &mut self,
        mailbox: &Mailbox<M>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<M>> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        if let Some(message) = self.pop(mailbox) {
            return Poll::Ready(Some(message));
        }
        self.poll_queue(mailbox, cx)
    }

    /// Takes a message that is not in the batch, or goes to sleep.
    fn poll_queue(&mut self, mailbox: &Mailbox<M>, cx: &mut Context<'_>) -> Poll<Option<M>> {
        let mut queue = mailbox.queue.lock();
        if let Some(message) = self.take(mailbox, &mut queue) {
            drop(queue);
            self.made_room(mailbox);
            return Poll::Ready(Some(message));
        }
        if queue.closed {
            return Poll::Ready(None);
        }
        let before = replace_waker(&mut queue.host, cx.waker());
        drop(queue);
        drop(before);
        Poll::Pending
    }

    /// Takes the next message if there is one.
    pub(super) fn next(&mut self, mailbox: &Mailbox<M>) -> Option<M> {
        if let Some(message) = self.pop(mailbox) {
            return Some(message);
        }
        let message = self.take(mailbox, &mut mailbox.queue.lock())?;
        self.made_room(mailbox);
        Some(message)
    }

    /// Makes a message that was taken the next one again. If its room was given away
    /// meanwhile, the mailbox holds one more than it should.
    pub(super) fn put_back(&mut self, mailbox: &Mailbox<M>, message: M) {
        self.batch.push_front(message);
        // Without batches `taken` stays 0: it would count in every lane.
        if mailbox.batches {
            // Relaxed: a sender that misses it has found room that was there before.
            mailbox.taken.store(self.batch.len(), Ordering::Relaxed);
        }
    }

    /// Takes a message from the batch.
    #[inline(always)]
    fn pop(&mut self, mailbox: &Mailbox<M>) -> Option<M> {
        let message = self.batch.pop_front()?;
        // Relaxed: "Room" in the module documentation.
        mailbox.taken.store(self.batch.len(), Ordering::Relaxed);
        self.made_room(mailbox);
        Some(message)
    }

    /// Takes a message from the queue, and the rest for a batch. The batch is empty.
    #[inline(always)]
    fn take(&mut self, mailbox: &Mailbox<M>, queue: &mut Queue<M>) -> Option<M> {
        if !mailbox.batches {
            return queue.pop();
        }
        if queue.normal.len() < 2 {
            return queue.normal.pop_front();
        }
        if self.batch.capacity() > KEPT {
            // It was a burst.
            self.batch.shrink_to(KEPT);
        }
        std::mem::swap(&mut self.batch, &mut queue.normal);
        let message = self.batch.pop_front();
        // Relaxed: under the lock that senders look under.
        mailbox.taken.store(self.batch.len(), Ordering::Relaxed);
        message
    }

    /// Wakes a sender after a message has left its lane.
    #[inline]
    fn made_room(&mut self, mailbox: &Mailbox<M>) {
        // Pairs with `heavy` in `Placing::poll`.
        asymmetric::light();
        // Relaxed: ordered by `light`.
        if mailbox.crowded.load(Ordering::Relaxed) {
            self.wake_sender(mailbox);
        }
    }

    #[cold]
    fn wake_sender(&mut self, mailbox: &Mailbox<M>) {
        // SeqCst: store-buffer argument of "Room"; pairs with the fence in
        // `Placing::poll`.
        fence(Ordering::SeqCst);
        if !mailbox.senders.is_empty() {
            self.calm = 0;
            mailbox.senders.notify_one();
            return;
        }
        self.calm += 1;
        if self.calm >= CALM && asymmetric::available() {
            self.calm = 0;
            // Relaxed: who raises it does so under the list's lock, which is held.
            let lower = || mailbox.crowded.store(false, Ordering::Relaxed);
            mailbox.senders.if_empty(lower);
        }
    }
}

pin_project! {
    /// Places a message in the mailbox when there is room for it; if the mailbox
    /// is closed, yields it.
    ///
    /// One that is dropped before it is done has placed nothing.
    pub(super) struct Placing<'a, M> {
        mailbox: &'a Mailbox<M>,
        message: Option<M>,
        lane: Priority,
        #[pin]
        waiter: Waiter,
    }

    impl<M> PinnedDrop for Placing<'_, M> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if !this.waiter.is_idle() && this.mailbox.senders.remove(&this.waiter) {
                // It was woken for room that it does not use.
                this.mailbox.senders.notify_one();
            }
        }
    }
}

impl<M> Future for Placing<'_, M> {
    type Output = Result<(), M>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        let this = self.project();
        let waiter = this.waiter.into_ref();
        let push = |message: &mut Option<M>| {
            let this_one = message
                .take()
                .expect("a placing was polled after it was done");
            match this.mailbox.push(this_one, *this.lane) {
                // Who waits displaces nothing.
                Ok(_) => Some(Ok(())),
                Err(Refused::Closed(back)) => Some(Err(back)),
                Err(Refused::Full(back)) => {
                    *message = Some(back);
                    None
                }
            }
        };
        let woken = waiter.is_notified();
        let mut done = push(this.message);
        if done.is_none() {
            let raise = || {
                // Relaxed: changed only under the lock that is held, and made
                // visible by what follows.
                if !this.mailbox.crowded.load(Ordering::Relaxed) {
                    this.mailbox.crowded.store(true, Ordering::Relaxed);
                    // Pairs with `light` in `made_room`. Under the lock, so that
                    // nobody takes the flag for raised before it is.
                    asymmetric::heavy();
                }
            };
            // SAFETY: the waiter is this future's, which is pinned, is used with
            // this list only, and is removed from it when it is dropped.
            unsafe { this.mailbox.senders.register(waiter, cx.waker(), raise) };
            // SeqCst: store-buffer argument of "Room"; pairs with the fence in
            // `wake_sender`.
            fence(Ordering::SeqCst);
            done = push(this.message);
        }
        let Some(done) = done else {
            wait::note(&"room in a mailbox");
            return Poll::Pending;
        };
        if this.mailbox.senders.remove(&waiter) && !woken {
            // Woken between the looks: that room is somebody else's.
            this.mailbox.senders.notify_one();
        }
        Poll::Ready(done)
    }
}
