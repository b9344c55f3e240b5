//! The sender's end.

use super::buffer::{Attempt, Buffer, Patience};
use super::error::{SendError, Sent};
use super::stats::Stats;
use super::waiting::Ticket;
use crate::wait;
use futures::Sink;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The end of a buffered stream into which items go; made by [`with`](super::with).
///
/// Clones send into the same stream. It closes when the last of them is dropped.
///
/// As a [`futures::Sink`] it is always ready for one item, which it keeps until there
/// is room; an item that the policy drops is no error there. An item that is kept
/// when the handle is dropped was never produced.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::stream::{Receiver, Sender};
///
/// async fn feed(tx: Sender<u32>) {
///     for n in 1..=3 {
///         tx.send(n).await.unwrap();
///     }
/// }
///
/// async fn sum(rx: Receiver<u32>) -> u32 {
///     rx.fold(0, |sum, n| async move { sum + n }).await
/// }
///
/// # nimsync::block_on(async {
/// let (tx, rx) = stream::with(Backpressure::Block).capacity(2).build();
/// let (_, sum) = futures::join!(feed(tx), sum(rx));
/// assert_eq!(sum, 6);
/// # });
/// ```
pub struct Sender<T> {
    buffer: Arc<Buffer<T>>,
    /// What `start_send` took and the buffer has not.
    held: Option<T>,
    ticket: Option<Ticket>,
}

/// The item is moved as a value and never pinned.
impl<T> Unpin for Sender<T> {}

impl<T> Sender<T> {
    pub(super) fn new(buffer: Arc<Buffer<T>>) -> Self {
        Self {
            buffer,
            held: None,
            ticket: None,
        }
    }

    /// Sends an item, and tells what became of it.
    ///
    /// Waits for room only if the policy is `Block`, or `Spill` and the spill is
    /// full. Those who wait are served in the order in which they came.
    ///
    /// # Errors
    ///
    /// [`SendError`], with the item: the stream is closed, the policy is `Fail` and
    /// there is no room, or the item could not be spilled.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before it is done has sent nothing; the item is dropped
    /// with it.
    #[inline]
    pub fn send(&self, item: T) -> Sending<'_, T> {
        Sending {
            buffer: &self.buffer,
            item: Some(item),
            ticket: None,
        }
    }

    /// Sends an item if that needs no waiting, and tells what became of it.
    ///
    /// # Errors
    ///
    /// [`SendError`], with the item; [`Full`](SendError::Full) where
    /// [`send`](Self::send) would wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::stream::Sent;
    ///
    /// let (tx, rx) = stream::with(Backpressure::DropOldest).capacity(2).build();
    /// assert_eq!(tx.try_send(1).unwrap(), Sent::Queued);
    /// assert_eq!(tx.try_send(2).unwrap(), Sent::Queued);
    /// assert_eq!(tx.try_send(3).unwrap(), Sent::Replaced(1));
    /// let stats = tx.stats();
    /// assert_eq!((stats.produced, stats.dropped, stats.buffered), (3, 1, 2));
    /// # drop(rx);
    /// ```
    pub fn try_send(&self, item: T) -> Result<Sent<T>, SendError<T>> {
        match self.buffer.push(item, Patience::None) {
            Attempt::Done(result) => result,
            Attempt::Wait(item) => Err(SendError::Full(item)),
        }
    }

    /// Sends an item, blocking the thread where [`send`](Self::send) would wait.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Panics
    ///
    /// Inside a task of this runtime, whose worker it would block.
    pub fn send_blocking(&self, item: T) -> Result<Sent<T>, SendError<T>> {
        assert!(
            !wait::inside_task(),
            "`send_blocking` inside a task would block its worker; use `send(..).await`"
        );
        wait::block_on(self.send(item))
    }

    /// Sends all items of an iterator, one after the other.
    ///
    /// Returns how many the stream took; [`stats`](Self::stats) says what became of them.
    ///
    /// # Errors
    ///
    /// The [`SendError`] of the first item that came back.
    ///
    /// # Cancel safety
    ///
    /// What was taken from the iterator before was sent, but for the one item that waits.
    pub async fn send_many(
        &self,
        items: impl IntoIterator<Item = T>,
    ) -> Result<usize, SendError<T>> {
        let mut count = 0;
        for item in items {
            self.send(item).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Closes the stream for all its senders; false if it was closed.
    ///
    /// What was sent before is still delivered. Senders that wait get their items back.
    pub fn close(&self) -> bool {
        self.buffer.close(None).is_ok()
    }

    /// Tells whether nothing can be sent any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.buffer.is_closed()
    }

    /// Returns how many items the buffer holds at most, without the spill.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Returns what became of the items so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.buffer.stats()
    }
}

