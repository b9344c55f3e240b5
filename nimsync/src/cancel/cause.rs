//! Why something was cancelled.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// The kind of event that cancelled a scope.
///
/// # Examples
///
/// ```
/// use nimsync::cancel::CancelReason;
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let error = task_group!(timeout = 1.milliseconds(), |g| {
///     g.spawn(sleep(1.minutes()));
/// })
/// .await
/// .unwrap_err();
/// match &error.cancelled().unwrap().reason {
///     CancelReason::Timeout(limit) => println!("not done within {limit:?}"),
///     other => println!("{other}"),
/// }
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelReason {
    /// Somebody called `cancel`.
    Manual,
    /// A time limit was over.
    Timeout(Duration),
    /// A deadline was reached.
    Deadline,
    /// A task of the group failed, and the group's policy is to fail fast.
    TaskFailed,
    /// A task of the group panicked.
    TaskPanicked,
    /// The future of the group was dropped before it had ended.
    GroupDropped,
    /// The group had what it wanted: its quorum, or the end of its ordinary
    /// tasks while services were still running.
    Done,
    /// Something that the task waited for had not succeeded.
    AwaitedTask,
    /// Another future of the race finished first.
    RaceLost,
    /// The process received a signal.
    Signal,
    /// The runtime is shutting down.
    Shutdown,
    /// What the canceller said.
    Message(Cow<'static, str>),
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manual => "cancelled by hand",
            Self::Timeout(limit) => return write!(f, "time limit of {limit:?} reached"),
            Self::Deadline => "deadline reached",
            Self::TaskFailed => "a task of the group failed",
            Self::TaskPanicked => "a task of the group panicked",
            Self::GroupDropped => "the group's future was dropped",
            Self::Done => "no longer needed",
            Self::AwaitedTask => "a task that it waited for did not succeed",
            Self::RaceLost => "another future of the race finished first",
            Self::Signal => "a signal was received",
            Self::Shutdown => "the runtime is shutting down",
            Self::Message(message) => message,
        })
    }
}

impl From<&'static str> for CancelReason {
    fn from(message: &'static str) -> Self {
        Self::Message(message.into())
    }
}

impl From<String> for CancelReason {
    fn from(message: String) -> Self {
        Self::Message(message.into())
    }
}

/// That something was cancelled, and why.
///
/// It says where in the source the cancellation was begun and by which task;
/// if it came down the tree, `above` is the cancellation that it came from.
///
/// Being cancelled is not a failure of the code that was cancelled, so this is
/// never mixed into a task's own error type by nimsync; `?` does it where the
/// user wants it.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let scope = CancelScope::new();
/// assert!(scope.active() && scope.check().is_ok() && scope.reason().is_none());
///
/// scope.cancel_with("the disk is full");
/// assert!(!scope.active());
/// let cancelled = scope.check().unwrap_err();
/// assert!(cancelled.to_string().contains("the disk is full"));
/// println!("at {}, by {:?}", cancelled.at, cancelled.by);
/// # });
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cancelled {
    /// What happened.
    pub reason: CancelReason,
    /// Where in the source the scope was cancelled.
    pub at: &'static Location<'static>,
    /// The name or number of the task that cancelled the scope, if it was one.
    pub by: Option<Arc<str>>,
    /// The cancellation of an enclosing scope that led to this one.
    pub above: Option<Arc<Cancelled>>,
}

impl Cancelled {
    #[track_caller]
    pub(crate) fn new(reason: CancelReason, by: Option<Arc<str>>) -> Self {
        Self {
            reason,
            at: Location::caller(),
            by,
            above: None,
        }
    }

    /// As [`Cancelled::new`], with a place in the source that says more.
    pub(crate) fn at(
        reason: CancelReason,
        by: Option<Arc<str>>,
        at: &'static Location<'static>,
    ) -> Self {
        Self {
            reason,
            at,
            by,
            above: None,
        }
    }

    /// Returns the same cancellation as a scope below sees it.
    pub(crate) fn inherited(self: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self {
            above: Some(self.clone()),
            ..(**self).clone()
        })
    }

    /// Returns the cancellation that began it all.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::cancel::CancelReason;
    ///
    /// nimsync::block_on(async {
    ///     let outer = CancelScope::new();
    ///     let seen = outer.run(async {
    ///         let inner = CancelScope::new();
    ///         outer.cancel();
    ///         inner.check().unwrap_err()
    ///     });
    ///     let seen = seen.await.unwrap();
    ///     assert_eq!(seen.origin().reason, CancelReason::Manual);
    ///     assert!(seen.above.is_some(), "it came from the outer scope");
    /// });
    /// ```
    #[must_use]
    pub fn origin(&self) -> &Self {
        let mut origin = self;
        while let Some(above) = &origin.above {
            origin = above;
        }
        origin
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin();
        write!(f, "cancelled: {} (at {}", origin.reason, origin.at)?;
        if let Some(by) = &origin.by {
            write!(f, ", by task `{by}`")?;
        }
        f.write_str(")")
    }
}

impl Error for Cancelled {}

/// For `?` in code that speaks of I/O. The kind is `Other`: nothing is to be tried
/// again.
impl From<Cancelled> for std::io::Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::other(cancelled)
    }
}
