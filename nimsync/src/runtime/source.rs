//! What the driver knows of one descriptor, and who waits for it.
//!
//! # Protocol
//!
//! The operating system tells of *edges*: that something has become readable or
//! writable. What waits here goes by *levels*: a source is ready from an edge on
//! until an operation on it has said that it would block. So an edge is never
//! lost, whoever waits when.
//!
//! ```text
//!   operation:  read the state (ready, tick) ── try ── would block ── clear, if the tick is the same
//!   driver:     set ready, tick + 1 ── take the waiters ── wake them
//! ```
//!
//! The tick closes the gap between "would block" and "clear": what the driver
//! saw in between stays. A waiter registers under the lock and then looks at the
//! state again; the driver raises the state and then takes the waiters under the
//! lock: in whatever order, one of the two sees the other.

#[cfg(all(test, loom))]
mod loom_tests;

use super::driver::Driver;
use crate::prim::Lock;
use crate::prim::atomic::{AtomicU32, Ordering};
use crate::wait::{self, WaitKey, WaitSet};
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

const READABLE: u32 = 1;
const WRITABLE: u32 = 1 << 1;
/// Nothing more will come: reading never blocks again. Never cleared, since no
/// further edge would say so.
const READ_CLOSED: u32 = 1 << 2;
/// Nothing more can be sent: writing never blocks again.
const WRITE_CLOSED: u32 = 1 << 3;
/// The runtime has ended: no edge will be seen any more.
const GONE: u32 = 1 << 4;
const TICK: u32 = 1 << 8;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

impl Direction {
    fn ready(self) -> u32 {
        match self {
            Self::Read => READABLE | READ_CLOSED,
            Self::Write => WRITABLE | WRITE_CLOSED,
        }
    }

    fn edge(self) -> u32 {
        match self {
            Self::Read => READABLE,
            Self::Write => WRITABLE,
        }
    }
}

/// The state in which an operation was tried.
#[derive(Clone, Copy)]
struct Seen {
    tick: u32,
}

pub(crate) struct Source {
    driver: Arc<Driver>,
    state: AtomicU32,
    waiters: Lock<Waiters>,
}

/// One lock for both: an edge is mostly one of both directions.
struct Waiters {
    readers: WaitSet,
    writers: WaitSet,
}

impl Waiters {
    fn of(&mut self, direction: Direction) -> &mut WaitSet {
        match direction {
            Direction::Read => &mut self.readers,
            Direction::Write => &mut self.writers,
        }
    }
}

impl Source {
    /// It is taken for ready, so the first operation tries its luck.
    pub(super) fn new(driver: Arc<Driver>) -> Self {
        Self {
            driver,
            state: AtomicU32::new(READABLE | WRITABLE),
            waiters: Lock::new(Waiters {
                readers: WaitSet::new(),
                writers: WaitSet::new(),
            }),
        }
    }

    pub(crate) fn driver(&self) -> &Arc<Driver> {
        &self.driver
    }

    /// Notes an edge, and takes out whom to wake.
    pub(super) fn note(&self, event: &mio::event::Event, wakers: &mut Vec<Waker>) {
        let mut bits = 0;
        if event.is_readable() || event.is_error() {
            bits |= READABLE;
        }
        if event.is_read_closed() {
            bits |= READABLE | READ_CLOSED;
        }
        if event.is_writable() || event.is_error() {
            bits |= WRITABLE;
        }
        if event.is_write_closed() {
            bits |= WRITABLE | WRITE_CLOSED;
        }
        self.raise(bits, wakers);
    }

    /// The driver will not be turned any more.
    pub(super) fn end(&self, wakers: &mut Vec<Waker>) {
        self.raise(READABLE | WRITABLE | GONE, wakers);
    }

