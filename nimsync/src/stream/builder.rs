//! Making a buffered stream.

use super::buffer::Buffer;
use super::policy::Backpressure;
use super::receiver::Receiver;
use super::sender::Sender;
use std::sync::Arc;

/// Places in a buffer for which no capacity was given.
const CAPACITY: usize = 1024;

/// Begins a stream with a buffer and a policy for when the buffer is full.
///
/// It needs no runtime: it works on any executor.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let (tx, mut rx) = stream::with::<String>(Backpressure::Block).capacity(64).build();
/// tx.send("one".to_owned()).await?;
/// drop(tx);
/// while let Some(item) = rx.next().await {
///     assert_eq!(item, "one");
/// }
/// assert_eq!(rx.stats().delivered, 1);
/// # Ok::<(), stream::SendError<String>>(())
/// # }).unwrap();
/// ```
pub fn with<T>(policy: Backpressure<T>) -> Builder<T> {
    Builder {
        policy,
        capacity: CAPACITY,
    }
}

/// A stream that is being made; see [`with`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder<T> {
    policy: Backpressure<T>,
    capacity: usize,
}

impl<T> Builder<T> {
    /// Sets how many items the buffer holds, at least 1; 1,024 if not given.
    ///
    /// Memory is taken as it is needed.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    #[track_caller]
    pub fn capacity(mut self, capacity: usize) -> Self {
        assert!(capacity > 0, "a stream's capacity is at least 1");
        self.capacity = capacity;
        self
    }

    /// Makes the two ends.
    #[must_use]
    pub fn build(self) -> (Sender<T>, Receiver<T>) {
        let buffer = Arc::new(Buffer::new(self.policy, self.capacity));
        (Sender::new(buffer.clone()), Receiver::new(buffer))
    }
}
