//! nio on two workers, one of which is the root's thread.

use std::cell::RefCell;
use std::time::Duration;

use nio::{JoinHandle, LocalRuntime, RuntimeBuilder};

use super::{Peer, Timers, Unwrapped, Value};
use crate::WORKERS;
use crate::work::{self, HOUR};

/// nio on two workers, one of which is the root's thread.
pub struct Nio(RefCell<LocalRuntime>);

impl Nio {
    pub(crate) fn start() -> Nio {
        let builder = RuntimeBuilder::new().worker_threads(WORKERS as u8);
        Nio(RefCell::new(builder.build().expect("the runtime starts")))
    }
}

impl Peer for Nio {
    type Handle<T: Value> = Unwrapped<JoinHandle<T>>;

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.borrow_mut().block_on(future)
    }

    fn spawn<F>(future: F) -> Self::Handle<F::Output>
    where
        F: Future<Output: Value> + Send + 'static,
    {
        Unwrapped(nio::spawn(future))
    }

    fn detach<T: Value>(handle: Self::Handle<T>) {
        drop(handle);
    }

    // It does not await the handles: nio-task 0.2.0 loses the wake-up of one that
    // is awaited by a second waker while its task ends.
    async fn cancel_all<T: Value>(handles: Vec<Self::Handle<T>>) {
        for Unwrapped(handle) in &handles {
            handle.abort();
        }
    }
}

/// A sleep of nio stays with its worker, and so do the tasks that sleep.
impl Timers for Nio {
    fn sleep(duration: Duration) -> impl Future {
        nio::sleep(duration)
    }

    fn timeout<F: Future>(
        duration: Duration,
        future: F,
    ) -> impl Future<Output = Option<F::Output>> {
        nio::timeout(duration, future)
    }

    fn spawn_sleeper() -> Self::Handle<()> {
        Unwrapped(nio::spawn_pinned(|| work::sleeper(nio::sleep)))
    }

    fn spawn_sleeps(count: u64) -> Self::Handle<u64> {
        Unwrapped(nio::spawn_pinned(move || work::sleeps(count, nio::sleep)))
    }

    fn spawn_timeouts(count: u64) -> Self::Handle<u64> {
        let timeout = || Self::timeout(HOUR, Self::yield_now());
        Unwrapped(nio::spawn_pinned(move || work::timeouts(count, timeout)))
    }

    fn spawn_ticks() -> Self::Handle<Vec<Duration>> {
        Unwrapped(nio::spawn_pinned(|| work::ticks(nio::sleep)))
    }
}
