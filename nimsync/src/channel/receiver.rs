//! The receivers' handles.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{Stream, stream::FusedStream};

use super::{
    RecvError, RecvTimeoutError, TryRecvError,
    common::common_methods,
    core::Channel,
    end::ReceiverEnd,
    future::{Receiving, ReceivingMany},
    ring::Ring,
};
use crate::prim::sync::Arc;

/// The one receiver of a channel: not `Clone`, and receiving takes `&mut self`.
///
/// # Examples
///
/// ```
/// use nimsync::channel::{self, mpsc};
///
/// async fn sum(mut rx: mpsc::Receiver<u32>) -> u32 {
///     let mut sum = 0;
///     while let Ok(n) = rx.recv().await {
///         sum += n;
///     }
///     sum
/// }
///
/// # futures::executor::block_on(async {
/// let (tx, rx) = channel::mpsc(8);
/// tx.send_many([1, 2, 3]).await.unwrap();
/// drop(tx);
/// assert_eq!(sum(rx).await, 6);
/// # });
/// ```
pub struct UniqueReceiver<R: Ring> {
    end: ReceiverEnd<R>,
}

/// A receiver of a channel with many: clone it, or share it by reference. Each value goes to one of them.
///
/// # Examples
///
/// ```
/// use futures::StreamExt;
/// use nimsync::channel::{self, spmc};
///
/// async fn sum(rx: spmc::Receiver<u32>) -> u32 {
///     rx.fold(0, |sum, n| async move { sum + n }).await
/// }
///
/// # futures::executor::block_on(async {
/// let (mut tx, rx) = channel::spmc(8);
/// tx.send_many([1, 2, 3]).await.unwrap();
/// drop(tx);
/// let (one, other) = futures::join!(sum(rx.clone()), sum(rx));
/// assert_eq!(one + other, 6); // each value goes to one of them
/// # });
/// ```
pub struct SharedReceiver<R: Ring> {
    end: ReceiverEnd<R>,
}

