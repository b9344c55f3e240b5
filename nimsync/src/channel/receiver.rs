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
    core::Channel,
    end::ReceiverEnd,
    future::{Receiving, ReceivingMany},
    ring::Ring,
};
use crate::prim::sync::Arc;

/// The one receiver of a channel: not `Clone`, and receiving takes `&mut self`.
pub struct UniqueReceiver<R: Ring> {
    end: ReceiverEnd<R>,
}

/// A receiver of a channel with many: clone it, or share it by reference. Each value goes to one of them.
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

            /// Closes the channel for all its handles; false if it was closed.
            ///
            /// What was sent before is still received.
            pub fn close(&self) -> bool {
                self.end.channel.close()
            }

            /// Whether nothing can be sent any more; there may still be values to receive.
            pub fn is_closed(&self) -> bool {
                self.end.channel.is_closed()
            }

            /// The number of values in the channel now.
            pub fn len(&self) -> usize {
                self.end.channel.ring().len()
            }

            /// Whether there is no value in the channel now.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether there is no room now: every place holds a value or is reserved.
            pub fn is_full(&self) -> bool {
                let ring = self.end.channel.ring();
                ring.used() >= ring.capacity()
            }

            /// The number of values that the channel can hold; `usize::MAX` if it has no bound.
            pub fn capacity(&self) -> usize {
                self.end.channel.ring().capacity()
            }

            /// The number of senders now.
            pub fn sender_count(&self) -> usize {
                self.end.channel.sender_count()
            }

            /// The number of receivers now.
            pub fn receiver_count(&self) -> usize {
                self.end.channel.receiver_count()
            }

            /// Whether both receive from the same channel.
            pub fn same_channel(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.end.channel, &other.end.channel)
            }
        }

        impl<R: Ring> fmt::Debug for $Receiver<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Receiver))
                    .field("len", &self.len())
                    .field("capacity", &self.capacity())
                    .field("closed", &self.is_closed())
                    .finish()
            }
        }

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
