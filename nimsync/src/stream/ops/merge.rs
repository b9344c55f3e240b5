//! Many streams as one.

use futures::Stream;
use futures::stream::{SelectAll, select_all};

/// Merges streams into one that yields what comes, as it comes, and ends with the last.
///
/// None is preferred. For two streams see
/// [`StreamExt::merge`](crate::stream::StreamExt::merge).
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let parts = (0..3).map(|part| stream::iter(part * 10..part * 10 + 2));
/// let mut all: Vec<i32> = stream::merge(parts).collect().await;
/// all.sort();
/// assert_eq!(all, [0, 1, 10, 11, 20, 21]);
/// # });
/// ```
pub fn merge<S: Stream + Unpin>(streams: impl IntoIterator<Item = S>) -> SelectAll<S> {
    select_all(streams)
}
