//! The senders' handles.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::Sink;

use super::{
    ReserveError, SendError, SendTimeoutError, TryReserveError, TrySendError,
    common::common_methods,
    core::Channel,
    end::SenderEnd,
    future::{Permit, Reserving, Sending, SendingMany},
    ring::{PushError, Ring},
};
use crate::prim::sync::Arc;

/// The one sender of a channel: not `Clone`, and sending takes `&mut self`.
///
/// # Examples
///
/// ```
/// use nimsync::channel::{self, SendError, spsc};
///
/// async fn feed(tx: &mut spsc::Sender<u32>) -> Result<(), SendError<u32>> {
///     tx.send(1).await?;
///     tx.send(2).await
/// }
///
/// # futures::executor::block_on(async {
/// let (mut tx, rx) = channel::spsc(8);
/// feed(&mut tx).await.unwrap();
/// assert_eq!(rx.len(), 2);
/// # });
/// ```
pub struct UniqueSender<R: Ring> {
    end: SenderEnd<R>,
}

/// A sender of a channel with many: clone it, or share it by reference.
///
/// # Examples
///
/// ```
/// use nimsync::channel::{self, SendError, mpsc};
///
/// async fn feed(tx: mpsc::Sender<u32>) -> Result<(), SendError<u32>> {
///     tx.send(1).await
/// }
///
/// # futures::executor::block_on(async {
/// let (tx, rx) = channel::mpsc(8);
/// feed(tx.clone()).await.unwrap();
/// feed(tx).await.unwrap();
/// assert!(rx.is_closed() && rx.len() == 2);
/// # });
/// ```
pub struct SharedSender<R: Ring> {
    end: SenderEnd<R>,
}

/// A sender that does not keep the channel open.
pub struct WeakSender<R: Ring> {
    channel: Arc<Channel<R>>,
}

