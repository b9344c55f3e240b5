//! Waiting for the operating system.
//!
//! One thread at a time holds the poller. Whoever would park takes it if it is
//! free; the poller's waker gets that thread out again.

use std::io;
use std::sync::{Mutex, TryLockError};
use std::time::Duration;

const WAKE: mio::Token = mio::Token(usize::MAX);

pub(super) struct Driver {
    poller: Mutex<Poller>,
    waker: mio::Waker,
}

pub(super) struct Poller {
    poll: mio::Poll,
    events: mio::Events,
}

impl Driver {
    pub(super) fn new() -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), WAKE)?;
        Ok(Self {
            poller: Mutex::new(Poller {
                poll,
                events: mio::Events::with_capacity(256),
            }),
            waker,
        })
    }

    /// Gets the thread out that waits in the driver.
    pub(super) fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            // A full counter means that a wake-up is pending already.
            debug_assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        }
    }

    /// Takes the poller, unless another thread has it.
    pub(super) fn try_lock(&self) -> Option<std::sync::MutexGuard<'_, Poller>> {
        match self.poller.try_lock() {
            Ok(poller) => Some(poller),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Poller {
    /// Waits for events, at most for `timeout`.
    pub(super) fn turn(&mut self, timeout: Option<Duration>) {
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => panic!("the operating system's poller failed: {error}"),
        }
    }
}