    fn raise(&self, bits: u32, wakers: &mut Vec<Waker>) {
        let next = |state: u32| Some((state | bits).wrapping_add(TICK));
        // Release pairs with the acquire in `poll_ready`.
        let _ = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, next);
        let mut waiters = self.waiters.lock();
        if bits & READABLE != 0 {
            waiters.readers.drain_to(wakers);
        }
        if bits & WRITABLE != 0 {
            waiters.writers.drain_to(wakers);
        }
    }

    /// Whether anybody waits.
    pub(super) fn is_awaited(&self) -> bool {
        let waiters = self.waiters.lock();
        !waiters.readers.is_empty() || !waiters.writers.is_empty()
    }

    fn seen(&self, direction: Direction) -> Option<Seen> {
        // Acquire pairs with the release in `raise`.
        let state = self.state.load(Ordering::Acquire);
        (state & direction.ready() != 0).then_some(Seen { tick: state / TICK })
    }

    fn poll_ready(
        &self,
        direction: Direction,
        key: &mut Option<WaitKey>,
        cx: &mut Context<'_>,
    ) -> Poll<Seen> {
        if let Some(seen) = self.seen(direction) {
            return Poll::Ready(seen);
        }
        let before = self.waiters.lock().of(direction).register(key, cx.waker());
        drop(before);
        match self.seen(direction) {
            Some(seen) => Poll::Ready(seen),
            None => Poll::Pending,
        }
    }

    /// Tries `operation` once, if the source is ready as far as anybody knows.
    #[cfg(unix)]
    pub(crate) fn try_io<R>(
        &self,
        direction: Direction,
        operation: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        let Some(seen) = self.seen(direction) else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let outcome = operation();
        if let Err(error) = &outcome
            && error.kind() == io::ErrorKind::WouldBlock
        {
            self.clear(direction, seen)?;
        }
        outcome
    }

    /// An operation would have blocked, or has taken all there was.
    ///
    /// # Errors
    ///
    /// If nothing will ever make the source ready again.
    fn clear(&self, direction: Direction, seen: Seen) -> io::Result<()> {
        let next = |state: u32| {
            let same = state / TICK == seen.tick && state & GONE == 0;
            same.then_some(state & !direction.edge())
        };
        // Relaxed: it hands nothing over.
        let state = self
            .state
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        match state {
            Err(state) if state & GONE != 0 => Err(io::Error::other(
                "the runtime that this descriptor was made in has ended",
            )),
            _ => Ok(()),
        }
    }
}

/// One who waits for a source, again and again.
pub(crate) struct SourceWait {
    source: Arc<Source>,
    direction: Direction,
    key: Option<WaitKey>,
    label: &'static &'static str,
}

impl SourceWait {
    pub(crate) fn new(
        source: &Arc<Source>,
        direction: Direction,
        label: &'static &'static str,
    ) -> Self {
        Self {
            source: source.clone(),
            direction,
            key: None,
            label,
        }
    }

    /// Tries `operation` until it does something else than to block.
    pub(crate) fn poll_io<R>(
        &mut self,
        cx: &mut Context<'_>,
        operation: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_until(cx, operation, |_| false)
    }

    /// As [`poll_io`](Self::poll_io) for what moves up to `wanted` bytes of a
    /// stream. Having moved less means that the next try would block, which saves
    /// that try.
    pub(crate) fn poll_bytes(
        &mut self,
        cx: &mut Context<'_>,
        wanted: usize,
        operation: impl FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        // Elsewhere mio wants to see that an operation would block before it
        // tells of the next edge.
        self.poll_until(cx, operation, |&moved| {
            cfg!(unix) && 0 < moved && moved < wanted
        })
    }

    /// Tries `operation`; `drained` tells from its outcome that the next try would
    /// block.
    fn poll_until<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut operation: impl FnMut() -> io::Result<R>,
        drained: impl Fn(&R) -> bool,
    ) -> Poll<io::Result<R>> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        loop {
            let seen = ready!(self.poll_ready(cx));
            match operation() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.source.clear(self.direction, seen)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => {
                    if outcome.as_ref().is_ok_and(&drained) {
                        // What is wrong with the source shows at the next try.
                        let _ = self.source.clear(self.direction, seen);
                    }
                    return Poll::Ready(outcome);
                }
            }
        }
    }

    /// Waits until an operation is worth a try.
    #[cfg(unix)]
    pub(crate) fn poll_worth(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        self.poll_ready(cx).map(drop)
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Seen> {
        let poll = self.source.poll_ready(self.direction, &mut self.key, cx);
        if poll.is_pending() {
            wait::note(self.label);
        }
        poll
    }
}

impl Drop for SourceWait {
    fn drop(&mut self) {
        if self.key.is_some() {
            let mut waiters = self.source.waiters.lock();
            let waker = waiters.of(self.direction).remove(&mut self.key);
            drop(waiters);
            drop(waker);
        }
    }
}
