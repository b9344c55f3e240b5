//! Whom to restart, how often, and after what wait.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Who is restarted when a child has failed.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Worker;
///
/// #[actor]
/// impl Worker {
///     #[init]
///     fn new() -> Self { Worker }
///     pub fn job(&mut self, n: u32) -> u32 { n * n }
/// }
///
/// #[supervisor(strategy = one_for_one, restarts = 3, within = "5s")]
/// struct App {
///     #[child(count = 2)]
///     workers: Worker,
/// }
///
/// # fn main() {
/// # nimsync::block_on(async {
/// let app = App::start().await?;
/// assert_eq!(app.workers().job(3).await?, 9);
/// app.stop().await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// That child.
    OneForOne,
    /// All children.
    OneForAll,
    /// That child and those that were started after it.
    RestForOne,
}

/// After which ends a child is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// After a failure, a kill, and when it has left by itself.
    Permanent,
    /// After a failure and a kill.
    Transient,
    /// Never.
    Temporary,
}

/// The limits of a supervisor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    pub(super) strategy: Strategy,
    pub(super) most: usize,
    pub(super) within: Duration,
    pub(super) first_wait: Duration,
    pub(super) longest_wait: Duration,
}

/// The restarts of one child.
#[derive(Default)]
pub(super) struct Restarts {
    /// Those within the window, the oldest first.
    recent: VecDeque<Instant>,
}

impl Restarts {
    /// Counts a restart; `None` if it is one too many, else how long to wait
    /// before it.
    pub(super) fn count(&mut self, policy: &Policy, now: Instant) -> Option<Duration> {
        let begin = now.checked_sub(policy.within);
        while self.recent.front().is_some_and(|&at| Some(at) <= begin) {
            self.recent.pop_front();
        }
        if self.recent.len() >= policy.most {
            return None;
        }
        // When the window is empty the waits begin anew.
        let wait = wait(policy, self.recent.len());
        self.recent.push_back(now);
        Some(wait)
    }
}

fn wait(policy: &Policy, restarts: usize) -> Duration {
    if policy.first_wait.is_zero() {
        return Duration::ZERO;
    }
    let doublings = u32::try_from(restarts).unwrap_or(u32::MAX).min(30);
    let wait = policy.first_wait.saturating_mul(1 << doublings);
    // Spread, so that what failed together does not come back together.
    let spread = 0.75 + f64::from(crate::wait::random(1 << 16)) / f64::from(1 << 17);
    wait.min(policy.longest_wait).mul_f64(spread)
}
