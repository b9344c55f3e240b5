//! A buffer between a source and its consumer, which the source fills while the consumer is
//! busy.

use crate::group::{GroupOptions, Hosted};
use crate::stream::builder::with;
use crate::stream::error::SendError;
use crate::stream::policy::Backpressure;
use crate::stream::receiver::Receiver;
use crate::stream::sender::Sender;
use crate::stream::stats::Stats;
use futures::{Stream, StreamExt};
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

/// The stream of [`buffered_by`](crate::stream::StreamExt::buffered_by).
#[must_use = "a stream does nothing until it is polled"]
pub struct BufferedBy<S: Stream> {
    /// What the feeder gets at the first poll.
    begin: Option<(S, Sender<S::Item>)>,
    receiver: Receiver<S::Item>,
    group: Option<Hosted>,
    failure: Failure<S::Item>,
    ended: bool,
}

/// Where the feeder leaves the item for which there was no room.
type Failure<T> = Arc<Mutex<Option<SendError<T>>>>;

/// Nothing is pinned: the source lives in the feeder once it is polled.
impl<S: Stream> Unpin for BufferedBy<S> {}

impl<S: Stream> BufferedBy<S> {
    pub(in crate::stream) fn new(
        upstream: S,
        policy: Backpressure<S::Item>,
        capacity: usize,
    ) -> Self {
        let (sender, receiver) = with(policy).capacity(capacity).build();
        Self {
            begin: Some((upstream, sender)),
            receiver,
            group: None,
            failure: Failure::default(),
            ended: false,
        }
    }

    /// Returns what became of the items so far.
    pub fn stats(&self) -> Stats {
        self.receiver.stats()
    }

    /// Returns the item with which the stream ended early, and why: the policy was `Fail`
    /// and there was no room, or the spill failed.
    pub fn take_failure(&mut self) -> Option<SendError<S::Item>> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take()
    }
}

/// Takes items from a source until it ends, or one is refused.
async fn feed<S: Stream>(upstream: S, sender: Sender<S::Item>, failure: Failure<S::Item>) {
    let mut upstream = pin!(upstream);
    while let Some(item) = upstream.next().await {
        if let Err(error) = sender.send(item).await {
            if !error.is_closed() {
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            }
            return;
        }
    }
}

impl<S> Stream for BufferedBy<S>
where
    S: Stream<Item: Send + 'static> + Send + 'static,
{
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        if let Some((upstream, sender)) = this.begin.take() {
            let group = Hosted::open(GroupOptions::new().name("buffered_by"), cx);
            let feeder = feed(upstream, sender, this.failure.clone());
            // The group is open as long as it is ours.
            drop(group.spawner().spawn(feeder));
            group.close();
            this.group = Some(group);
        }
        let item = match Pin::new(&mut this.receiver).poll_next(cx) {
            Poll::Ready(None) => {
                if let Some(group) = &mut this.group {
                    drop(ready!(group.poll(cx)));
                }
                this.group = None;
                this.ended = true;
                None
            }
            Poll::Ready(item) => item,
            Poll::Pending => {
                // A panic of the source comes out here.
                if let Some(group) = &mut this.group
                    && group.poll(cx).is_ready()
                {
                    this.group = None;
                    cx.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        };
        Poll::Ready(item)
    }
}

impl<S: Stream> fmt::Debug for BufferedBy<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedBy")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
