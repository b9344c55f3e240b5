//! What users hold of a scope.

use super::cause::{CancelReason, Cancelled};
use super::frame;
use super::run::{Run, WaitCancelled};
use super::scope::{Kind, Scope};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// A part of the program that can be cancelled as a whole.
///
/// Scopes form a tree: a new scope is a child of the one that the calling code
/// runs in, and cancelling a scope cancels everything below it except what is
/// [shielded](crate::shield()). Handles are cheap to clone and may be kept by
/// other tasks and threads.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let scope = CancelScope::new();
///     scope.cancel_with("nobody is listening any more");
///     let outcome = scope.run(sleep(1.minutes())).await;
///     let cancelled = outcome.unwrap_err();
///     assert!(cancelled.to_string().contains("nobody is listening"));
/// });
/// ```
#[derive(Clone)]
#[must_use = "a scope is only good for running something in it, or cancelling it"]
pub struct CancelScope {
    inner: Arc<Scope>,
}

impl CancelScope {
    /// Makes a scope below the one that the calling code runs in.
    ///
    /// Outside of any task it has nothing above it.
    pub fn new() -> Self {
        Self::from_inner(match frame::current_scope() {
            Some(above) => above.child(Kind::Plain),
            None => Scope::root().child(Kind::Plain),
        })
    }

    pub(crate) fn from_inner(inner: Arc<Scope>) -> Self {
        Self { inner }
    }

    /// Runs `future` inside of this scope.
    ///
    /// If the scope is cancelled, the future is polled once more; should it be
    /// ready then, its value is handed over. Otherwise it is dropped, after the
    /// shields and groups inside of it have ended, and the answer says why.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the future was dropped because of this scope or one
    /// above it.
    pub fn run<F: Future>(&self, future: F) -> Run<F> {
        Run::new(self.inner.clone(), future)
    }

    /// Cancels the scope and everything below it.
    ///
    /// The first cancellation counts; later ones change nothing.
    #[track_caller]
    pub fn cancel(&self) {
        self.cancel_with(CancelReason::Manual);
    }

    /// Cancels the scope and says why.
    #[track_caller]
    pub fn cancel_with(&self, reason: impl Into<CancelReason>) {
        self.inner
            .cancel(Cancelled::new(reason.into(), frame::task_name()));
    }

    /// Asks everything below to end by itself, and ends it after `grace`.
    ///
    /// Until then [`cancelled`](Self::cancelled) and [`check`](Self::check)
    /// tell of it, and nothing is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// nimsync::block_on(async {
    ///     let scope = CancelScope::new();
    ///     scope.cancel_after(1.minutes());
    ///     assert!(!scope.active());
    ///     let polite = scope.run(async { sleep(1.milliseconds()).await; "done" }).await;
    ///     assert_eq!(polite.unwrap(), "done");
    /// });
    /// ```
    #[track_caller]
    pub fn cancel_after(&self, grace: Duration) {
        self.cancel_after_with(grace, CancelReason::Manual);
    }

    /// As [`cancel_after`](Self::cancel_after), and says why.
    #[track_caller]
    pub fn cancel_after_with(&self, grace: Duration, reason: impl Into<CancelReason>) {
        let cause = Cancelled::new(reason.into(), frame::task_name());
        self.inner.cancel_after(grace, cause);
    }

    /// Tells whether the scope has not been cancelled.
    #[must_use]
    pub fn active(&self) -> bool {
        !self.inner.is_asked()
    }

    /// Fails if the scope has been cancelled.
    ///
    /// # Errors
    ///
    /// [`Cancelled`], with the reason.
    pub fn check(&self) -> Result<(), Cancelled> {
        match self.inner.cause() {
            Some(cause) if self.inner.is_asked() => Err((**cause).clone()),
            _ => Ok(()),
        }
    }

    /// Returns why the scope was cancelled, if it was.
    #[must_use]
    pub fn reason(&self) -> Option<Cancelled> {
        self.check().err()
    }

    /// Waits until the scope is cancelled.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    pub fn cancelled(&self) -> WaitCancelled {
        WaitCancelled::new(self.inner.clone())
    }
}

impl Default for CancelScope {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancelScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelScope")
            .field("active", &self.active())
            .field("cause", &self.inner.cause())
            .finish()
    }
}
