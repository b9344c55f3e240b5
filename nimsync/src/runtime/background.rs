//! What goes on by itself, without being anybody's task.
//!
//! A child process that was dropped has to be waited for, by nobody in
//! particular. Such a future is driven by its own wakers: whoever wakes it polls
//! it there and then. So it must be quick, must not block, and must not use what
//! needs a task around it.
//!
//! # Protocol
//!
//! ```text
//!   idle ── woken ──▶ polled ── pending ──▶ idle
//!                        │ ▲
//!                        └─┘ woken meanwhile, by whomever: polled once more
//! ```
//!
//! The future is taken out of its place while it is polled, so waking it never
//! waits for a poll, also not from within that poll.

use crate::wait;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};

/// Polls `future` now, and whenever it is woken, until it is ready.
pub(crate) fn background(future: impl Future<Output = ()> + Send + 'static) {
    let background = Arc::new(Background {
        state: Mutex::new(State {
            future: Some(Box::pin(future)),
            woken: false,
        }),
    });
    background.wake();
}

struct Background {
    state: Mutex<State>,
}

struct State {
    /// `None` while it is polled, and when it is over.
    future: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    woken: bool,
}

impl Background {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn poll(self: &Arc<Self>) {
        let mut state = self.lock();
        state.woken = true;
        let Some(mut future) = state.future.take() else {
            return;
        };
        let waker = Waker::from(self.clone());
        while std::mem::take(&mut state.woken) {
            drop(state);
            let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(()) = poll {
                return;
            }
            state = self.lock();
        }
        state.future = Some(future);
    }
}

impl Wake for Background {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Whatever task is being polled here, it is not on its account.
        wait::unmetered(|| self.poll());
    }
}
