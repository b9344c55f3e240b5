//! The rings: where values wait. What waiting tasks do is next door, in `core`.
//!
//! | ring | for | claim of a sender | claim of a receiver |
//! |---|---|---|---|
//! | `Spsc` | `spsc` | own index, plain store | own index, plain store |
//! | `Stamped` | `mpsc` | compare-exchange of the tail | own index, plain store |
//! | `Stamped` | `spmc` | own index, plain store | compare-exchange of the head |
//! | `Stamped` | `mpmc` | compare-exchange of the tail | compare-exchange of the head |
//! | `List` | `unbounded` | lock | lock |
//!
//! Storage is a power of two, so that a mask turns a position into an index; the capacity is exact and is a comparison of the two
//! positions. Positions only grow, and wrap around.

mod buffer;
mod list;
mod own;
mod spsc;
mod stamped;

pub(super) use list::List;
pub(super) use spsc::Spsc;
pub(super) use stamped::Stamped;

/// Why a value was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError {
    /// As many values as the capacity allows are in, or promised to permits.
    Full,
    /// No value is taken any more.
    Closed,
    /// There is room, but a receiver is still reading the value out of it; a matter of instructions, if it is on a core.
    Busy,
}

/// What came of taking values in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// How many are in.
    pub count: usize,
    /// Why it ended, if not because there were no more.
    pub end: Option<PushError>,
    /// Whether places were kept from others for values that did not come: who waits for room must be told.
    pub spare: bool,
}

impl Pushed {
    pub(super) fn new(count: usize, end: Option<PushError>) -> Self {
        Pushed {
            count,
            end,
            spare: false,
        }
    }
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopError {
    /// Nothing is in, and no place is claimed.
    Empty,
    /// Empty, and nothing will come.
    Closed,
    /// A place is claimed and its value is still being written; a matter of instructions, if the sender is on a core.
    Busy,
}

/// A queue with one or many senders and one or many receivers.
///
/// # Safety
///
/// Implementors guarantee for each value pushed that it is popped or dropped exactly once, and that:
///
/// * where `SOLE_SENDER` is false, `push` claims its place by a read-modify-write that acquires and that `meet_senders` pairs with;
/// * where `SOLE_RECEIVER` is false, the same holds for `pop` and `meet_receivers`.
pub unsafe trait Ring: Sized {
    /// What is queued.
    type Item;
    /// What a sender's handle remembers.
    type Tx: Unpin;
    /// What a receiver's handle remembers.
    type Rx: Unpin;
    /// Whether there is never more than one sender.
    const SOLE_SENDER: bool;
    /// Whether there is never more than one receiver.
    const SOLE_RECEIVER: bool;

    /// State for a new sender's handle.
    fn sender(&self) -> Self::Tx;
    /// State for a new receiver's handle.
    fn receiver(&self) -> Self::Rx;

    /// Takes a value in.
    ///
    /// # Safety
    ///
    /// `tx` comes from this ring. With a sole sender: no other call with a `tx` runs at the same time.
    unsafe fn push(&self, tx: &Self::Tx, value: Self::Item) -> Result<(), (PushError, Self::Item)>;

    /// Takes values in while there is room, all published at once where the ring can: first `held`, then `values`. If it ended for
    /// another reason than that there were no more, `held` has the next one.
    ///
    /// What was taken from `values` is in also when it panics.
    ///
    /// # Safety
    ///
    /// As for `push`.
    unsafe fn push_many(
        &self,
        tx: &Self::Tx,
        values: &mut dyn Iterator<Item = Self::Item>,
        held: &mut Option<Self::Item>,
    ) -> Pushed;

    /// Takes the oldest value out.
    ///
    /// # Safety
    ///
    /// `rx` comes from this ring. With a sole receiver: no other call with an `rx` runs at the same time.
    unsafe fn pop(&self, rx: &Self::Rx) -> Result<Self::Item, PopError>;

    /// Takes up to `limit` values out; none is an error.
    ///
    /// # Safety
    ///
    /// As for `pop`.
    unsafe fn pop_many(
        &self,
        rx: &Self::Rx,
        buffer: &mut Vec<Self::Item>,
        limit: usize,
    ) -> Result<usize, PopError>;

    /// Takes back what no receiver will look for, with a sole sender, after a receiver was told "closed". The oldest; the rest is
    /// dropped. None if receivers have it all.
    ///
    /// # Safety
    ///
    /// As for `push`, and `SOLE_SENDER`, and the channel is sealed.
    unsafe fn retract(&self, tx: &Self::Tx) -> Option<Self::Item>;

    /// Makes this receiver find nothing from now on, because it was told "closed" and the sender may take its last value back.
    ///
    /// # Safety
    ///
    /// As for `pop`.
    unsafe fn seal(&self, _rx: &Self::Rx) {}

    /// Promises a place to a permit. With a sole sender there is nobody to keep it from, so this only looks.
    ///
    /// # Safety
    ///
    /// As for `push`.
    unsafe fn reserve(&self, tx: &Self::Tx) -> Result<(), PushError>;

    /// Fills a promised place.
    ///
    /// # Safety
    ///
    /// As for `push`, and `reserve` said yes for this call alone.
    unsafe fn push_reserved(&self, tx: &Self::Tx, value: Self::Item);

    /// Gives a promised place back.
    fn release_reserved(&self);

    /// Refuses values from now on, where senders are many. (A sole sender looks at the channel's flags.)
    fn close(&self);

    /// Orders what the caller did before against every later claim of a sender; for many senders.
    fn meet_senders(&self);
    /// Orders what the caller did before against every later claim of a receiver; for many receivers.
    fn meet_receivers(&self);

    /// The number of values that were ever taken in, a snapshot. (2^47 of them in `Stamped`; then it begins anew.)
    fn sent(&self) -> u64;
    /// The number of values in, a snapshot.
    fn len(&self) -> usize;
    /// The number of places that are taken or promised, a snapshot.
    fn used(&self) -> usize;
    /// The number of places.
    fn capacity(&self) -> usize;
}

/// Calls `step` until it says false, also when a call panics (then a second panic aborts).
///
/// For dropping values one after the other: a destructor that panics does not leak the rest.
pub(super) fn drain(step: &mut dyn FnMut() -> bool) {
    struct Rest<'a>(&'a mut dyn FnMut() -> bool);

    impl Drop for Rest<'_> {
        fn drop(&mut self) {
            while (self.0)() {}
        }
    }

    let rest = Rest(step);
    while (rest.0)() {}
}
