//! Children that are started again when they fail.

use crate::task::{BoxError, TaskOutput};
use crate::time::{now, sleep};
use std::collections::VecDeque;
use std::future::Future;
use std::time::Duration;

/// When a supervised child is started again, and after what wait.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::Restart;
///
/// let restart = Restart::on_failure(3, 10.seconds()).backoff(50.milliseconds(), 2.seconds());
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a restart policy is an argument of `g.supervise`"]
pub struct Restart {
    most: usize,
    within: Duration,
    first_wait: Duration,
    longest_wait: Duration,
}

impl Restart {
    /// Starts the child again when it returns an error, at most `most` times
    /// within any `within`. The next error after that is the child's.
    ///
    /// A panic is not an error: it goes on in the parent at once.
    pub fn on_failure(most: usize, within: Duration) -> Self {
        Self {
            most,
            within,
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(10),
        }
    }

    /// Sets how long to wait before a restart: `first`, then twice as long each
    /// time up to `longest`, give or take a quarter. By default 100 ms to 10 s.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first_wait = first;
        self.longest_wait = longest;
        self
    }

    fn wait(&self, restarts: usize) -> Duration {
        let doublings = u32::try_from(restarts).unwrap_or(u32::MAX).min(30);
        let wait = self.first_wait.saturating_mul(1 << doublings);
        // Spread, so that children that failed together do not come back
        // together.
        wait.min(self.longest_wait)
            .mul_f64(0.75 + fastrand::f64() / 2.0)
    }
}

/// Runs the futures that `child` makes until one succeeds.
pub(super) async fn supervise<F, Fut>(
    restart: Restart,
    mut child: F,
) -> Result<<Fut::Output as TaskOutput>::Value, BoxError>
where
    F: FnMut() -> Fut,
    Fut: Future,
    Fut::Output: TaskOutput,
{
    let mut restarts = VecDeque::with_capacity(restart.most);
    loop {
        let error = match child().await.into_result() {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let window = now().checked_sub(restart.within);
        while restarts.front().is_some_and(|&at| Some(at) <= window) {
            restarts.pop_front();
        }
        if restarts.len() == restart.most {
            return Err(error);
        }
        sleep(restart.wait(restarts.len())).await;
        restarts.push_back(now());
    }
}
