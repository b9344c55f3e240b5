//! A set of wakers, each removable by the future that put it there.

use slab::Slab;
use std::task::Waker;

/// The wakers of all futures that wait for one event.
///
/// The owner keeps it under a lock, takes the wakers out with
/// [`WaitSet::drain`] and wakes them after the lock is released, because a
/// waker of a foreign executor may run anything. One waker needs no allocation.
pub(crate) struct WaitSet {
    /// The one that was there first.
    first: Option<Waker>,
    others: Slab<Waker>,
    /// How often the set was drained; keys from before name nothing.
    round: u32,
}

/// A place in a [`WaitSet`].
pub(crate) struct WaitKey {
    /// Among the others; none for the first.
    place: Option<usize>,
    round: u32,
}

impl WaitSet {
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            others: Slab::new(),
            round: 0,
        }
    }

    /// Puts `waker` into the set, or into the place that `key` has there.
    ///
    /// Returns the waker that it replaces, to be dropped when the lock has been
    /// released; see [`replace_waker`](super::replace_waker).
    #[must_use]
    pub(crate) fn register(&mut self, key: &mut Option<WaitKey>, waker: &Waker) -> Option<Waker> {
        match key {
            Some(key) if key.round == self.round => {
                let known = match key.place {
                    Some(place) => &mut self.others[place],
                    None => self.first.as_mut()?,
                };
                (!known.will_wake(waker)).then(|| std::mem::replace(known, waker.clone()))
            }
            _ => {
                let waker = waker.clone();
                let place = match self.first {
                    None => {
                        self.first = Some(waker);
                        None
                    }
                    Some(_) => Some(self.others.insert(waker)),
                };
                *key = Some(WaitKey {
                    place,
                    round: self.round,
                });
                None
            }
        }
    }

    /// Takes the place of `key` out of the set, if it is still there.
    pub(crate) fn remove(&mut self, key: &mut Option<WaitKey>) -> Option<Waker> {
        let key = key.take()?;
        if key.round != self.round {
            return None;
        }
        match key.place {
            Some(place) => Some(self.others.remove(place)),
            None => self.first.take(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.is_empty()
    }

    /// Takes every waker out.
    pub(crate) fn drain(&mut self) -> Vec<Waker> {
        self.round = self.round.wrapping_add(1);
        self.first
            .take()
            .into_iter()
            .chain(self.others.drain())
            .collect()
    }
}
