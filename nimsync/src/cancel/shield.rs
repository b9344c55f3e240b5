//! Protection from cancellation.

use super::frame::{Frame, current_scope};
use super::protection::Protection;
use super::scope::{Kind, Scope};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Protects `future` from cancellation of the scopes around it.
///
/// Once begun, the future is polled until it is done; then whatever is to be
/// cancelled around it is, at its next suspension. A shield that has not been
/// polled yet protects nothing. Scopes made inside can be cancelled as usual.
///
/// A shield does not protect from being dropped: the losing arm of a `select!`
/// is dropped, shield or not.
///
/// # Cancel safety
///
/// Dropping the shield drops the future inside.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let scope = CancelScope::new();
///     scope.cancel();
///     let mut saved = false;
///     let outcome = scope.run(async {
///         shield!({ sleep(1.milliseconds()).await; saved = true; }).await;
///         sleep(1.minutes()).await;
///     }).await;
///     assert!(outcome.is_err() && saved);
/// });
/// ```
pub fn shield<F: Future>(future: F) -> Shield<F> {
    Shield {
        future,
        state: None,
    }
}

pin_project! {
    /// The future of [`shield`].
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Shield<F> {
        #[pin]
        future: F,
        state: Option<(Frame, Protection)>,
    }
}

impl<F: Future> Future for Shield<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (frame, _) = this.state.get_or_insert_with(|| {
            let around = current_scope().unwrap_or_else(Scope::root);
            let shield = around.child(Kind::Shield);
            (Frame::made(shield), Protection::here())
        });
        let poll = {
            let _entered = frame.enter();
            this.future.poll(cx)
        };
        if poll.is_ready() {
            // Ends the protection now, not when the future is dropped.
            *this.state = None;
        }
        poll
    }
}
