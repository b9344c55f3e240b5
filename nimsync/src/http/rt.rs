//! Who runs hyper's tasks, and who tells it the time.

use crate::group::Spawner;
use crate::time::{self, Sleep};
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

/// Runs the tasks of hyper as children of a group.
///
/// When the group takes no more children, because it has ended or was dropped, a
/// task is dropped in place of run: hyper reports that as a cancelled request.
///
/// # Examples
///
/// ```no_run
/// use nimsync::http::{Bytes, Connector, Executor, Full, Timer, hyper_util};
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// task_group!(|g| {
///     // The client of `hyper-util`, with all of its settings.
///     let client = hyper_util::client::legacy::Client::builder(Executor::services(&g.spawner()))
///         .timer(Timer)
///         .pool_timer(Timer)
///         .pool_idle_timeout(20.seconds())
///         .http2_only(true)
///         .build::<_, Full<Bytes>>(Connector::new());
///     client.get("http://localhost:8080/".parse()?).await?;
/// }).await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Executor {
    spawner: Spawner,
    services: bool,
}

impl Executor {
    /// Runs tasks as ordinary children: the group waits until they have ended.
    ///
    /// For servers: the streams of an HTTP/2 connection.
    #[must_use]
    pub fn new(spawner: &Spawner) -> Self {
        Self {
            spawner: spawner.clone(),
            services: false,
        }
    }

    /// Runs tasks as services: they are cancelled when the body of the group and its
    /// ordinary children have ended.
    ///
    /// For clients: a connection that is kept for the next request would keep the
    /// group from ending.
    #[must_use]
    pub fn services(spawner: &Spawner) -> Self {
        Self {
            spawner: spawner.clone(),
            services: true,
        }
    }
}

impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, future: F) {
        let task = async move { drop(future.await) };
        // A closed group drops the task; see the type's documentation.
        let _ = match self.services {
            false => self.spawner.spawn(task),
            true => self.spawner.service(task),
        };
    }
}

/// Tells hyper the time of the runtime.
///
/// # Examples
///
/// ```
/// let mut builder = nimsync::http::hyper::server::conn::http1::Builder::new();
/// builder.timer(nimsync::http::Timer);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer;

impl hyper::rt::Timer for Timer {
    /// The time counts from now, not from the first poll.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        let now = time::now();
        // As good as never.
        let far = || now + Duration::from_secs(u32::MAX.into());
        self.sleep_until(now.checked_add(duration).unwrap_or_else(far))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(time::sleep_until(deadline))
    }

    fn now(&self) -> Instant {
        time::now()
    }
}

impl hyper::rt::Sleep for Sleep {}
