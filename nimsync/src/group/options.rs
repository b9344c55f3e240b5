//! What a group can be told when it is opened.

use crate::cancel::TimeLimit;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the failure of a child means for its group.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let error = task_group!(policy = collect_errors, |g| {
///     for mirror in 1..=3 {
///         g.spawn(async move { Err::<(), _>(format!("mirror {mirror} is down")) });
///     }
/// })
/// .await;
/// assert_eq!(error.unwrap_err().failures().len(), 3);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The first failure cancels the other children and the body.
    #[default]
    FailFast,
    /// Everyone finishes; all errors are reported.
    CollectErrors,
    /// Errors of children are counted, and the group succeeds.
    IgnoreErrors,
    /// So many successes end the group; the other children are cancelled then.
    /// The group fails if there are fewer.
    Quorum(usize),
}

/// The options of a group, in the order of the methods that set them.
///
/// [`task_group!`](crate::task_group!) takes them before its body; they are
/// spelled out here for [`TaskGroup::run`](crate::TaskGroup::run).
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::{GroupOptions, Policy};
///
/// nimsync::block_on(async {
///     let options = GroupOptions::new().policy(Policy::CollectErrors).limit(8);
///     let sum = TaskGroup::run(options, async |g| {
///         let a = g.spawn(async { 1 });
///         let b = g.spawn(async { 2 });
///         a.await + b.await
///     }).await;
///     assert_eq!(sum.unwrap(), 3);
/// });
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "options do nothing until a group is opened with them"]
pub struct GroupOptions {
    pub(super) policy: Policy,
    pub(super) limit: Option<usize>,
    pub(super) timeout: Option<Duration>,
    pub(super) deadline: Option<Instant>,
    pub(super) grace: Duration,
    pub(super) name: Option<Arc<str>>,
    pub(super) eager: bool,
}

impl GroupOptions {
    /// Returns the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what the failure of a child means.
    ///
    /// # Panics
    ///
    /// If `policy` is a quorum of zero: the group would be over before it began.
    pub fn policy(mut self, policy: Policy) -> Self {
        assert!(
            policy != Policy::Quorum(0),
            "a quorum of zero is reached before the group begins; the smallest quorum is 1"
        );
        self.policy = policy;
        self
    }

    /// Lets at most `limit` children run at once; the rest wait, first come
    /// first served. Services do not count.
    ///
    /// # Panics
    ///
    /// If `limit` is zero: no child would ever run.
    pub fn limit(mut self, limit: usize) -> Self {
        assert!(
            limit != 0,
            "a group with a limit of zero would never run anything; the smallest limit is 1"
        );
        self.limit = Some(limit);
        self
    }

    /// Cancels the group when it has been open for this long.
    pub fn timeout(mut self, limit: impl TimeLimit) -> Self {
        self.timeout = Some(limit.into_limit());
        self
    }

    /// Cancels the group at this time; one in the past cancels it at once.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Gives children this long to end by themselves, once the group's time is
    /// over or one of them has failed, before they are dropped.
    pub fn grace(mut self, grace: impl TimeLimit) -> Self {
        self.grace = grace.into_limit();
        self
    }

    /// Names the group, for errors and the live tree.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Polls each parallel child once where it is spawned, before it is queued.
    ///
    /// Children that are ready at once then never go through a queue, which
    /// makes recursive splitting cheap; children that compute for long before
    /// they first wait lose their parallelism.
    pub fn eager(mut self) -> Self {
        self.eager = true;
        self
    }
}
