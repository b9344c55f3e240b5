//! What happens when a buffer is full.

use super::spill::Spill;
use std::fmt;

/// What a stream does with an item for which there is no room.
///
/// `T` is the type of the items; it is inferred from where the policy is used.
///
/// # Examples
///
/// ```
/// use nimsync::stream::{self, Backpressure, Sent};
///
/// # nimsync::block_on(async {
/// let (tx, mut rx) = stream::with(Backpressure::DropOldest).capacity(2).build();
/// assert_eq!(tx.send(1).await?, Sent::Queued);
/// assert_eq!(tx.send(2).await?, Sent::Queued);
/// assert_eq!(tx.send(3).await?, Sent::Replaced(1));
/// assert_eq!(rx.next().await, Some(2));
/// # Ok::<(), stream::SendError<i32>>(())
/// # }).unwrap();
/// ```
#[non_exhaustive]
pub enum Backpressure<T> {
    /// `send` waits for room. Nothing is lost, and the source is as slow as its consumer.
    Block,
    /// The new item is dropped. For samples of which the first are as good as the last.
    DropNewest,
    /// The item that has waited longest is dropped. For news, which get old.
    DropOldest,
    /// Only the newest item is kept, whatever capacity was asked for. For states.
    Latest,
    /// `send` fails, and the item comes back. For sources that know better.
    Fail,
    /// Items go to memory or to a file behind the buffer, and come back in order.
    /// For bursts that may not be lost and may not wait.
    Spill(Spill<T>),
}

impl<T> fmt::Debug for Backpressure<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block => f.write_str("Block"),
            Self::DropNewest => f.write_str("DropNewest"),
            Self::DropOldest => f.write_str("DropOldest"),
            Self::Latest => f.write_str("Latest"),
            Self::Fail => f.write_str("Fail"),
            Self::Spill(spill) => f.debug_tuple("Spill").field(spill).finish(),
        }
    }
}