impl<T, E> Sender<Result<T, E>> {
    /// Closes the stream with an error: the receiver gets what was sent before, then the
    /// error, then the end.
    ///
    /// It never waits: the error has a place of its own.
    ///
    /// # Errors
    ///
    /// The error, if the stream was closed already.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let (tx, mut rx) = stream::with::<Result<u32, String>>(Backpressure::Block).build();
    /// tx.send(Ok(1)).await.unwrap();
    /// tx.fail("disconnected".to_owned()).unwrap();
    /// assert_eq!(rx.next().await, Some(Ok(1)));
    /// assert_eq!(rx.next().await, Some(Err("disconnected".to_owned())));
    /// assert_eq!(rx.next().await, None);
    /// # });
    /// ```
    pub fn fail(&self, error: E) -> Result<(), E> {
        match self.buffer.close(Some(Err(error))) {
            Err(Some(Err(error))) => Err(error),
            _ => Ok(()),
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.buffer.add_sender();
        Self::new(self.buffer.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.buffer.leave_line(&mut self.ticket);
        self.buffer.drop_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// Sends one item; made by [`Sender::send`].
#[must_use = "nothing is sent before the future is awaited"]
pub struct Sending<'a, T> {
    buffer: &'a Buffer<T>,
    item: Option<T>,
    ticket: Option<Ticket>,
}

/// The item is moved as a value and never pinned.
impl<T> Unpin for Sending<'_, T> {}

impl<T> Future for Sending<'_, T> {
    type Output = Result<Sent<T>, SendError<T>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        poll_push(this.buffer, &mut this.item, &mut this.ticket, cx)
    }
}

impl<T> Drop for Sending<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.buffer.leave_line(&mut self.ticket);
        }
    }
}

#[inline]
fn poll_push<T>(
    buffer: &Buffer<T>,
    held: &mut Option<T>,
    ticket: &mut Option<Ticket>,
    cx: &mut Context<'_>,
) -> Poll<Result<Sent<T>, SendError<T>>> {
    if !wait::budget(cx) {
        return Poll::Pending;
    }
    let item = held.take().expect("polled after it was done");
    match buffer.push(item, Patience::Wait(ticket, cx.waker())) {
        Attempt::Done(result) => Poll::Ready(result),
        Attempt::Wait(item) => {
            *held = Some(item);
            buffer.note(&"send into stream", &"send into");
            Poll::Pending
        }
    }
}

impl<T> Sink<T> for Sender<T> {
    type Error = SendError<T>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let this = &mut *self;
        if this.held.is_none() {
            return Poll::Ready(Ok(()));
        }
        let sent = ready!(poll_push(
            &this.buffer,
            &mut this.held,
            &mut this.ticket,
            cx
        ));
        Poll::Ready(sent.map(drop))
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), Self::Error> {
        assert!(self.held.is_none(), "`start_send` without `poll_ready`");
        // Most often there is room, and nothing to keep.
        match self.buffer.push(item, Patience::Keep) {
            Attempt::Done(result) => result.map(drop),
            Attempt::Wait(item) => {
                self.held = Some(item);
                Ok(())
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_ready(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        ready!(self.as_mut().poll_ready(cx))?;
        self.close();
        Poll::Ready(Ok(()))
    }
}
