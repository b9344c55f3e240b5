//! Signals of the operating system (Unix).
//!
//! The first wait for a signal installs a handler for it and starts one thread
//! for the process, which sleeps in a read from a pipe that the handler writes
//! to, and wakes the waiting tasks. From then on the signal no longer ends the
//! process by itself.

use crate::wait::{self, WaitKey, WaitSet};
use std::future::Future;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::task::{Context, Poll};

/// Waits for ctrl-c (`SIGINT`).
///
/// Only what comes after the call counts. From the first call on, ctrl-c does
/// not end the process any more.
///
/// # Cancel safety
///
/// It may be dropped at any time.
///
/// # Errors
///
/// If the operating system refuses the handler.
///
/// # Examples
///
/// ```no_run
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let scope = CancelScope::new();
///     let done = race!(
///         async { scope.run(sleep(1.minutes())).await.is_ok() },
///         async { nimsync::signal::ctrl_c().await.is_err() },
///     ).await;
///     println!("ended by itself: {done}");
/// });
/// ```
pub fn ctrl_c() -> Signal {
    Signal::of(libc_numbers::INTERRUPT)
}

/// Waits for the request to terminate (`SIGTERM`).
///
/// # Cancel safety
///
/// It may be dropped at any time.
///
/// # Errors
///
/// If the operating system refuses the handler.
pub fn terminate() -> Signal {
    Signal::of(libc_numbers::TERMINATE)
}

/// The numbers that POSIX fixes for these two.
mod libc_numbers {
    pub(super) const INTERRUPT: i32 = 2;
    pub(super) const TERMINATE: i32 = 15;
}

/// The signals that can be waited for, and what has come of them.
struct Hub {
    state: Mutex<State>,
    pipe: UnixStream,
}

struct State {
    /// How often each signal has come, by number.
    seen: [u64; 32],
    installed: [bool; 32],
    waiters: WaitSet,
}

static HUB: OnceLock<Result<Hub, io::ErrorKind>> = OnceLock::new();

fn hub() -> io::Result<&'static Hub> {
    let hub = HUB.get_or_init(|| Hub::start().map_err(|error| error.kind()));
    hub.as_ref().map_err(|&kind| kind.into())
}

impl Hub {
    fn start() -> io::Result<Self> {
        let (mut reader, pipe) = UnixStream::pair()?;
        // A full pipe must not block a signal handler.
        pipe.set_nonblocking(true)?;
        std::thread::Builder::new()
            .name("nimsync-signals".to_owned())
            .spawn(move || {
                let mut numbers = [0; 64];
                while let Ok(count @ 1..) = reader.read(&mut numbers) {
                    if let Ok(hub) = hub() {
                        hub.dispatch(&numbers[..count]);
                    }
                }
            })?;
        Ok(Self {
            state: Mutex::new(State {
                seen: [0; 32],
                installed: [false; 32],
                waiters: WaitSet::new(),
            }),
            pipe,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn dispatch(&self, numbers: &[u8]) {
        let waiters = {
            let mut state = self.lock();
            for &number in numbers {
                state.seen[usize::from(number)] += 1;
            }
            state.waiters.drain()
        };
        waiters.wake();
    }

    /// Installs the handler, once, and returns how often the signal has come.
    fn listen(&'static self, number: i32) -> io::Result<u64> {
        let mut state = self.lock();
        let index = number as usize;
        if !state.installed[index] {
            // SAFETY: the handler does nothing but write to a pipe, which is
            // among what a handler may do.
            unsafe {
                signal_hook_registry::register(number, move || {
                    // If the pipe is full, the reader has enough to wake for.
                    let _ = (&self.pipe).write(&[number as u8]);
                })
            }?;
            state.installed[index] = true;
        }
        Ok(state.seen[index])
    }
}

/// The future of [`ctrl_c`] and [`terminate`].
#[must_use = "futures do nothing until they are awaited"]
pub struct Signal {
    number: i32,
    /// How often the signal had come when the wait began.
    before: io::Result<u64>,
    key: Option<WaitKey>,
}

impl Signal {
    fn of(number: i32) -> Self {
        Self {
            number,
            before: hub().and_then(|hub| hub.listen(number)),
            key: None,
        }
    }
}

impl Future for Signal {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = match &this.before {
            Ok(before) => *before,
            Err(error) => return Poll::Ready(Err(error.kind().into())),
        };
        let mut state = hub()?.lock();
        if state.seen[this.number as usize] != before {
            return Poll::Ready(Ok(()));
        }
        let replaced = state.waiters.register(&mut this.key, cx.waker());
        drop(state);
        drop(replaced);
        wait::note(&"a signal");
        Poll::Pending
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        if let (Some(_), Ok(hub)) = (&self.key, hub()) {
            let waker = hub.lock().waiters.remove(&mut self.key);
            drop(waker);
        }
    }
}

impl std::fmt::Debug for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signal")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
