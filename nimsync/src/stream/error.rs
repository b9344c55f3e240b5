//! What `send` returns.

use std::error::Error;
use std::fmt;
use std::io;

/// What became of an item that a stream took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent<T> {
    /// It is in the buffer.
    Queued,
    /// It is in the overflow, behind the buffer.
    Spilled,
    /// There was no room, so it was dropped: here it is.
    Dropped(T),
    /// It is in the buffer, in place of this one, which had waited longest.
    Replaced(T),
}

impl<T> Sent<T> {
    /// Returns the item that was dropped, this one or an older one.
    pub fn dropped(self) -> Option<T> {
        match self {
            Self::Dropped(item) | Self::Replaced(item) => Some(item),
            Self::Queued | Self::Spilled => None,
        }
    }
}

/// An item that was not sent, and why.
#[non_exhaustive]
pub enum SendError<T> {
    /// The stream is closed, or its receiver is gone.
    Closed(T),
    /// There is no room: the policy is `Fail`, or the call does not wait.
    Full(T),
    /// The spill failed: the disk is full, the file cannot be made or written, the
    /// item cannot be encoded, or is larger than the limit.
    Spill(T, io::Error),
}

impl<T> SendError<T> {
    /// Returns the item.
    pub fn into_inner(self) -> T {
        match self {
            Self::Closed(item) | Self::Full(item) | Self::Spill(item, _) => item,
        }
    }

    /// Tells whether there was no room.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Tells whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(_) => f.write_str("Closed(..)"),
            Self::Full(_) => f.write_str("Full(..)"),
            Self::Spill(_, error) => write!(f, "Spill(.., {error:?})"),
        }
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => "the stream is closed",
            Self::Full(_) => "the stream is full",
            Self::Spill(..) => "the item could not be spilled",
        })
    }
}

impl<T> Error for SendError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Spill(_, error) => Some(error),
            _ => None,
        }
    }
}
