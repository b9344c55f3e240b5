//! Groups that were dropped where no task of ours can wait for what is left.
//!
//! In a task of ours, that task does not end before the children have. A task of
//! another runtime cannot be held up like that; so such groups are counted, and
//! whoever wants to can wait until there are none.

use crate::wait::{WaitKey, WaitSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll};

struct Left {
    groups: usize,
    waiters: WaitSet,
}

static LEFT: Mutex<Left> = Mutex::new(Left {
    groups: 0,
    waiters: WaitSet::new(),
});

fn lock() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(|e| e.into_inner())
}

/// Counts a group whose children nobody waits for.
pub(super) fn add() {
    lock().groups += 1;
}

/// The last of its children has ended.
pub(super) fn remove() {
    let waiters = {
        let mut left = lock();
        left.groups -= 1;
        match left.groups {
            0 => left.waiters.drain(),
            _ => return,
        }
    };
    waiters.wake();
}

/// Waits for what groups have left behind that were dropped outside of a nimsync
/// runtime.
///
/// A group that is dropped half way cancels its children. In a task of nimsync that
/// task waits for them. A task of tokio's that is aborted, or a plain thread, cannot:
/// the children end shortly after, on their workers. When this is ready, all of them
/// in the process have ended: their destructors have run, and so has what was given
/// to `defer`.
///
/// A task that was aborted drops its group a little later. Wait for the task first,
/// then call this. Groups that are still waited for do not count, so it may be called
/// while others go on.
///
/// It works on any executor. In a runtime of nimsync there is no need for it.
///
/// # Cancel safety
///
/// Dropping the future stops the wait and nothing else.
///
/// # Examples
///
/// ```
/// use futures::FutureExt;
/// use nimsync::prelude::*;
///
/// # futures::executor::block_on(async {
/// let group = Box::pin(task_group!(|g| {
///     g.spawn(std::future::pending::<()>());
/// }));
/// // Polled once and dropped, as by a task of tokio's that is aborted.
/// assert!(group.now_or_never().is_none());
/// nimsync::outside::idle().await;
/// // No child is left.
/// # });
/// ```
pub async fn idle() {
    Idle { key: None }.await;
}

struct Idle {
    key: Option<WaitKey>,
}

impl Future for Idle {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let before = {
            let mut left = lock();
            if left.groups == 0 {
                return Poll::Ready(());
            }
            left.waiters.register(&mut self.key, cx.waker())
        };
        drop(before);
        Poll::Pending
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        if self.key.is_some() {
            let waker = lock().waiters.remove(&mut self.key);
            drop(waker);
        }
    }
}
