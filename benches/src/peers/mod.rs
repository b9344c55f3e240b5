//! The peers behind one face, so that a case is written once for all of them.
//!
//! Each is used as its own users would: `tokio` with its workers beside the
//! blocked root; `async-executor` and `nio` with the root's thread as one of
//! the workers; `smolscale` with its global scheduler.

use std::fmt::Debug;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

mod async_executor;
mod nio;
mod smolscale;
mod tokio;

pub use self::async_executor::AsyncExecutor;
pub use self::nio::Nio;
pub use self::smolscale::Smolscale;
pub use self::tokio::Tokio;

/// What a task may return.
pub trait Value: Send + Unpin + 'static {}

impl<T: Send + Unpin + 'static> Value for T {}

/// A runtime that spawns tasks.
pub trait Peer: 'static {
    /// Awaits a task's result; the task has to succeed.
    type Handle<T: Value>: Future<Output = T> + Send + Unpin + 'static;

    /// Runs `future` on this thread, as the root.
    fn block_on<F: Future>(&self, future: F) -> F::Output;

    /// Spawns a task on the runtime whose root or task this is called from.
    fn spawn<F>(future: F) -> Self::Handle<F::Output>
    where
        F: Future<Output: Value> + Send + 'static;

    /// Lets the task go on without its handle.
    fn detach<T: Value>(handle: Self::Handle<T>);

    /// Cancels what has not finished. Destructors may run a little later.
    fn cancel_all<T: Value>(handles: Vec<Self::Handle<T>>) -> impl Future<Output = ()> + Send;

    /// Lets other tasks run.
    fn yield_now() -> impl Future<Output = ()> + Send {
        futures_lite::future::yield_now()
    }

    /// Runs `future` in a task of its own, away from the root.
    fn in_task<F>(&self, future: F) -> F::Output
    where
        F: Future<Output: Value> + Send + 'static,
    {
        self.block_on(async { Self::spawn(future).await })
    }
}

/// A runtime with timers.
///
/// The tasks that sleep are spawned here, since those of `nio` are not `Send`
/// and need another spawn than the other runtimes'.
pub trait Timers: Peer {
    /// Sleeps.
    fn sleep(duration: Duration) -> impl Future;

    /// Awaits `future`, for so long at most.
    fn timeout<F: Future>(duration: Duration, future: F)
    -> impl Future<Output = Option<F::Output>>;

    /// Spawns [`work::sleeper`](crate::work::sleeper).
    fn spawn_sleeper() -> Self::Handle<()>;

    /// Spawns [`work::sleeps`](crate::work::sleeps).
    fn spawn_sleeps(count: u64) -> Self::Handle<u64>;

    /// Spawns [`work::timeouts`](crate::work::timeouts) around one yield each.
    fn spawn_timeouts(count: u64) -> Self::Handle<u64>;

    /// Spawns [`work::ticks`](crate::work::ticks).
    fn spawn_ticks() -> Self::Handle<Vec<Duration>>;
}

/// A handle that gives a `Result`, unwrapped at no cost.
#[derive(Debug)]
pub struct Unwrapped<H>(H);

impl<T, E, H> Future for Unwrapped<H>
where
    E: Debug,
    H: Future<Output = Result<T, E>> + Unpin,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let handle = Pin::new(&mut self.0);
        handle.poll(cx).map(|result| result.expect("a task failed"))
    }
}