/// The methods of a sender, once for `&mut self` and once for `&self`.
macro_rules! sender_methods {
    ($Sender:ident $(, $mutable:ident)?) => {
        impl<R: Ring> $Sender<R> {
            pub(super) fn new(channel: Arc<Channel<R>>) -> Self {
                $Sender { end: SenderEnd::new(channel) }
            }

            /// Sends a value if there is room now.
            ///
            /// # Errors
            ///
            /// `Full` or `Closed`, with the value.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::channel::{self, TrySendError};
            ///
            /// let (tx, rx) = channel::mpsc(1);
            /// assert_eq!(tx.try_send("one"), Ok(()));
            /// assert_eq!(tx.try_send("two"), Err(TrySendError::Full("two")));
            /// drop(rx);
            /// assert_eq!(tx.try_send("three").unwrap_err().into_inner(), "three");
            /// ```
            #[inline]
            pub fn try_send(&$($mutable)? self, value: R::Item) -> Result<(), TrySendError<R::Item>> {
                // SAFETY: a sole sender's end is borrowed mutably.
                match unsafe { self.end.channel.try_send(&self.end.tx, value) } {
                    Ok(()) => Ok(()),
                    Err((PushError::Closed, value)) => Err(TrySendError::Closed(value)),
                    Err((_, value)) => Err(TrySendError::Full(value)),
                }
            }

            /// Sends a value, waiting for room.
            ///
            /// # Cancel safety
            ///
            /// A future that is dropped before it is done has sent nothing; the value is dropped with it. To keep the value, take
            /// [`reserve`](Self::reserve).
            ///
            /// # Errors
            ///
            /// [`SendError`] with the value when the channel is closed.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::channel::{self, RecvError};
            ///
            /// # futures::executor::block_on(async {
            /// let (mut tx, mut rx) = channel::spsc(4);
            /// tx.send(1).await?;
            /// tx.send(2).await?;
            /// drop(tx);
            /// assert_eq!(rx.recv().await, Ok(1));
            /// assert_eq!(rx.recv().await, Ok(2));
            /// assert_eq!(rx.recv().await, Err(RecvError::Closed));
            /// # Ok::<(), channel::SendError<i32>>(())
            /// # }).unwrap();
            /// ```
            #[inline]
            pub fn send(&$($mutable)? self, value: R::Item) -> Sending<'_, R> {
                Sending::new(&self.end, Some(value))
            }

            /// Sends a value, blocking the thread until there is room.
            ///
            /// # Errors
            ///
            /// [`SendError`] with the value when the channel is closed.
            ///
            /// # Panics
            ///
            /// Inside a task of this runtime, whose worker it would block: there use [`send`](Self::send).
            pub fn send_blocking(&$($mutable)? self, value: R::Item) -> Result<(), SendError<R::Item>> {
                // SAFETY: a sole sender's end is borrowed mutably.
                unsafe { self.end.send_blocking(value) }
            }

            /// Sends a value, waiting for room, but not longer than `limit`.
            ///
            /// # Cancel safety
            ///
            /// As for [`send`](Self::send).
            ///
            /// # Errors
            ///
            /// `Timeout` or `Closed`, with the value.
            pub async fn send_timeout(
                &$($mutable)? self,
                value: R::Item,
                limit: Duration,
            ) -> Result<(), SendTimeoutError<R::Item>> {
                // SAFETY: a sole sender's end is borrowed mutably.
                unsafe { self.end.send_timeout(value, limit) }.await
            }

            /// Sends a value, blocking the thread until there is room, but not longer than `limit`.
            ///
            /// # Errors
            ///
            /// `Timeout` or `Closed`, with the value.
            ///
            /// # Panics
            ///
            /// Inside a task of this runtime: there use [`send_timeout`](Self::send_timeout).
            #[cfg(not(loom))]
            pub fn send_blocking_timeout(
                &$($mutable)? self,
                value: R::Item,
                limit: Duration,
            ) -> Result<(), SendTimeoutError<R::Item>> {
                // SAFETY: a sole sender's end is borrowed mutably.
                unsafe { self.end.send_blocking_timeout(value, limit) }
            }

            /// Sends everything that the iterator yields, waiting for room where needed.
            ///
            /// Values that fit together are published together, which is cheaper than one by one.
            ///
            /// # Cancel safety
            ///
            /// A future that is dropped half way has sent what it had taken from the iterator, but for the one value for which it was
            /// waiting. Pass `iter.by_ref()` to keep the rest.
            ///
            /// # Errors
            ///
            /// [`SendError`] with the first value that was not sent when the channel is closed.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::channel;
            ///
            /// # futures::executor::block_on(async {
            /// let (mut tx, mut rx) = channel::spsc(64);
            /// tx.send_many(0..50).await?;
            ///
            /// let mut values = Vec::new();
            /// while rx.recv_many(&mut values, 32).await > 0 {
            ///     if values.len() == 50 {
            ///         break;
            ///     }
            /// }
            /// assert!(values.into_iter().eq(0..50));
            /// # Ok::<(), channel::SendError<i32>>(())
            /// # }).unwrap();
            /// ```
            pub fn send_many<I>(&$($mutable)? self, values: I) -> SendingMany<'_, R, I::IntoIter>
            where
                I: IntoIterator<Item = R::Item>,
            {
                SendingMany::new(&self.end, values.into_iter())
            }

            /// Sends everything that the iterator yields, blocking the thread where there is no room.
            ///
            /// # Errors
            ///
            /// As for [`send_many`](Self::send_many).
            ///
            /// # Panics
            ///
            /// Inside a task of this runtime: there use [`send_many`](Self::send_many).
            pub fn send_many_blocking<I>(&$($mutable)? self, values: I) -> Result<(), SendError<R::Item>>
            where
                I: IntoIterator<Item = R::Item>,
            {
                // SAFETY: a sole sender's end is borrowed mutably.
                unsafe { self.end.send_many_blocking(values.into_iter()) }
            }

            /// Waits for room and reserves it: the permit then sends without waiting, and cannot fail.
            ///
            /// # Cancel safety
            ///
            /// A future that is dropped has reserved nothing, a permit that is dropped gives its place back.
            ///
            /// # Errors
            ///
            /// [`ReserveError`] when the channel is closed.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::channel;
            ///
            /// # futures::executor::block_on(async {
            /// let (tx, mut rx) = channel::mpsc(4);
            /// let permit = tx.reserve().await?;
            /// let costly = "made only when there is room".to_owned();
            /// permit.send(costly);
            /// assert!(rx.try_recv().is_ok());
            /// # Ok::<(), channel::ReserveError>(())
            /// # }).unwrap();
            /// ```
            pub fn reserve(&$($mutable)? self) -> Reserving<'_, R> {
                Reserving::new(&self.end)
            }

            /// Reserves a place if there is one now.
            ///
            /// # Errors
            ///
            /// `Full` or `Closed`.
            pub fn try_reserve(&$($mutable)? self) -> Result<Permit<'_, R>, TryReserveError> {
                // SAFETY: a sole sender's end is borrowed mutably.
                match unsafe { self.end.channel.try_reserve(&self.end.tx) } {
                    Ok(()) => Ok(Permit::new(&self.end)),
                    Err(PushError::Closed) => Err(TryReserveError::Closed),
                    Err(_) => Err(TryReserveError::Full),
                }
            }
        }

        common_methods!($Sender);
    };
}

