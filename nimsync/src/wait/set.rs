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
    /// There once two waited at a time: that is rare, and sets are many.
    others: Option<Box<Slab<Waker>>>,
    /// How often the set was drained; keys from before name nothing.
    round: u32,
}

/// A place in a [`WaitSet`]. Small, since it is part of what waits: a socket has two.
pub(crate) struct WaitKey {
    /// Among the others, or [`FIRST`].
    place: u32,
    round: u32,
}

/// The place of the one that was there first. There are never so many others.
const FIRST: u32 = u32::MAX;

impl WaitSet {
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            others: None,
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
                    FIRST => self.first.as_mut()?,
                    place => self.others.as_mut()?.get_mut(place as usize)?,
                };
                (!known.will_wake(waker)).then(|| std::mem::replace(known, waker.clone()))
            }
            _ => {
                let waker = waker.clone();
                let place = match self.first {
                    None => {
                        self.first = Some(waker);
                        FIRST
                    }
                    Some(_) => self.others.get_or_insert_default().insert(waker) as u32,
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
            FIRST => self.first.take(),
            place => self.others.as_mut()?.try_remove(place as usize),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.as_ref().is_none_or(|others| others.is_empty())
    }

    /// Takes every waker out, to be woken with others.
    #[inline]
    pub(crate) fn drain_to(&mut self, wakers: &mut Vec<Waker>) {
        if !self.is_empty() {
            self.drain().for_each(|waker| wakers.push(waker));
        }
    }

    /// Takes every waker out.
    pub(crate) fn drain(&mut self) -> Drained {
        self.round = self.round.wrapping_add(1);
        Drained {
            first: self.first.take(),
            others: self.others.take(),
        }
    }
}

/// What [`WaitSet::drain`] took out.
#[derive(Default)]
#[must_use = "who waits is to be woken"]
pub(crate) struct Drained {
    first: Option<Waker>,
    others: Option<Box<Slab<Waker>>>,
}

impl Drained {
    pub(crate) fn wake(self) {
        self.for_each(Waker::wake);
    }

    fn for_each(self, mut f: impl FnMut(Waker)) {
        self.first.into_iter().for_each(&mut f);
        if let Some(mut others) = self.others {
            others.drain().for_each(f);
        }
    }
}
