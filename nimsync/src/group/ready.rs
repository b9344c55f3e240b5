//! Waiting until a child is ready, and until a group has room.

use super::block::Block;
use crate::task;
use crate::wait::{self, WaitKey};
use futures::channel::oneshot;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// With what a child of [`TaskGroup::start`](crate::TaskGroup::start) says that it is ready.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// task_group!(|g| {
///     let port = g.start(|ready| async move {
///         ready.set(8080u16); // the caller goes on, and so does this
///         sleep(1.milliseconds()).await;
///     });
///     assert_eq!(port.await, 8080);
/// })
/// .await
/// # }).unwrap();
/// ```
#[must_use = "the one who started the child waits until `set` is called"]
pub struct Ready<V> {
    sender: oneshot::Sender<V>,
}

impl<V> Ready<V> {
    /// Says that the child is ready, and hands `value` over.
    pub fn set(self, value: V) {
        // Nobody waits any more if the starter was cancelled: no loss to the
        // child, which is about to be cancelled too.
        drop(self.sender.send(value));
    }
}

/// The future of [`TaskGroup::start`](crate::TaskGroup::start).
#[must_use = "the child is spawned, but nobody waits until it is ready"]
pub struct Start<V> {
    receiver: oneshot::Receiver<V>,
}

impl<V> Start<V> {
    /// Makes what the child sets, and what waits for it.
    pub(super) fn channel() -> (Ready<V>, Self) {
        let (sender, receiver) = oneshot::channel();
        (Ready { sender }, Self { receiver })
    }
}

impl<V> Future for Start<V> {
    type Output = V;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<V> {
        match Pin::new(&mut self.receiver).poll(cx) {
            Poll::Ready(Ok(value)) => return Poll::Ready(value),
            Poll::Ready(Err(oneshot::Canceled)) => task::abandon(),
            Poll::Pending => {}
        }
        wait::note(&"a child to be ready");
        Poll::Pending
    }
}

/// The future of [`TaskGroup::ready`](crate::TaskGroup::ready).
#[must_use = "futures do nothing until they are awaited"]
pub struct WaitReady {
    block: Arc<Block>,
    key: Option<WaitKey>,
}

impl WaitReady {
    pub(super) fn new(block: Arc<Block>) -> Self {
        Self { block, key: None }
    }
}

impl Future for WaitReady {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.block.has_room(&mut this.key, cx.waker()) {
            return Poll::Ready(());
        }
        wait::note(&"room in a group");
        Poll::Pending
    }
}

impl Drop for WaitReady {
    fn drop(&mut self) {
        self.block.forget_room(&mut self.key);
    }
}
