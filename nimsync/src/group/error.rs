//! How a group can fail.

use crate::cancel::Cancelled;
use crate::task::TaskFailure;
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// That a group did not succeed.
///
/// Either tasks of it failed (its body counts as one), or it was cancelled and
/// that cut somebody off. [`source`](Error::source) is the error of the first
/// task that failed, else the cancellation.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use std::io;
///
/// nimsync::block_on(async {
///     let error = task_group!(|g| {
///         g.task("reader").spawn(async { Err::<(), _>(io::Error::other("disk on fire")) });
///     }).await.unwrap_err();
///     assert_eq!(error.to_string(), "task `reader` failed: disk on fire");
///     assert!(error.downcast_ref::<io::Error>().is_some());
/// });
/// ```
pub struct GroupError(Box<Inner>);

pub(super) struct Inner {
    pub(super) name: Option<Arc<str>>,
    pub(super) opened_at: &'static Location<'static>,
    pub(super) failures: Vec<TaskFailure>,
    pub(super) cancelled: Option<Arc<Cancelled>>,
}

impl GroupError {
    pub(super) fn new(inner: Inner) -> Self {
        Self(Box::new(inner))
    }

    /// Returns the failures, in the order in which they happened.
    #[must_use]
    pub fn failures(&self) -> &[TaskFailure] {
        &self.0.failures
    }

    /// Returns the first failure, if the group was not merely cancelled.
    #[must_use]
    pub fn first(&self) -> Option<&TaskFailure> {
        self.0.failures.first()
    }

    /// Returns why the group was cancelled, if it was.
    ///
    /// In a group that fails fast, the first failure cancels it too.
    #[must_use]
    pub fn cancelled(&self) -> Option<&Cancelled> {
        self.0.cancelled.as_deref()
    }

    /// Returns the name of the group, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Returns where in the source the group was opened.
    #[must_use]
    pub fn opened_at(&self) -> &'static Location<'static> {
        self.0.opened_at
    }

    /// Returns the first error that is an `E`, looking into groups that failed
    /// inside of this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use std::io;
    ///
    /// # nimsync::block_on(async {
    /// let error = task_group!(|g| {
    ///     g.task("config").spawn(async { std::fs::read("no/such/file") });
    /// })
    /// .await
    /// .unwrap_err();
    /// let first = error.first().unwrap();
    /// assert_eq!(first.name(), Some("config"));
    /// println!("spawned at {}", first.spawned_at());
    /// let io = error.downcast_ref::<io::Error>().unwrap();
    /// assert_eq!(io.kind(), io::ErrorKind::NotFound);
    /// # });
    /// ```
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.failures().iter().find_map(|failure| {
            let inner = || failure.downcast_ref::<Self>()?.downcast_ref();
            failure.downcast_ref().or_else(inner)
        })
    }
}

impl fmt::Display for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first(), self.cancelled()) {
            (Some(first), _) => first.fmt(f)?,
            (None, Some(cancelled)) => match self.name() {
                Some(name) => write!(f, "task group `{name}` was {cancelled}")?,
                None => write!(f, "the task group was {cancelled}")?,
            },
            (None, None) => f.write_str("too few tasks of the group succeeded")?,
        }
        match self.failures().len() {
            0 | 1 => Ok(()),
            2 => f.write_str(" (and one more task failed)"),
            n => write!(f, " (and {} more tasks failed)", n - 1),
        }
    }
}

impl fmt::Debug for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupError")
            .field("name", &self.name())
            .field("opened_at", &format_args!("{}", self.0.opened_at))
            .field("failures", &self.0.failures)
            .field("cancelled", &self.0.cancelled)
            .finish()
    }
}

impl Error for GroupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match (self.first(), self.cancelled()) {
            (Some(first), _) => first.source(),
            // Its text is in ours.
            (None, Some(cancelled)) => cancelled.source(),
            (None, None) => None,
        }
    }
}
