//! Why a receiver of a broadcast has no value.

use std::{error::Error, fmt};

/// Why a receiver has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecvError {
    /// This receiver was too slow, and missed so many values. The next call goes on behind them.
    Lagged(u64),
    /// The channel is closed, and this receiver has seen everything.
    Closed,
}

/// Why a receiver has no value now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// This receiver has seen everything that was sent.
    Empty,
    /// This receiver was too slow, and missed so many values. The next call goes on behind them.
    Lagged(u64),
    /// The channel is closed, and this receiver has seen everything.
    Closed,
}

/// Why a receiver got no value in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecvTimeoutError {
    /// The time was up.
    Timeout,
    /// This receiver was too slow, and missed so many values. The next call goes on behind them.
    Lagged(u64),
    /// The channel is closed, and this receiver has seen everything.
    Closed,
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecvError::Lagged(missed) => {
                write!(f, "the receiver was too slow and missed {missed} values")
            }
            RecvError::Closed => f.write_str("the channel is closed and empty"),
        }
    }
}

impl Error for RecvError {}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryRecvError::Empty => f.write_str("the channel is empty"),
            TryRecvError::Lagged(missed) => RecvError::Lagged(*missed).fmt(f),
            TryRecvError::Closed => RecvError::Closed.fmt(f),
        }
    }
}

impl Error for TryRecvError {}

impl fmt::Display for RecvTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecvTimeoutError::Timeout => f.write_str("the channel was empty for too long"),
            RecvTimeoutError::Lagged(missed) => RecvError::Lagged(*missed).fmt(f),
            RecvTimeoutError::Closed => RecvError::Closed.fmt(f),
        }
    }
}

impl Error for RecvTimeoutError {}

impl From<RecvError> for RecvTimeoutError {
    fn from(error: RecvError) -> Self {
        match error {
            RecvError::Lagged(missed) => RecvTimeoutError::Lagged(missed),
            RecvError::Closed => RecvTimeoutError::Closed,
        }
    }
}
