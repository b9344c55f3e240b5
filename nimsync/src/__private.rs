//! What the expansions of the macros name. Not part of the public interface.

pub use crate::cancel::{first_ok, race};
pub use crate::entry::Entry;
pub use crate::group::{Anchor, Core, GroupOptions as Options, open, run_owned};
pub use crate::task::LocalScope;
pub use core::result::Result::{self, Err, Ok};
pub use nimsync_macros::{
    first_ok_inner, race_inner, shield_inner, task_group_inner, with_deadline_inner,
    with_timeout_inner,
};
pub use nimsync_macros::{select_inner, stream_inner, try_stream_inner};

/// Support of `stream!` and `try_stream!`.
pub mod stream {
    pub use crate::stream::source;
    pub use std::option::Option::{self, None, Some};

    /// The item with which a source of results ends.
    pub fn last<T, E>(result: Result<(), E>) -> Option<Result<T, E>> {
        result.err().map(Err)
    }
}

/// Support of `select!`.
pub mod select {
    pub use std::{
        future::poll_fn,
        option::Option::{self, None, Some},
        pin::pin,
        task::Poll,
    };

    use std::{
        future::{Future, IntoFuture},
        pin::Pin,
        task::Context,
    };

    /// What one look at an arm gave.
    pub enum Arm<T> {
        /// Its future is done.
        Ready(T),
        /// Its future waits.
        Pending,
        /// It takes no part: its condition is false, or its pattern did not match.
        Disabled,
    }

    /// Polls an arm's future, if it has one.
    pub fn poll_arm<F: Future>(slot: Pin<&mut Option<F>>, cx: &mut Context<'_>) -> Arm<F::Output> {
        match slot.as_pin_mut() {
            None => Arm::Disabled,
            Some(future) => match future.poll(cx) {
                Poll::Ready(output) => Arm::Ready(output),
                Poll::Pending => Arm::Pending,
            },
        }
    }

    /// The future of an arm.
    pub fn into_future<F: IntoFuture>(future: F) -> F::IntoFuture {
        future.into_future()
    }

    /// As `poll_fn`, for a `select!` that does not wait: what is ready is taken,
    /// also when the task's budget is used up.
    pub fn poll_now<T>(
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> impl Future<Output = T> {
        poll_fn(move |cx| crate::wait::unmetered(|| poll(cx)))
    }

    /// Where a fair `select!` begins to look.
    pub fn start(arms: u32) -> u32 {
        crate::wait::random(arms)
    }

    /// An arm is chosen only when its pattern matches.
    pub fn matched_before() -> ! {
        unreachable!("an arm was chosen that did not match")
    }

    /// No arm can become ready, and there is no `else`.
    #[track_caller]
    pub fn nothing_left() -> ! {
        panic!("no arm of `select!` can become ready, and there is no `else` arm")
    }
}
