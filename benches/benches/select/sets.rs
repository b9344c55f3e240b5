//! Sets of receivers, each with what it takes to receive from one of them.

use std::future::poll_fn;
use std::task::{Context, Poll};

use futures::future::select_all;
use futures::stream::{SelectAll, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_stream::StreamMap;

/// Receives from a member that is ready.
pub(crate) trait Set: Send + 'static {
    /// `None` if all are closed.
    fn any(&mut self) -> impl Future<Output = Option<u64>> + Send;
}

/// nimsync's own set.
#[cfg(feature = "nimsync")]
impl<S> Set for nimsync::channel::Select<S>
where
    S: Stream<Item = u64> + Send + Unpin + 'static,
{
    async fn any(&mut self) -> Option<u64> {
        self.recv().await.ok().map(|(_, value)| value)
    }
}

/// futures' set, which keeps a waker and an allocation a member.
impl<S> Set for SelectAll<S>
where
    S: Stream<Item = u64> + Send + Unpin + 'static,
{
    async fn any(&mut self) -> Option<u64> {
        self.next().await
    }
}

/// tokio's set, which polls all members.
impl<S> Set for StreamMap<usize, S>
where
    S: Stream<Item = u64> + Send + Unpin + 'static,
{
    async fn any(&mut self) -> Option<u64> {
        self.next().await.map(|(_, value)| value)
    }
}

/// A future a member, made anew for each message.
pub(crate) struct MadeAnew(pub(crate) Vec<mpsc::Receiver<u64>>);

impl Set for MadeAnew {
    async fn any(&mut self) -> Option<u64> {
        let members = self.0.iter_mut().map(|rx| Box::pin(rx.recv()));
        select_all(members).await.0
    }
}

/// Polls one member after the other, from the one after the last that was ready.
pub(crate) struct InTurn<Rx> {
    members: Vec<Rx>,
    poll: fn(&mut Rx, &mut Context<'_>) -> Poll<Option<u64>>,
    next: usize,
}

impl<Rx> InTurn<Rx> {
    pub(crate) fn new(
        members: Vec<Rx>,
        poll: fn(&mut Rx, &mut Context<'_>) -> Poll<Option<u64>>,
    ) -> InTurn<Rx> {
        InTurn {
            members,
            poll,
            next: 0,
        }
    }
}

impl<Rx: Send + 'static> Set for InTurn<Rx> {
    async fn any(&mut self) -> Option<u64> {
        poll_fn(|cx| {
            for _ in 0..self.members.len() {
                let member = self.next;
                self.next = (self.next + 1) % self.members.len();
                if let Poll::Ready(value) = (self.poll)(&mut self.members[member], cx) {
                    return Poll::Ready(value);
                }
            }
            Poll::Pending
        })
        .await
    }
}
