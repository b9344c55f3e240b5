//! What has come of each signal, and who waits.
//!
//! # Protocol
//!
//! ```text
//!   handler:   count + 1 ── write a byte
//!   waiter:    register with the hub ── read the pipe until it would block,
//!              register with the driver ── compare the count
//!   who reads a byte wakes all waiters of the hub
//! ```
//!
//! A signal that the waiter's comparison misses is counted after it, so its byte is
//! written later still: the driver tells of it. Should a waiter of another runtime
//! read the byte first, so that this driver finds the pipe empty again, then that
//! one wakes all who are registered with the hub, which this one is by then.

use super::SignalKind;
use crate::runtime::{Direction, Driver, Source, SourceWait, Token, current_driver};
use crate::wait::{self, WaitKey, WaitSet};
use mio::unix::SourceFd;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};
use std::task::{Context, Poll};

/// One more than the largest number of a signal, on all systems.
const KINDS: usize = 129;

pub(super) struct Hub {
    /// How often each signal has come, by number.
    counts: [AtomicU64; KINDS],
    installed: [AtomicBool; KINDS],
    state: Mutex<State>,
    reader: UnixStream,
    writer: UnixStream,
}

struct State {
    waiters: WaitSet,
    watches: Vec<Weak<Watch>>,
}

/// The pipe, in the driver of a runtime, for as long as somebody waits there.
struct Watch {
    driver: Arc<Driver>,
    source: Arc<Source>,
    token: Token,
    /// A descriptor of its own, as drivers know descriptors by number.
    reader: UnixStream,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let fd = self.reader.as_raw_fd();
        self.driver.remove(&mut SourceFd(&fd), &self.token);
    }
}

static HUB: OnceLock<Result<Hub, (io::ErrorKind, String)>> = OnceLock::new();

impl Hub {
    pub(super) fn get() -> io::Result<&'static Self> {
        let hub = HUB.get_or_init(|| {
            Self::new().map_err(|error| (error.kind(), format!("no pipe for signals: {error}")))
        });
        hub.as_ref()
            .map_err(|(kind, text)| io::Error::new(*kind, text.as_str()))
    }

    fn new() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        // A full pipe must not block a signal handler.
        writer.set_nonblocking(true)?;
        Ok(Self {
            counts: [const { AtomicU64::new(0) }; KINDS],
            installed: [const { AtomicBool::new(false) }; KINDS],
            state: Mutex::new(State {
                waiters: WaitSet::new(),
                watches: Vec::new(),
            }),
            reader,
            writer,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn count(&self, kind: SignalKind) -> u64 {
        // Acquire pairs with the release in the handler: not that anything is
        // published with it, but the byte must be written after it.
        self.counts[kind.as_raw() as usize].load(Ordering::Acquire)
    }

    /// Installs the handler, once, and returns how often the signal has come.
    pub(super) fn listen(&'static self, kind: SignalKind) -> io::Result<u64> {
        let number = kind.as_raw();
        let known = usize::try_from(number).is_ok_and(|number| 0 < number && number < KINDS);
        if !known || signal_hook_registry::FORBIDDEN.contains(&number) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{kind} cannot be listened for"),
            ));
        }
        // Before the handler is there: one that comes between the two counts, or else it
        // would neither end the process nor be told.
        let before = self.count(kind);
        // Under the lock, so that nobody listens before the handler is there.
        let state = self.lock();
        let index = number as usize;
        // Relaxed: under the lock.
        if !self.installed[index].load(Ordering::Relaxed) {
            let action = move || {
                // Release pairs with the acquire in `count`.
                self.counts[index].fetch_add(1, Ordering::Release);
                // If the pipe is full, there is enough to wake for.
                let _ = (&self.writer).write(&[0]);
            };
            // SAFETY: the handler counts and writes to a pipe, which is among what
            // a handler may do.
            unsafe { signal_hook_registry::register(number, action) }?;
            self.installed[index].store(true, Ordering::Relaxed);
        }
        drop(state);
        Ok(before)
    }

    /// Takes what is in the pipe, for all who wait anywhere.
    fn drain(&self) -> io::Result<()> {
        let mut bytes = [0; 64];
        let read = (&self.reader).read(&mut bytes);
        if let Ok(1..) = read {
            let waiters = self.lock().waiters.drain();
            waiters.wake();
        }
        read.map(drop)
    }

    /// The pipe in the driver of the runtime that this thread works for.
    fn watch(&self) -> io::Result<Arc<Watch>> {
        let driver = current_driver()?;
        let mut state = self.lock();
        state.watches.retain(|watch| watch.strong_count() != 0);
        let known = state.watches.iter().filter_map(Weak::upgrade);
        let known: Vec<_> = known.collect();
        if let Some(watch) = known.iter().find(|w| Arc::ptr_eq(&w.driver, &driver)) {
            let watch = watch.clone();
            // The last reference to another may be here, whose end locks others.
            drop(state);
            return Ok(watch);
        }
        let reader = self.reader.try_clone()?;
        let fd = reader.as_raw_fd();
        let (source, token) = driver.add(&mut SourceFd(&fd))?;
        let watch = Arc::new(Watch {
            driver,
            source,
            token,
            reader,
        });
        state.watches.push(Arc::downgrade(&watch));
        drop(state);
        Ok(watch)
    }
}

/// One who waits for signals, again and again.
pub(super) struct Listener {
    hub: &'static Hub,
    key: Option<WaitKey>,
    /// From the first wait on.
    watch: Option<(SourceWait, Arc<Watch>)>,
}

impl Listener {
    pub(super) fn new(hub: &'static Hub) -> Self {
        Self {
            hub,
            key: None,
            watch: None,
        }
    }

    /// Waits until more signals have come than `seen`, and returns how many.
    pub(super) fn poll_changed(
        &mut self,
        kind: SignalKind,
        seen: u64,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<u64>> {
        let hub = self.hub;
        let changed = || Some(hub.count(kind)).filter(|&count| count != seen);
        if let Some(count) = changed() {
            return Poll::Ready(Ok(count));
        }
        let (wait, _) = match &mut self.watch {
            Some(watch) => watch,
            none => {
                let watch = hub.watch()?;
                let wait = SourceWait::new(&watch.source, Direction::Read, kind.label());
                none.insert((wait, watch))
            }
        };
        let replaced = hub.lock().waiters.register(&mut self.key, cx.waker());
        drop(replaced);
        // One signal may take a few rounds: others read, and wake us, meanwhile.
        let emptied = wait::unmetered(|| {
            loop {
                match wait.poll_io(cx, || hub.drain()) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Err(error),
                    Poll::Pending => return Ok(()),
                }
            }
        });
        match (changed(), emptied) {
            (Some(count), _) => Poll::Ready(Ok(count)),
            (None, Ok(())) => Poll::Pending,
            (None, Err(error)) => Poll::Ready(Err(error)),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if self.key.is_some() {
            let waker = self.hub.lock().waiters.remove(&mut self.key);
            drop(waker);
        }
    }
}
