//! Making a buffered stream.

use super::buffer::Buffer;
use super::policy::Backpressure;
use super::receiver::Receiver;
use super::sender::Sender;
use crate::stats::{self, ChannelKind, Entry, Gauge};
use std::fmt;
use std::sync::{Arc, Weak};

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
        named: None,
    }
}

/// A stream that is being made; see [`with`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder<T> {
    policy: Backpressure<T>,
    capacity: usize,
    named: Option<Name<T>>,
}

/// A name, and how the registry is told of a stream that has one.
struct Name<T> {
    name: Arc<str>,
    gauge: fn(&Arc<Buffer<T>>) -> Weak<dyn Gauge>,
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
        let (name, gauge) = self.named.map(|Name { name, gauge }| (name, gauge)).unzip();
        let entry = name.map(|name| Entry::new(name, ChannelKind::Stream));
        let buffer = Arc::new(Buffer::new(self.policy, self.capacity, entry));
        stats::list(&buffer);
        if let (Some(entry), Some(gauge)) = (buffer.entry(), gauge) {
            entry.attach(gauge(&buffer));
        }
        (Sender::new(buffer.clone()), Receiver::new(buffer))
    }
}

impl<T: Send + 'static> Builder<T> {
    /// Gives the stream a name: [`stats`](crate::stats()) has a row for it, and
    /// the tasks that wait for it say so in [`tree`](crate::tree()).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// let (tx, _rx) = stream::with::<u32>(Backpressure::DropNewest).capacity(1).named("ticks").build();
    /// tx.try_send(1).unwrap();
    /// tx.try_send(2).unwrap();
    ///
    /// let stats = nimsync::stats();
    /// let ticks = stats.channels.iter().find(|channel| channel.name == "ticks").unwrap();
    /// assert_eq!((ticks.sent, ticks.dropped, ticks.depth), (2, 1, 1));
    /// ```
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.named = Some(Name {
            name: name.into(),
            gauge: |buffer| Arc::downgrade(buffer) as Weak<dyn Gauge>,
        });
        self
    }
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.named.as_ref().map(|named| &named.name);
        f.debug_struct("Builder")
            .field("policy", &self.policy)
            .field("capacity", &self.capacity)
            .field("name", &name)
            .finish()
    }
}
