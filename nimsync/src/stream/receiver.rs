//! The receiver's end.

use super::buffer::{Buffer, Refill};
use super::stats::Stats;
use crate::channel::TryRecvError;
use crate::wait;
use futures::Stream;
use futures::stream::FusedStream;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The end of a buffered stream from which items come; made by [`with`](super::with).
///
/// It is a [`futures::Stream`]. When it is dropped what is left is dropped as well, and
/// senders get their items back.
pub struct Receiver<T> {
    buffer: Arc<Buffer<T>>,
    /// Items that were taken out and not yet handed out.
    ready: VecDeque<T>,
    ended: bool,
    error: Option<io::Error>,
}

/// The items are moved as values and never pinned.
impl<T> Unpin for Receiver<T> {}

impl<T> Receiver<T> {
    pub(super) fn new(buffer: Arc<Buffer<T>>) -> Self {
        Self {
            buffer,
            ready: VecDeque::new(),
            ended: false,
            error: None,
        }
    }

    /// Waits for the next item; `None` once the stream is closed and drained.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has taken nothing.
    #[expect(
        clippy::should_implement_trait,
        reason = "the name that all streams have for it"
    )]
    pub fn next(&mut self) -> Next<'_, T> {
        Next { receiver: self }
    }

    /// Takes the next item if there is one.
    ///
    /// # Errors
    ///
    /// `Empty`, or `Closed` once the stream is closed and drained.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        match self.take(None) {
            Taken::Item(item) => Ok(item),
            Taken::Nothing => Err(TryRecvError::Empty),
            Taken::End => Err(TryRecvError::Closed),
        }
    }

    /// Waits for items, and appends up to `limit` of them to `items`; how many.
    ///
    /// None means that the stream is closed and drained (or that `limit` is 0).
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has taken nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let (tx, mut rx) = stream::with(Backpressure::Block).capacity(8).build();
    /// tx.send_many([1, 2, 3]).await.unwrap();
    /// drop(tx);
    /// let mut items = Vec::new();
    /// assert_eq!(rx.recv_many(&mut items, 64).await, 3);
    /// assert_eq!(items, [1, 2, 3]);
    /// assert_eq!(rx.next().await, None);
    /// # });
    /// ```
    pub async fn recv_many(&mut self, items: &mut Vec<T>, limit: usize) -> usize {
        if limit == 0 {
            return 0;
        }
        let Some(first) = self.next().await else {
            return 0;
        };
        items.push(first);
        let mut count = 1;
        while count < limit {
            if self.ready.is_empty() {
                match self.take(None) {
                    Taken::Item(item) => {
                        items.push(item);
                        count += 1;
                        continue;
                    }
                    _ => break,
                }
            }
            let more = self.ready.len().min(limit - count);
            items.extend(self.ready.drain(..more));
            self.buffer.handed_out(more);
            count += more;
        }
        count
    }

    /// Waits for the next item, blocking the thread.
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime, whose worker it would block.
    pub fn recv_blocking(&mut self) -> Option<T> {
        assert!(
            !wait::inside_task(),
            "`recv_blocking` inside a task would block its worker; use `next().await`"
        );
        wait::block_on(self.next())
    }

    /// Closes the stream for all its senders; false if it was closed.
    ///
    /// What was sent before is still delivered. Senders that wait get their items back.
    pub fn close(&self) -> bool {
        self.buffer.close(None).is_ok()
    }

    /// Tells whether nothing can be sent any more; there may still be items.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.buffer.is_closed()
    }

    /// Returns why a spill could not be read back.
    ///
    /// The stream is closed and ends then; the items that are left in the
    /// file are those that `stats().buffered` counts.
    #[must_use]
    pub fn error(&self) -> Option<&io::Error> {
        self.error.as_ref()
    }

    /// Returns what became of the items so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.buffer.stats()
    }

    #[inline]
    fn take(&mut self, cx: Option<&mut Context<'_>>) -> Taken<T> {
        if let Some(item) = self.ready.pop_front() {
            self.buffer.handed_out(1);
            return Taken::Item(item);
        }
        self.take_cold(cx)
    }

    #[inline(never)]
    fn take_cold(&mut self, cx: Option<&mut Context<'_>>) -> Taken<T> {
        if self.ended {
            return Taken::End;
        }
        let waker = cx.map(|cx| cx.waker());
        match self.buffer.refill(&mut self.ready, waker) {
            Refill::One(item) => Taken::Item(item),
            Refill::Many => match self.ready.pop_front() {
                Some(item) => {
                    self.buffer.handed_out(1);
                    Taken::Item(item)
                }
                None => unreachable!("a refill brings items"),
            },
            Refill::Empty => Taken::Nothing,
            Refill::Ended(error) => {
                self.ended = true;
                self.error = error;
                Taken::End
            }
        }
    }

    #[inline]
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        match self.take(Some(cx)) {
            Taken::Item(item) => Poll::Ready(Some(item)),
            Taken::End => Poll::Ready(None),
            Taken::Nothing => {
                self.buffer.note(&"next of stream", &"next of");
                Poll::Pending
            }
        }
    }
}

/// What there was.
enum Taken<T> {
    Item(T),
    Nothing,
    End,
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_item(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ready.len(), self.ended.then_some(0))
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.buffer.drop_receiver(&mut self.ready);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// Waits for the next item; made by [`Receiver::next`].
#[must_use = "nothing is taken before the future is awaited"]
#[derive(Debug)]
pub struct Next<'a, T> {
    receiver: &'a mut Receiver<T>,
}

impl<T> Future for Next<'_, T> {
    type Output = Option<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.receiver.poll_item(cx)
    }
}
