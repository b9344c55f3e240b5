//! Storage of a ring.

/// The largest number of places; far beyond memory, and small enough for positions to carry a few flags.
const LIMIT: usize = 1 << 40;

/// Allocates `capacity` places, rounded up to a power of two and to `least`. `place` gets the index and the number of places.
pub(super) fn allocate<S>(
    capacity: usize,
    least: usize,
    mut place: impl FnMut(usize, usize) -> S,
) -> Box<[S]> {
    assert!(
        capacity != 0,
        "a channel needs a capacity of at least 1; for a channel without room use `channel::rendezvous()`"
    );
    let mut slots = Vec::new();
    let storage = if capacity <= LIMIT {
        capacity.next_power_of_two().max(least)
    } else {
        usize::MAX
    };
    if storage > LIMIT || slots.try_reserve_exact(storage).is_err() {
        panic!("a channel of capacity {capacity} does not fit into memory");
    }
    slots.extend((0..storage).map(|index| place(index, storage)));
    slots.into_boxed_slice()
}
