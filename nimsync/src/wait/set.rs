//! A set of wakers, each removable by the future that put it there.

use slab::Slab;
use std::task::Waker;

/// The wakers of all futures that wait for one event.
///
/// The owner keeps it under a lock, takes the wakers out with
/// [`WaitSet::drain`] and wakes them after the lock is released, because a
/// waker of a foreign executor may run anything.
pub(crate) struct WaitSet {
    wakers: Slab<Waker>,
    /// How often the set was drained; keys from before name nothing.
    round: u32,
}

/// A place in a [`WaitSet`].
pub(crate) struct WaitKey {
    place: usize,
    round: u32,
}

impl WaitSet {
    pub(crate) const fn new() -> Self {
        Self {
            wakers: Slab::new(),
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
                let known = &mut self.wakers[key.place];
                (!known.will_wake(waker)).then(|| std::mem::replace(known, waker.clone()))
            }
            _ => {
                *key = Some(WaitKey {
                    place: self.wakers.insert(waker.clone()),
                    round: self.round,
                });
                None
            }
        }
    }

    /// Takes the place of `key` out of the set, if it is still there.
    pub(crate) fn remove(&mut self, key: &mut Option<WaitKey>) -> Option<Waker> {
        let key = key.take()?;
        (key.round == self.round).then(|| self.wakers.remove(key.place))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.wakers.is_empty()
    }

    /// Takes every waker out.
    pub(crate) fn drain(&mut self) -> Vec<Waker> {
        self.round = self.round.wrapping_add(1);
        self.wakers.drain().collect()
    }
}
