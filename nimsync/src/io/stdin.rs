//! The standard input.
//!
//! A read of a terminal lasts until somebody types, and cannot be stopped. On the
//! blocking pool it would keep its task, and the runtime, from ending. So one
//! thread for the process reads when it is asked to, and whatever it reads is kept
//! for the next one who asks.

use crate::wait::{self, WaitKey, WaitSet};
use futures::io::AsyncRead;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::thread;

/// How much is read at once.
const PIECE: usize = 64 * 1024;

static INPUT: Input = Input {
    state: Mutex::new(State {
        bytes: Vec::new(),
        taken: 0,
        end: None,
        wanted: false,
        started: false,
        waiters: WaitSet::new(),
    }),
    asked: Condvar::new(),
};

struct Input {
    state: Mutex<State>,
    /// Somebody wants to read.
    asked: Condvar,
}

struct State {
    bytes: Vec<u8>,
    taken: usize,
    /// What is to be told after the bytes: the end, or an error.
    end: Option<io::Result<()>>,
    wanted: bool,
    /// Whether the thread is there.
    started: bool,
    waiters: WaitSet,
}

/// The standard input of the process.
///
/// All handles read from one source: each byte goes to one of them. A thread of
/// the process does the reading, when a task waits for it. It reads ahead, so
/// [`std::io::stdin`] and child processes that inherit the input miss what it has
/// taken. The thread ends with the process; it keeps no task and no runtime from
/// ending.
///
/// A test that is to end when nothing can go on
/// ([`stuck_after`](crate::Builder::stuck_after)) does not know that the thread
/// may still bring something.
///
/// # Cancel safety
///
/// A read may be dropped at any time. What comes is for the next read.
///
/// # Examples
///
/// ```no_run
/// use nimsync::io::{AsyncBufReadExt, BufReader, stdin};
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let mut lines = BufReader::new(stdin()).lines();
/// while let Some(line) = lines.next().await {
///     println!("{}", line?);
/// }
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[must_use]
pub fn stdin() -> Stdin {
    Stdin { key: None }
}

/// The reader that [`stdin`] returns.
pub struct Stdin {
    key: Option<WaitKey>,
}

impl Input {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The body of the thread.
    fn run(&self) {
        let mut room = vec![0; PIECE];
        loop {
            let mut state = self.lock();
            while !state.wanted {
                state = self.asked.wait(state).unwrap_or_else(|e| e.into_inner());
            }
            drop(state);
            let read = io::stdin().read(&mut room);
            let mut state = self.lock();
            match read {
                Ok(0) => state.end = Some(Ok(())),
                Ok(count) => {
                    state.bytes.clear();
                    state.bytes.extend_from_slice(&room[..count]);
                    state.taken = 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => state.end = Some(Err(error)),
            }
            state.wanted = false;
            let waiters = state.waiters.drain();
            drop(state);
            waiters.wake();
        }
    }

    /// Has the thread read.
    fn ask(&'static self, state: &mut State) -> io::Result<()> {
        if !state.started {
            let thread = thread::Builder::new().name("nimsync-stdin".to_owned());
            thread.spawn(|| self.run())?;
            state.started = true;
        }
        if !std::mem::replace(&mut state.wanted, true) {
            self.asked.notify_one();
        }
        Ok(())
    }
}

impl State {
    fn take(&mut self, into: &mut [u8]) -> Option<io::Result<usize>> {
        let left = &self.bytes[self.taken..];
        if left.is_empty() {
            return self.end.take().map(|end| end.map(|()| 0));
        }
        let count = left.len().min(into.len());
        into[..count].copy_from_slice(&left[..count]);
        self.taken += count;
        Some(Ok(count))
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        let mut state = INPUT.lock();
        if let Some(read) = state.take(bytes) {
            return Poll::Ready(read);
        }
        INPUT.ask(&mut state)?;
        let replaced = state.waiters.register(&mut self.key, cx.waker());
        drop(state);
        drop(replaced);
        wait::note(&"the standard input");
        Poll::Pending
    }
}

impl Drop for Stdin {
    fn drop(&mut self) {
        if self.key.is_some() {
            let waker = INPUT.lock().waiters.remove(&mut self.key);
            drop(waker);
        }
    }
}

impl std::fmt::Debug for Stdin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stdin").finish_non_exhaustive()
    }
}
