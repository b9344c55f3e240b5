//! The methods that the handles of both sides have.

/// What a handle can ask about its channel, and `close`.
macro_rules! common_methods {
    ($Handle:ident) => {
        impl<R: Ring> $Handle<R> {
            /// Closes the channel for all its handles; false if it was closed.
            ///
            /// What was sent before is still received.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::channel;
            ///
            /// let (tx, rx) = channel::mpmc(4);
            /// tx.try_send(1).unwrap();
            /// assert_eq!((rx.len(), rx.capacity(), rx.is_full()), (1, 4, false));
            ///
            /// rx.close();
            /// assert!(tx.is_closed() && tx.try_send(2).is_err());
            /// assert_eq!(rx.try_recv(), Ok(1)); // what was sent before is still received
            /// ```
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

            /// Whether both are handles of the same channel.
            pub fn same_channel(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.end.channel, &other.end.channel)
            }
        }

        impl<R: Ring> fmt::Debug for $Handle<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Handle))
                    .field("len", &self.len())
                    .field("capacity", &self.capacity())
                    .field("closed", &self.is_closed())
                    .finish()
            }
        }
    };
}

pub(super) use common_methods;
