//! What became of the items of a stream.

/// What became of the items of a stream, so far.
///
/// `produced = delivered + dropped + discarded + buffered`, at every moment.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// let (tx, rx) = stream::with(Backpressure::DropNewest).capacity(2).build();
/// for n in 0..5 {
///     tx.try_send(n).unwrap();
/// }
/// let stats = rx.stats();
/// assert_eq!((stats.produced, stats.dropped, stats.buffered), (5, 3, 2));
/// # drop(tx);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Items that the stream took from its senders.
    pub produced: u64,
    /// Items that the receiver has handed out.
    pub delivered: u64,
    /// Items that the policy has dropped: the newest or the oldest of a full buffer.
    pub dropped: u64,
    /// Items that were left when the receiver went away.
    pub discarded: u64,
    /// Items that came back to the sender in an error. They do not count as produced.
    pub refused: u64,
    /// Items that went through the spill. They count as delivered when they are.
    pub spilled: u64,
    /// Bytes that the spilled items took in the file.
    pub spilled_bytes: u64,
    /// How often a sender had to wait for room.
    pub waits: u64,
    /// Items in the buffer and in the spill now.
    pub buffered: usize,
    /// The largest number of items that the buffer and the spill have held.
    pub high_water: usize,
}
