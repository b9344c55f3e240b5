//! Around a wait: a limit to it, and where it is refused.

use std::{
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use crate::wait;

/// Waits for a future, but not longer than `limit`; none when the time is up first.
pub(super) async fn within<F: Future>(
    mut future: Pin<&mut F>,
    limit: Duration,
) -> Option<F::Output> {
    let mut sleep = pin!(crate::time::sleep(limit));
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => sleep.as_mut().poll_as_limit(cx).map(|()| None),
    })
    .await
}

/// Panics inside a task of the runtime: the call would hold up its worker, perhaps for ever.
#[inline]
pub(super) fn refuse_in_task(method: &str, twin: &str) {
    #[cold]
    #[inline(never)]
    fn refuse(method: &str, twin: &str) -> ! {
        panic!("`{method}` inside a task would block its worker; use `{twin}`")
    }

    if wait::inside_task() {
        refuse(method, twin);
    }
}