sender_methods!(UniqueSender, mut);
sender_methods!(SharedSender);

impl<R: Ring> SharedSender<R> {
    /// Makes a sender that does not keep the channel open.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (tx, rx) = channel::mpsc::<u32>(4);
    /// let weak = tx.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(tx);
    /// assert!(weak.upgrade().is_none() && rx.is_closed());
    /// ```
    pub fn downgrade(&self) -> WeakSender<R> {
        WeakSender {
            channel: self.end.channel.clone(),
        }
    }
}

impl<R: Ring> Clone for SharedSender<R> {
    fn clone(&self) -> Self {
        SharedSender {
            end: self.end.another(),
        }
    }
}

impl<R: Ring> WeakSender<R> {
    /// Makes a sender again, if there is still one.
    pub fn upgrade(&self) -> Option<SharedSender<R>> {
        self.channel
            .revive_sender()
            .then(|| SharedSender::new(self.channel.clone()))
    }

    /// The number of senders now.
    pub fn sender_count(&self) -> usize {
        self.channel.sender_count()
    }
}

impl<R: Ring> Clone for WeakSender<R> {
    fn clone(&self) -> Self {
        WeakSender {
            channel: self.channel.clone(),
        }
    }
}

impl<R: Ring> fmt::Debug for WeakSender<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}

/// The methods of a sender as a sink; they differ in what closing the sink does.
macro_rules! sink {
    ($Sender:ident, closes: $closes:literal, $doc:literal) => {
        /// A value is accepted when a place is reserved for it, and there is nothing to flush.
        #[doc = $doc]
        impl<R: Ring> Sink<R::Item> for $Sender<R> {
            type Error = ReserveError;

            fn poll_ready(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<Result<(), ReserveError>> {
                // SAFETY: borrowed mutably.
                unsafe { self.get_mut().end.poll_ready(cx) }
            }

            fn start_send(self: Pin<&mut Self>, value: R::Item) -> Result<(), ReserveError> {
                // SAFETY: borrowed mutably.
                unsafe { self.get_mut().end.start_send(value) };
                Ok(())
            }

            fn poll_flush(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Result<(), ReserveError>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Result<(), ReserveError>> {
                if $closes {
                    self.close();
                }
                Poll::Ready(Ok(()))
            }
        }
    };
}

sink!(
    UniqueSender,
    closes: true,
    "Closing the sink closes the channel."
);
sink!(
    SharedSender,
    closes: false,
    "Closing the sink leaves the channel to the other senders: it closes when the last one is dropped."
);
