//! The overflow of a stream: items that wait behind the buffer, in memory or in a file.
//!
//! # The file
//!
//! A ring of bytes: position `p` of the endless sequence of written bytes is at `p % limit`,
//! so the file never grows beyond the limit. A record is the length of an item (4 bytes)
//! and the item as [`postcard`](https://docs.rs/postcard) encodes it; it may wrap.
//!
//! ```text
//!      read ahead          in the file              to be written
//!   ┌───────────────┬───────────────────────────┬──────────────────┐
//!  head            fetched                    flushed             tail
//! ```
//!
//! - `tail - head` is never more than the limit.
//! - What is *to be written* is written in pieces of about [`CHUNK`] bytes. If that fails, the
//!   bytes stay where they are: no item that was taken is lost, and the next item that
//!   needs the room gets the error. When there is room on the disk again, it goes on.
//! - The reader reads pieces of the same size. When it has read all that is in the file it
//!   takes what was to be written straight from memory: items that are read soon
//!   never see the disk.
//!
//! # On the workers
//!
//! The file is read and written by the task that sends or receives, not by the blocking
//! pool: a piece is one system call that copies 64 KiB into or out of the page cache, about
//! 10 µs for some thousand items, which is what the way to the pool and back costs. It would
//! also keep the order of the senders waiting for the pool, and tie streams to the
//! runtime. A file system that blocks for long (a network share) blocks the worker.

#[cfg(feature = "spill")]
mod disk;
mod file;

pub use file::SpillFile;

use std::collections::VecDeque;
use std::fmt;
use std::io;

/// Bytes that are written or read at once.
#[cfg(feature = "spill")]
const CHUNK: usize = 64 * 1024;

/// Where items go for which the buffer has no room; see
/// [`Backpressure::Spill`](super::Backpressure::Spill).
///
/// It keeps their order, and has a limit of its own; when that is reached `send` waits.
#[non_exhaustive]
pub enum Spill<T> {
    #[doc(hidden)]
    Memory(usize),
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "made by the functions below only")]
    File(Box<dyn Backing<T>>),
}

impl<T> Spill<T> {
    /// Spills up to `limit` items to memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::stream::{self, Backpressure, Sent, Spill};
    ///
    /// let spill = Spill::memory(100);
    /// let (tx, rx) = stream::with(Backpressure::Spill(spill)).capacity(1).build();
    /// assert_eq!(tx.try_send("a").unwrap(), Sent::Queued);
    /// assert_eq!(tx.try_send("b").unwrap(), Sent::Spilled);
    /// # drop(rx);
    /// ```
    #[must_use]
    pub fn memory(limit: usize) -> Self {
        Self::Memory(limit)
    }
}

impl<T> fmt::Debug for Spill<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(limit) => f.debug_tuple("Memory").field(limit).finish(),
            Self::File(_) => f.debug_tuple("File").finish_non_exhaustive(),
        }
    }
}

/// A first-in-first-out store of items.
pub(super) trait Backing<T>: Send {
    /// Stores an item; how many bytes it took.
    fn push(&mut self, item: &T) -> Result<usize, Refused>;

    /// Appends up to `limit` items to `items`; how many there were before an error.
    fn pop(&mut self, items: &mut VecDeque<T>, limit: usize) -> (usize, io::Result<()>);
}

/// Why an item was not stored.
#[derive(Debug)]
#[cfg_attr(not(feature = "spill"), expect(dead_code, reason = "made by `disk`"))]
pub(super) enum Refused {
    /// The limit is reached, and items have to be taken out first.
    Full,
    Failed(io::Error),
}
