//! Futures that run in a scope, or wait for one.

use super::cause::Cancelled;
use super::frame::{Frame, Last, poll_last};
use super::scope::Scope;
use crate::wait::{self, WaitKey};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A place among the waiters of a scope, given back on drop.
struct Place {
    scope: Arc<Scope>,
    key: Option<WaitKey>,
}

impl Place {
    fn new(scope: Arc<Scope>) -> Self {
        Self { scope, key: None }
    }

    fn wait(&mut self, cx: &Context<'_>, ended: bool) -> bool {
        self.scope.wait(&mut self.key, cx.waker(), ended)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.scope.forget_waiter(&mut self.key);
    }
}

pin_project! {
    /// The future of [`CancelScope::run`](super::CancelScope::run).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::cancel::CancelReason;
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let scope = CancelScope::new();
    /// assert_eq!(scope.run(async { 7 }).await.unwrap(), 7);
    ///
    /// scope.cancel();
    /// let cancelled = scope.run(sleep(1.minutes())).await.unwrap_err();
    /// assert!(matches!(cancelled.reason, CancelReason::Manual));
    /// # });
    /// ```
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Run<F> {
        place: Place,
        frame: Frame,
        #[pin]
        future: Option<F>,
    }
}

impl<F> Run<F> {
    pub(super) fn new(scope: Arc<Scope>, future: F) -> Self {
        Self {
            frame: Frame::made(scope.clone()),
            place: Place::new(scope),
            future: Some(future),
        }
    }
}

impl<F: Future> Future for Run<F> {
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("`CancelScope::run` was polled after it had ended");
        };
        // Registered before the poll, so that a cancellation during it wakes us
        // to decide about the last poll.
        this.place.wait(cx, true);
        let output = match poll_last(this.frame, future, cx) {
            Last::Pending => return Poll::Pending,
            Last::Ready(value) => Ok(value),
            Last::Cut => Err(cause_of(this.frame)),
        };
        {
            // Destructors run inside the scope as well.
            let _entered = this.frame.enter();
            this.future.set(None);
        }
        Poll::Ready(output)
    }
}

fn cause_of(frame: &Frame) -> Cancelled {
    match frame.cause() {
        Some(cause) => (*cause).clone(),
        None => unreachable!("what was cut off was cancelled, and that sets a cause"),
    }
}

/// The future of [`CancelScope::cancelled`](super::CancelScope::cancelled).
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let scope = CancelScope::new();
/// task_group!(|g| {
///     let seen = scope.clone();
///     g.service(async move {
///         seen.cancelled().await;
///         println!("writing down how far it came");
///     });
///     scope.cancel();
/// })
/// .await
/// # }).unwrap();
/// ```
#[must_use = "futures do nothing until they are awaited"]
pub struct WaitCancelled {
    place: Place,
}

impl WaitCancelled {
    pub(super) fn new(scope: Arc<Scope>) -> Self {
        Self {
            place: Place::new(scope),
        }
    }
}

impl Future for WaitCancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.place.wait(cx, false) {
            return Poll::Ready(());
        }
        wait::note(&"cancellation");
        Poll::Pending
    }
}
