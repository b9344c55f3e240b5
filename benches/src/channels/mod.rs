//! Channels behind one face, so that a piece of work is written once for all.
//!
//! Each way to call a side is a trait: it does not wait, it blocks its thread,
//! it is awaited, it moves many at once. Methods have names that no channel
//! uses itself. Values are `u64`.
//!
//! `contenders` has who takes part, by mode and by way to call.

mod contenders;
mod executor;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;
mod shape;

use std::ops::Range;

#[cfg(feature = "nimsync")]
pub use executor::nimsync;
pub use executor::{Executor, tokio};
pub use peers::{array_queue, disruptor, non_zero};
pub use shape::{Ends, check, expected, fan_in, fan_out, line, mesh, pause};

/// What a channel holds, unless a case says something else.
pub const CAPACITY: usize = 1024;

/// Sends without waiting.
pub trait TrySend: Send + 'static {
    /// False if the channel is full.
    fn offer(&mut self, value: u64) -> bool;
}

/// Receives without waiting.
pub trait TryRecv: Send + 'static {
    /// `None` if the channel is empty.
    fn accept(&mut self) -> Option<u64>;
}

/// Sends, and blocks the thread while the channel is full.
pub trait BlockingSend: Send + 'static {
    /// The receiver has to be there.
    fn put(&mut self, value: u64);
}

/// Receives, and blocks the thread while the channel is empty.
pub trait BlockingRecv: Send + 'static {
    /// `None` if the channel is closed and drained.
    fn get(&mut self) -> Option<u64>;
}

/// Sends, and waits as a task while the channel is full.
pub trait AsyncSend: Send + 'static {
    /// The receiver has to be there.
    fn put_async(&mut self, value: u64) -> impl Future<Output = ()> + Send;
}

/// Receives, and waits as a task while the channel is empty.
pub trait AsyncRecv: Send + 'static {
    /// `None` if the channel is closed and drained.
    fn get_async(&mut self) -> impl Future<Output = Option<u64>> + Send;
}

/// Sends many at once, and waits in its own way while the channel is full.
pub trait BatchSend: Send + 'static {
    /// The receiver has to be there.
    fn put_all(&mut self, values: Range<u64>);
}

/// Receives many at once, and waits in its own way while the channel is empty.
pub trait BatchRecv: Send + 'static {
    /// Hands what it receives to `take`, `limit` at most; returns how many.
    fn get_some(&mut self, limit: usize, take: impl FnMut(u64)) -> usize;
}

/// Implements both sides without waiting.
macro_rules! impl_try {
    ($Tx:ty, $Rx:ty: |$tx:ident, $value:ident| $send:expr, |$rx:ident| $recv:expr) => {
        impl TrySend for $Tx {
            #[inline]
            fn offer(&mut self, $value: u64) -> bool {
                let $tx = self;
                $send
            }
        }

        impl TryRecv for $Rx {
            #[inline]
            fn accept(&mut self) -> Option<u64> {
                let $rx = self;
                $recv
            }
        }
    };
}

/// Implements both sides by blocking.
macro_rules! impl_blocking {
    ($Tx:ty, $Rx:ty: |$tx:ident, $value:ident| $send:expr, |$rx:ident| $recv:expr) => {
        impl BlockingSend for $Tx {
            #[inline]
            fn put(&mut self, $value: u64) {
                let $tx = self;
                $send.expect("the receiver is there");
            }
        }

        impl BlockingRecv for $Rx {
            #[inline]
            fn get(&mut self) -> Option<u64> {
                let $rx = self;
                $recv
            }
        }
    };
}

/// Implements both sides as futures.
macro_rules! impl_async {
    ($Tx:ty, $Rx:ty: |$tx:ident, $value:ident| $send:expr, |$rx:ident| $recv:expr) => {
        impl AsyncSend for $Tx {
            #[inline]
            async fn put_async(&mut self, $value: u64) {
                let $tx = self;
                $send.expect("the receiver is there");
            }
        }

        impl AsyncRecv for $Rx {
            #[inline]
            async fn get_async(&mut self) -> Option<u64> {
                let $rx = self;
                $recv
            }
        }
    };
}

use {impl_async, impl_blocking, impl_try};
