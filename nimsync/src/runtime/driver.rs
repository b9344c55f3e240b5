//! Waiting for the operating system.
//!
//! One thread at a time holds the poller. Whoever would park takes it if it is
//! free; the poller's waker gets that thread out again. Workers that are busy
//! turn it without waiting, every now and then. What is to be woken is handed to
//! the caller, who wakes it as a worker that is awake.

use super::source::Source;
use crate::prim::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use slab::Slab;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::task::Waker;
use std::time::Duration;

const WAKE: mio::Token = mio::Token(usize::MAX);
/// For how long workers that have tasks to run leave the poller alone, in
/// nanoseconds. A turn costs as much as a tenth of a small request, and finds the
/// more the later it comes; what waits for I/O should not wait for long besides.
const TURN_EVERY: u64 = 250_000;

pub(crate) struct Driver {
    poller: Mutex<Poller>,
    waker: mio::Waker,
    registry: mio::Registry,
    /// By token. An event for one that is gone, or for the next one with its
    /// number, makes nobody wait too long: readiness is only a hint to try.
    sources: Mutex<Slab<Arc<Source>>>,
    /// How many there are. A hint.
    count: AtomicUsize,
    /// When it was turned last, by the clock of the runtime. A hint.
    turned: AtomicU64,
    ended: AtomicBool,
}

pub(super) struct Poller {
    poll: mio::Poll,
    events: mio::Events,
}

/// A source in a driver; given back by [`Driver::remove`].
pub(crate) struct Token(usize);

impl Driver {
    pub(super) fn new() -> io::Result<Arc<Self>> {
        let poll = mio::Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), WAKE)?;
        Ok(Arc::new(Self {
            registry: poll.registry().try_clone()?,
            poller: Mutex::new(Poller {
                poll,
                events: mio::Events::with_capacity(256),
            }),
            waker,
            sources: Mutex::new(Slab::new()),
            count: AtomicUsize::new(0),
            turned: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        }))
    }

    fn sources(&self) -> MutexGuard<'_, Slab<Arc<Source>>> {
        self.sources.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Begins to watch a descriptor.
    ///
    /// # Errors
    ///
    /// What the operating system says; or that the runtime has ended.
    pub(crate) fn add(
        self: &Arc<Self>,
        io: &mut impl mio::event::Source,
    ) -> io::Result<(Arc<Source>, Token)> {
        let source = Arc::new(Source::new(self.clone()));
        let token = {
            let mut sources = self.sources();
            if self.ended.load(Ordering::Relaxed) {
                // Relaxed: under the lock.
                return Err(io::Error::other("the runtime has ended"));
            }
            sources.insert(source.clone())
        };
        let interest = mio::Interest::READABLE | mio::Interest::WRITABLE;
        if let Err(error) = self.registry.register(io, mio::Token(token), interest) {
            self.sources().remove(token);
            return Err(error);
        }
        // Relaxed: a hint.
        self.count.fetch_add(1, Ordering::Relaxed);
        Ok((source, Token(token)))
    }

    /// Ends watching a descriptor.
    pub(crate) fn remove(&self, io: &mut impl mio::event::Source, token: &Token) {
        // It fails if the descriptor is not the user's any more; then there is
        // nothing to end.
        let _ = self.registry.deregister(io);
        let source = self.sources().try_remove(token.0);
        drop(source);
        // Relaxed: a hint.
        self.count.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether there is anything to watch. A hint.
    pub(super) fn is_used(&self) -> bool {
        // Relaxed: a hint.
        self.count.load(Ordering::Relaxed) != 0
    }

    /// Whether a worker that has tasks to run should turn it.
    pub(super) fn is_due(&self, now: u64) -> bool {
        // Relaxed: a hint.
        self.is_used() && now.saturating_sub(self.turned.load(Ordering::Relaxed)) >= TURN_EVERY
    }

    /// Notes that it was turned.
    pub(super) fn note_turn(&self, now: u64) {
        // Relaxed: a hint.
        self.turned.store(now, Ordering::Relaxed);
    }

    /// Whether anybody waits for a descriptor.
    pub(super) fn is_awaited(&self) -> bool {
        self.is_used() && self.sources().iter().any(|(_, source)| source.is_awaited())
    }

    /// Nobody will turn the driver any more: ends all waits, in an error.
    pub(super) fn end(&self) {
        let mut wakers = Vec::new();
        {
            let sources = self.sources();
            // Relaxed: under the lock.
            self.ended.store(true, Ordering::Relaxed);
            for (_, source) in &*sources {
                source.end(&mut wakers);
            }
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Gets the thread out that waits in the driver.
    pub(super) fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            // A full counter means that a wake-up is pending already.
            debug_assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        }
    }

    /// Takes the poller, unless another thread has it.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, Poller>> {
        match self.poller.try_lock() {
            Ok(poller) => Some(poller),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Waits for events, at most for `timeout`, and puts the wakers of those who
    /// waited for them into `wakers`.
    pub(super) fn turn(
        &self,
        poller: &mut Poller,
        timeout: Option<Duration>,
        wakers: &mut Vec<Waker>,
    ) {
        match poller.poll.poll(&mut poller.events, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            Err(error) => panic!("the operating system's poller failed: {error}"),
        }
        let mut events = poller.events.iter().filter(|event| event.token() != WAKE);
        let Some(first) = events.next() else { return };
        let sources = self.sources();
        for event in std::iter::once(first).chain(events) {
            if let Some(source) = sources.get(event.token().0) {
                source.note(event, wakers);
            }
        }
    }
}
