//! tokio's multi-threaded runtime.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::{Peer, Timers, Unwrapped, Value};
use crate::WORKERS;
use crate::work::{self, HOUR};

/// tokio's multi-threaded runtime.
#[derive(Debug)]
pub struct Tokio(Runtime);

impl Tokio {
    pub(crate) fn start() -> Tokio {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(WORKERS).enable_time();
        Tokio(builder.build().expect("the runtime starts"))
    }
}

impl Peer for Tokio {
    type Handle<T: Value> = Unwrapped<JoinHandle<T>>;

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn spawn<F>(future: F) -> Self::Handle<F::Output>
    where
        F: Future<Output: Value> + Send + 'static,
    {
        Unwrapped(tokio::spawn(future))
    }

    fn detach<T: Value>(handle: Self::Handle<T>) {
        drop(handle);
    }

    async fn cancel_all<T: Value>(handles: Vec<Self::Handle<T>>) {
        for Unwrapped(handle) in &handles {
            handle.abort();
        }
        for Unwrapped(handle) in handles {
            if !handle.is_finished() {
                drop(handle.await);
            }
        }
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }
}

impl Timers for Tokio {
    fn sleep(duration: Duration) -> impl Future {
        tokio::time::sleep(duration)
    }

    async fn timeout<F: Future>(duration: Duration, future: F) -> Option<F::Output> {
        tokio::time::timeout(duration, future).await.ok()
    }

    fn spawn_sleeper() -> Self::Handle<()> {
        Self::spawn(work::sleeper(tokio::time::sleep))
    }

    fn spawn_sleeps(count: u64) -> Self::Handle<u64> {
        Self::spawn(work::sleeps(count, tokio::time::sleep))
    }

    fn spawn_timeouts(count: u64) -> Self::Handle<u64> {
        let timeout = || Self::timeout(HOUR, Self::yield_now());
        Self::spawn(work::timeouts(count, timeout))
    }

    fn spawn_ticks() -> Self::Handle<Vec<Duration>> {
        Self::spawn(work::ticks(tokio::time::sleep))
    }
}
