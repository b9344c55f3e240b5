//! smolscale's global scheduler, which starts with the first spawn.

use std::time::Duration;

use async_executor::Task;
use async_io::Timer;

use super::{AsyncExecutor, Peer, Timers, Value};
use crate::work::{self, HOUR};

/// smolscale's global scheduler.
#[derive(Debug)]
pub struct Smolscale;

impl Peer for Smolscale {
    type Handle<T: Value> = Task<T>;

    // As `smolscale::block_on`, without its bridge to tokio.
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        async_io::block_on(future)
    }

    fn spawn<F>(future: F) -> Task<F::Output>
    where
        F: Future<Output: Value> + Send + 'static,
    {
        smolscale::spawn(future)
    }

    fn detach<T: Value>(handle: Task<T>) {
        handle.detach();
    }

    async fn cancel_all<T: Value>(handles: Vec<Task<T>>) {
        drop(handles);
    }
}

impl Timers for Smolscale {
    fn sleep(duration: Duration) -> impl Future {
        Timer::after(duration)
    }

    fn timeout<F: Future>(
        duration: Duration,
        future: F,
    ) -> impl Future<Output = Option<F::Output>> {
        AsyncExecutor::timeout(duration, future)
    }

    fn spawn_sleeper() -> Task<()> {
        Self::spawn(work::sleeper(Timer::after))
    }

    fn spawn_sleeps(count: u64) -> Task<u64> {
        Self::spawn(work::sleeps(count, Timer::after))
    }

    fn spawn_timeouts(count: u64) -> Task<u64> {
        let timeout = || Self::timeout(HOUR, Self::yield_now());
        Self::spawn(work::timeouts(count, timeout))
    }

    fn spawn_ticks() -> Task<Vec<Duration>> {
        Self::spawn(work::ticks(Timer::after))
    }
}
