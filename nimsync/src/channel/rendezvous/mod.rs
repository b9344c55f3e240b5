//! Capacity 0: a send is done when a receiver has the value.
//!
//! A sender puts its value on the counter, where there is room for one, and waits until a receiver has taken it; the others stand in
//! line. A sender that gives up takes its value back from the counter. All of it happens under one lock of a few
//! instructions: each message costs two wakes, beside which a lock is nothing.

mod gauge;
mod recv;
mod send;

#[cfg(not(loom))]
pub(super) use gauge::named;
pub use recv::{Receiver, Receiving};
pub use send::{Sender, Sending};

use super::{TryRecvError, TrySendError};
use crate::{
    prim::{Lock, sync::Arc},
    stats::{self, Entry, Place},
    wait::{self, WaitList},
};

struct Shared<T> {
    counter: Lock<Counter<T>>,
    /// Senders in line for the counter.
    line: WaitList,
    /// The sender whose value is on the counter, and those whose values were
    /// there shortly before.
    served: WaitList,
    receivers: WaitList,
    entry: Option<Entry>,
    place: Place,
}

struct Counter<T> {
    value: Option<T>,
    /// The number of the value on the counter, or of the last one that was there.
    number: u64,
    /// Whether a sender waits beside the value, and takes it back if it gives up.
    attended: bool,
    /// Receivers that wait: what `try_send` asks.
    waiting: usize,
    closed: bool,
    senders: usize,
    receivers: usize,
    /// Values that a receiver took, and those that were left when the last went.
    received: u64,
    dropped: u64,
}

/// Makes a channel of capacity 0: `send` waits until a receiver has taken the value.
///
/// # Examples
///
/// ```
/// use nimsync::channel;
///
/// let (tx, rx) = channel::rendezvous();
/// assert!(tx.try_send(1).is_err(), "nobody receives");
/// let sender = std::thread::spawn(move || tx.send_blocking(2));
/// assert_eq!(rx.recv_blocking(), Ok(2));
/// sender.join().unwrap().unwrap();
/// ```
pub fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Shared::new(None);
    (Sender::new(shared.clone()), Receiver::new(shared))
}

impl<T> Shared<T> {
    /// Makes a channel that counts a handle of each side.
    fn new(entry: Option<Entry>) -> Arc<Self> {
        let shared = Arc::new(Self {
            counter: Lock::new(Counter {
                value: None,
                number: 0,
                attended: false,
                waiting: 0,
                closed: false,
                senders: 1,
                receivers: 1,
                received: 0,
                dropped: 0,
            }),
            line: WaitList::new(),
            served: WaitList::new(),
            receivers: WaitList::new(),
            entry,
            place: Place::default(),
        });
        stats::list(&shared);
        shared
    }

    /// Says that the current task waits here.
    fn note(&self, unnamed: &'static &'static str, named: &'static &'static str) {
        match &self.entry {
            None => wait::note(unnamed),
            Some(entry) => wait::note_named(named, entry.id()),
        }
    }

    /// Puts a value on the counter if that is free, and tells a receiver; its number.
    fn offer(&self, value: T, attended: bool) -> Result<u64, TrySendError<T>> {
        let mut counter = self.counter.lock();
        if counter.closed {
            drop(counter);
            return Err(TrySendError::Closed(value));
        }
        if counter.value.is_some() || !attended && counter.waiting == 0 {
            drop(counter);
            return Err(TrySendError::Full(value));
        }
        counter.value = Some(value);
        counter.number += 1;
        counter.attended = attended;
        let number = counter.number;
        drop(counter);
        self.receivers.notify_one();
        Ok(number)
    }

    fn take(&self) -> Result<T, TryRecvError> {
        let mut counter = self.counter.lock();
        match counter.value.take() {
            Some(value) => {
                counter.received += 1;
                drop(counter);
                // All of them: beside the one whose value this was there may be
                // some that were served before and have not gone yet.
                self.served.notify_all();
                self.line.notify_one();
                Ok(value)
            }
            None if counter.closed => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    fn close(&self) -> bool {
        let closed = std::mem::replace(&mut self.counter.lock().closed, true);
        if !closed {
            self.line.notify_all();
            self.served.notify_all();
            self.receivers.notify_all();
        }
        !closed
    }
}

/// The methods that the handles of both sides have.
macro_rules! common_methods {
    ($Handle:ident) => {
        impl<T> $Handle<T> {
            /// Closes the channel for all its handles; false if it was closed. Senders that wait get their values back.
            pub fn close(&self) -> bool {
                self.shared.close()
            }

            /// Whether nothing can be sent any more.
            pub fn is_closed(&self) -> bool {
                self.shared.counter.lock().closed
            }

            /// The number of senders now.
            pub fn sender_count(&self) -> usize {
                self.shared.counter.lock().senders
            }

            /// The number of receivers now.
            pub fn receiver_count(&self) -> usize {
                self.shared.counter.lock().receivers
            }

            /// Whether both are handles of the same channel.
            pub fn same_channel(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.shared, &other.shared)
            }
        }

        impl<T> fmt::Debug for $Handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Handle))
                    .field("closed", &self.is_closed())
                    .finish()
            }
        }
    };
}

use common_methods;
