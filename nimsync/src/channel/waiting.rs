//! Around a wait: a spin before it, a limit to it, and where it is refused.

use std::{
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use crate::{
    prim::sync::{spin_loop, yield_now},
    wait,
};

/// Waits for a future, but not longer than `limit`; none when the time is up first.
pub(super) async fn within<F: Future>(
    mut future: Pin<&mut F>,
    limit: Duration,
) -> Option<F::Output> {
    let mut sleep = pin!(crate::time::sleep(limit));
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// Rounds of spinning before the thread sleeps; each is twice as long as the one before, all together are below a microsecond.
const SPINS: u32 = 6;
/// Rounds of giving the core away before the thread sleeps: with as many threads as cores the other side is likely to run then.
const YIELDS: u32 = 2;

/// Tries, spins a little, yields a little; gives up with `None`.
#[inline]
pub(super) fn spin<O>(mut attempt: impl FnMut() -> Option<O>) -> Option<O> {
    if let Some(output) = attempt() {
        return Some(output);
    }
    if cfg!(any(loom, shuttle)) {
        return None;
    }
    for round in 0..SPINS {
        for _ in 0..1_u32 << round {
            spin_loop();
        }
        if let Some(output) = attempt() {
            return Some(output);
        }
    }
    for _ in 0..YIELDS {
        yield_now();
        if let Some(output) = attempt() {
            return Some(output);
        }
    }
    None
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
