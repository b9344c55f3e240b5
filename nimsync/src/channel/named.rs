//! Channels with a name, which the statistics and the live tree show.

#[cfg(not(loom))]
use super::{broadcast, rendezvous, watch};
use super::{
    core::{Channel, Tally},
    modes::{mpmc, mpsc, spmc, spsc, unbounded},
    receiver::{SharedReceiver, UniqueReceiver},
    ring::Ring,
    sender::{SharedSender, UniqueSender},
};
use crate::prim::sync::Arc;
use crate::stats::{ChannelKind, Entry};

/// Gives a name to the channel that is made next.
///
/// [`stats`](crate::stats()) has a row for it, with its depth, its high-water
/// mark and what was sent and received. In [`tree`](crate::tree()) the tasks
/// that wait for it say so: "recv on `jobs`". Several channels may have the same
/// name.
///
/// Keeping the high-water mark costs a few nanoseconds a message. A channel
/// without a name pays nothing.
///
/// # Examples
///
/// ```
/// use nimsync::channel;
///
/// let (mut tx, mut rx) = channel::named("jobs").spsc::<u32>(8);
/// tx.try_send(1).unwrap();
/// tx.try_send(2).unwrap();
/// assert_eq!(rx.try_recv(), Ok(1));
///
/// let stats = nimsync::stats();
/// let jobs = stats.channels.iter().find(|channel| channel.name == "jobs").unwrap();
/// assert_eq!((jobs.sent, jobs.received, jobs.depth, jobs.high_water), (2, 1, 1, 2));
/// ```
pub fn named(name: impl Into<std::sync::Arc<str>>) -> Named {
    Named { name: name.into() }
}

/// A name for a channel; made by [`named`].
#[derive(Clone, Debug)]
#[must_use = "a name does nothing until a channel is made with it"]
pub struct Named {
    name: std::sync::Arc<str>,
}

impl Named {
    fn channel<R>(self, ring: R) -> Arc<Channel<R>>
    where
        R: Ring + Send + Sync + 'static,
    {
        let entry = Entry::new(self.name, ChannelKind::Channel);
        let channel = Channel::listed(ring, Tally::named(entry));
        register(&channel);
        channel
    }
}

/// Declares a mode, as in `modes`.
macro_rules! named_mode {
    ($mode:ident($($capacity:ident)?): $Sender:ident -> $Receiver:ident) => {
        impl Named {
            #[doc = concat!("Makes a channel as [`", stringify!($mode), "`](fn@super::", stringify!($mode), ") does.")]
            ///
            /// # Panics
            ///
            #[doc = concat!("As [`", stringify!($mode), "`](fn@super::", stringify!($mode), ").")]
            #[must_use]
            pub fn $mode<T: Send + 'static>(self $(, $capacity: usize)?) -> ($mode::Sender<T>, $mode::Receiver<T>) {
                let ring = $mode::Ring::<T>::new($($capacity, 0)?);
                let channel = self.channel(ring);
                ($Sender::new(channel.clone()), $Receiver::new(channel))
            }
        }
    };
}

named_mode!(spsc(capacity): UniqueSender -> UniqueReceiver);
named_mode!(mpsc(capacity): SharedSender -> UniqueReceiver);
named_mode!(spmc(capacity): UniqueSender -> SharedReceiver);
named_mode!(mpmc(capacity): SharedSender -> SharedReceiver);
named_mode!(unbounded(): SharedSender -> SharedReceiver);

#[cfg(not(loom))]
impl Named {
    fn entry(self) -> Entry {
        Entry::new(self.name, ChannelKind::Channel)
    }

    /// Makes a channel as [`broadcast`](fn@super::broadcast) does.
    ///
    /// # Panics
    ///
    /// As [`broadcast`](fn@super::broadcast).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (tx, mut rx) = channel::named("news").broadcast::<u32>(2);
    /// for i in 0..3 {
    ///     tx.send(i)?;
    /// }
    /// assert!(rx.try_recv().is_err());          // it has missed one
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// let stats = nimsync::stats();
    /// let news = stats.channels.iter().find(|channel| channel.name == "news").unwrap();
    /// assert_eq!((news.sent, news.received, news.dropped, news.depth), (3, 1, 1, 1));
    /// # Ok::<(), channel::SendError<u32>>(())
    /// ```
    #[must_use]
    pub fn broadcast<T: Clone + Send + Sync + 'static>(
        self,
        capacity: usize,
    ) -> (broadcast::Sender<T>, broadcast::Receiver<T>) {
        broadcast::named(capacity, self.entry())
    }

    /// Makes a channel as [`rendezvous`](fn@super::rendezvous) does.
    #[must_use]
    pub fn rendezvous<T: Send + 'static>(self) -> (rendezvous::Sender<T>, rendezvous::Receiver<T>) {
        rendezvous::named(self.entry())
    }

    /// Makes a channel as [`watch`](fn@super::watch) does.
    #[must_use]
    pub fn watch<T: Send + Sync + 'static>(
        self,
        value: T,
    ) -> (watch::Sender<T>, watch::Receiver<T>) {
        watch::named(value, self.entry())
    }
}

/// Says to the registry whom to ask.
#[cfg(not(loom))]
fn register<R: Ring + Send + Sync + 'static>(channel: &Arc<Channel<R>>) {
    if let Some(entry) = channel.entry() {
        let weak = Arc::downgrade(channel);
        entry.attach(weak);
    }
}

/// Models ask nobody.
#[cfg(loom)]
fn register<R: Ring + Send + Sync + 'static>(_: &Arc<Channel<R>>) {}
