//! A ring with two wait lists: what all modes share.
//!
//! # Sleeping and waking
//!
//! Take receivers that wait for values (senders that wait for room are the mirror image). A sender publishes, then asks "may a receiver
//! sleep?" by one plain load of [`flags`](Channel). A receiver registers, raises the flag if it is down, and looks once more. One of
//! the two must see the other:
//!
//! | senders | between publishing and asking | between registering and the last look |
//! |---|---|---|
//! | many | nothing: publishing began with a read-modify-write of the tail | a read-modify-write of the tail |
//! | one, flag down | nothing but `light` | `heavy`, once, when the flag is raised |
//! | one, flag up | `fence(SeqCst)` | `fence(SeqCst)` |
//!
//! *Many senders.* Read-modify-writes of one word have an order. If the sender's claim comes first, the receiver's last look sees a
//! place that is claimed, and does not sleep. If it comes second, it has acquired what the receiver did before: the flag, and the list.
//!
//! *One sender.* Two fences of the store-buffer kind: the published value and the question, the registration and the last look. While
//! nobody sleeps the flag is down and the sender pays nothing; raising it costs the receiver a barrier on all cores. It stays up after a
//! wake, as those who wait once often wait often, and goes down again after [`CALM`] messages in a row for which nobody slept.
//!
//! The flag goes up and down under the lock of the list, and goes down only while the list is empty. So who registers finds it up
//! for good, or raises it.
//!
//! # Turns
//!
//! Who is linked and not notified does not look at the ring when it is polled: those before it are first. Who is notified looks; if
//! somebody else was faster it goes back to the *front* of the list. A call that has not waited yet may be that somebody.
//!
//! # Closing
//!
//! With many senders "closed" is a bit of the tail: a send comes before it or fails, and "closed and empty" is final. With one sender it
//! is two flags, `CLOSING` (senders refuse), then, after a barrier, `CLOSED` (receivers may say so). A send that was under way when a
//! receiver closed sees `CLOSING` after it has published. Then one exchange decides: `ACCEPTED` (a receiver will look again), or
//! `SEALED` (some receiver has already said "closed") and the sender takes its value back.

mod close;
mod recv;
mod send;
mod sleep;
mod tally;

pub(super) use tally::Tally;

use super::ring::Ring;
use crate::{
    prim::{Backoff, CachePadded, asymmetric, sync::AtomicUsize},
    wait::WaitList,
};

/// A receiver may be waiting: senders look at the list after publishing.
const RECEIVERS_SLEEP: usize = 1;
/// A sender may be waiting: receivers look at the list after taking.
const SENDERS_SLEEP: usize = 1 << 1;
/// No flag of those above is ever lowered: there are no asymmetric fences here.
const ALWAYS_FENCED: usize = 1 << 2;
/// Closed; one sender: it refuses from now on.
const CLOSING: usize = 1 << 3;
/// Closed, and every send begun before `CLOSING` is visible or will see it.
const CLOSED: usize = 1 << 4;
/// A sole sender's last value counts.
const ACCEPTED: usize = 1 << 5;
/// Some receiver was told "closed": a sole sender's last value does not count.
const SEALED: usize = 1 << 6;

/// The channel has a name: who sends looks how full it is.
const NAMED: usize = 1 << 7;

/// Messages in a row without a sleeper after which the flag is lowered: about what a barrier costs, divided by what a fence costs.
const CALM: usize = if cfg!(any(loom, shuttle)) { 1 } else { 64 };

/// A side of the channel, as a place to wait.
struct Gate {
    list: WaitList,
    /// Messages in a row that found the flag up and nobody asleep.
    calm: AtomicUsize,
}

impl Gate {
    fn new() -> CachePadded<Self> {
        CachePadded::new(Gate {
            list: WaitList::new(),
            calm: AtomicUsize::new(0),
        })
    }
}

/// Who waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Senders,
    Receivers,
}

/// What came of one attempt.
pub(super) enum Attempt<O> {
    /// It is over, for good or ill.
    Done(O),
    /// The other side has to do something first.
    Blocked,
    /// The other side is in the middle of it.
    Busy,
}

impl<O> Attempt<O> {
    pub(super) fn done(self) -> Option<O> {
        match self {
            Self::Done(output) => Some(output),
            Self::Blocked | Self::Busy => None,
        }
    }
}

/// What all handles of a channel share.
pub(super) struct Channel<R: Ring> {
    ring: R,
    /// Written rarely, read at every message by both sides: so a line of its own.
    flags: CachePadded<AtomicUsize>,
    receivers: CachePadded<Gate>,
    senders: CachePadded<Gate>,
    sender_count: AtomicUsize,
    receiver_count: AtomicUsize,
    tally: Tally,
}

impl<R: Ring> Channel<R> {
    fn new(ring: R, tally: Tally) -> Self {
        let one_sided = R::SOLE_SENDER || R::SOLE_RECEIVER;
        let flags = if one_sided && !asymmetric::available() {
            RECEIVERS_SLEEP | SENDERS_SLEEP | ALWAYS_FENCED
        } else {
            0
        };
        Channel {
            ring,
            flags: CachePadded::new(AtomicUsize::new(flags | Self::named_flag(&tally))),
            receivers: Gate::new(),
            senders: Gate::new(),
            sender_count: AtomicUsize::new(1),
            receiver_count: AtomicUsize::new(1),
            tally,
        }
    }

    pub(super) fn ring(&self) -> &R {
        &self.ring
    }
}

/// Repeats an attempt while the other side is in the middle of something, for a bounded time.
#[cold]
fn persist<O>(mut attempt: impl FnMut() -> Attempt<O>) -> Attempt<O> {
    let mut backoff = Backoff::new();
    loop {
        match attempt() {
            Attempt::Busy if !backoff.is_exhausted() => backoff.snooze(),
            done => return done,
        }
    }
}