/// The methods of a receiver, once for `&mut self` and once for `&self`.
macro_rules! receiver_methods {
    ($Receiver:ident $(, $mutable:ident)?) => {
        impl<R: Ring> $Receiver<R> {
            pub(super) fn new(channel: Arc<Channel<R>>) -> Self {
                $Receiver { end: ReceiverEnd::new(channel) }
            }

            /// Receives a value if there is one now.
            ///
            /// # Errors
            ///
            /// `Empty`, or `Closed` once the channel is closed and drained.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::channel::{self, TryRecvError};
            ///
            /// let (tx, mut rx) = channel::mpsc(4);
            /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
            /// tx.try_send("one").unwrap();
            /// drop(tx);
            /// assert_eq!(rx.try_recv(), Ok("one"));
            /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
            /// ```
            #[inline]
            pub fn try_recv(&$($mutable)? self) -> Result<R::Item, TryRecvError> {
                // SAFETY: a sole receiver's end is borrowed mutably.
                unsafe { self.end.channel.try_recv(&self.end.rx) }
            }

            /// Receives a value, waiting for one.
            ///
            /// # Cancel safety
            ///
            /// A future that is dropped before it is done has taken nothing.
            ///
            /// # Errors
            ///
            /// [`RecvError::Closed`] once the channel is closed and drained.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::channel;
            ///
            /// # futures::executor::block_on(async {
            /// let (tx, mut rx) = channel::mpsc(4);
            /// tx.send("one").await?;
            /// tx.send("two").await?;
            /// drop(tx);
            /// while let Ok(word) = rx.recv().await {
            ///     println!("{word}");
            /// }
            /// # Ok::<(), channel::SendError<&str>>(())
            /// # }).unwrap();
            /// ```
            #[inline]
            pub fn recv(&$($mutable)? self) -> Receiving<'_, R> {
                Receiving::new(&self.end)
            }

            /// Receives a value, blocking the thread until there is one.
            ///
            /// # Errors
            ///
            /// [`RecvError::Closed`] once the channel is closed and drained.
            ///
            /// # Panics
            ///
            /// Inside a task of this runtime, whose worker it would block: there use [`recv`](Self::recv).
            pub fn recv_blocking(&$($mutable)? self) -> Result<R::Item, RecvError> {
                // SAFETY: a sole receiver's end is borrowed mutably.
                unsafe { self.end.recv_blocking() }
            }

            /// Receives a value, waiting for one, but not longer than `limit`.
            ///
            /// # Cancel safety
            ///
            /// As for [`recv`](Self::recv).
            ///
            /// # Errors
            ///
            /// `Timeout`, or `Closed` once the channel is closed and drained.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::prelude::*;
            ///
            /// # nimsync::block_on(async {
            /// let (tx, mut rx) = channel::mpsc::<u32>(4);
            /// let nothing = rx.recv_timeout(1.milliseconds()).await;
            /// assert!(nothing.unwrap_err().is_timeout());
            /// drop(tx);
            /// let nothing = rx.recv_timeout(1.minutes()).await;
            /// assert!(nothing.unwrap_err().is_closed());
            /// # });
            /// ```
            pub async fn recv_timeout(&$($mutable)? self, limit: Duration) -> Result<R::Item, RecvTimeoutError> {
                // SAFETY: a sole receiver's end is borrowed mutably.
                unsafe { self.end.recv_timeout(limit) }.await
            }

            /// Receives a value, blocking the thread until there is one, but not longer than `limit`.
            ///
            /// # Errors
            ///
            /// `Timeout`, or `Closed` once the channel is closed and drained.
            ///
            /// # Panics
            ///
            /// Inside a task of this runtime: there use [`recv_timeout`](Self::recv_timeout).
            #[cfg(not(loom))]
            pub fn recv_blocking_timeout(
                &$($mutable)? self,
                limit: Duration,
            ) -> Result<R::Item, RecvTimeoutError> {
                // SAFETY: a sole receiver's end is borrowed mutably.
                unsafe { self.end.recv_blocking_timeout(limit) }
            }

            /// Receives up to `limit` values at once, waiting for the first; the number of values appended to `buffer`.
            ///
            /// None means that the channel is closed and drained (or that `limit` is 0).
            ///
            /// # Cancel safety
            ///
            /// A future that is dropped before it is done has taken nothing.
            pub fn recv_many<'a>(&'a $($mutable)? self, buffer: &'a mut Vec<R::Item>, limit: usize) -> ReceivingMany<'a, R> {
                ReceivingMany::new(&self.end, buffer, limit)
            }

            /// Receives up to `limit` values at once, blocking the thread until there is one.
            ///
            /// # Panics
            ///
            /// Inside a task of this runtime: there use [`recv_many`](Self::recv_many).
            pub fn recv_many_blocking(&$($mutable)? self, buffer: &mut Vec<R::Item>, limit: usize) -> usize {
                // SAFETY: a sole receiver's end is borrowed mutably.
                unsafe { self.end.recv_many_blocking(buffer, limit) }
            }

            /// Receives when there is a value; what `Stream::poll_next` is made of.
            ///
            /// The last waker is kept until the next call or the end of the handle.
            pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<R::Item, RecvError>> {
                // SAFETY: borrowed mutably.
                unsafe { self.end.poll_next(cx) }.map(|value| value.ok_or(RecvError::Closed))
            }
        }

        common_methods!($Receiver);

        impl<R: Ring> Stream for $Receiver<R> {
            type Item = R::Item;

            fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<R::Item>> {
                // SAFETY: borrowed mutably.
                unsafe { self.get_mut().end.poll_next(cx) }
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                // Others may take what is there.
                if self.end.ended { (0, Some(0)) } else { (0, None) }
            }
        }

        impl<R: Ring> FusedStream for $Receiver<R> {
            fn is_terminated(&self) -> bool {
                self.end.ended
            }
        }
    };
}

receiver_methods!(UniqueReceiver, mut);
receiver_methods!(SharedReceiver);

impl<R: Ring> Clone for SharedReceiver<R> {
    fn clone(&self) -> Self {
        SharedReceiver {
            end: self.end.another(),
        }
    }
}
