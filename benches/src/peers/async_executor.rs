//! smol's executor on two threads, one of which runs the root.

use std::future::pending;
use std::thread;
use std::time::Duration;

use async_executor::{StaticExecutor, Task};
use async_io::Timer;
use futures_lite::FutureExt;

use super::{Peer, Timers, Value};
use crate::WORKERS;
use crate::work::{self, HOUR};

/// The faster of the crate's executors for several threads: it keeps no list
/// of its tasks.
static EXECUTOR: StaticExecutor = StaticExecutor::new();

/// smol's executor on two threads, one of which runs the root.
#[derive(Debug)]
pub struct AsyncExecutor(());

impl AsyncExecutor {
    /// Starts the thread beside the root's.
    pub fn start() -> AsyncExecutor {
        for _ in 1..WORKERS {
            thread::spawn(|| async_io::block_on(EXECUTOR.run(pending::<()>())));
        }
        AsyncExecutor(())
    }
}

impl Peer for AsyncExecutor {
    type Handle<T: Value> = Task<T>;

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        async_io::block_on(EXECUTOR.run(future))
    }

    fn spawn<F>(future: F) -> Task<F::Output>
    where
        F: Future<Output: Value> + Send + 'static,
    {
        EXECUTOR.spawn(future)
    }

    fn detach<T: Value>(handle: Task<T>) {
        handle.detach();
    }

    async fn cancel_all<T: Value>(handles: Vec<Task<T>>) {
        drop(handles);
    }
}

impl Timers for AsyncExecutor {
    fn sleep(duration: Duration) -> impl Future {
        Timer::after(duration)
    }

    async fn timeout<F: Future>(duration: Duration, future: F) -> Option<F::Output> {
        let late = async {
            Timer::after(duration).await;
            None
        };
        async { Some(future.await) }.or(late).await
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
