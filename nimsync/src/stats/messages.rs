//! The messages of all channels, mailboxes and streams, with a name or without.
//!
//! Nothing is counted as messages go by: each channel knows its numbers, and is on a list for as
//! long as it lives. Who wants the sum asks those on the list. What a channel leaves behind when it
//! ends is added up under the same lock that takes it off, so that no message is seen twice, or
//! not at all.

use super::report::MessageCounts;
use crate::prim::CachePadded;
use slab::Slab;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What knows how many messages went through it.
///
/// # Safety
///
/// - `messages` may be called by any thread, whatever the type of the messages: it touches none
///   of them, calls nothing of the user's, and makes and ends no channel.
/// - The destructor calls [`Place::leave`] before it changes anything.
pub(crate) unsafe trait Counted {
    /// A snapshot.
    fn messages(&self) -> MessageCounts;

    fn place(&self) -> &Place;
}

#[derive(Clone, Copy)]
struct Listed(NonNull<dyn Counted>);

// SAFETY: it is used for `messages` alone, which any thread may call.
unsafe impl Send for Listed {}

struct Stripe {
    living: Slab<Listed>,
    /// What those left behind that have ended.
    ended: MessageCounts,
}

/// So many that two cores which make and end channels seldom meet.
const STRIPES: usize = 8;

static LISTS: [CachePadded<Mutex<Stripe>>; STRIPES] = [const {
    CachePadded::new(Mutex::new(Stripe {
        living: Slab::new(),
        ended: MessageCounts::ZERO,
    }))
}; STRIPES];

fn lock(stripe: usize) -> MutexGuard<'static, Stripe> {
    LISTS[stripe].lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stripe of the calling thread.
fn here() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    std::thread_local! {
        // Relaxed: any spread will do.
        static MINE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES;
    }
    MINE.try_with(|mine| *mine).unwrap_or(0)
}

/// Where on the lists its owner is; nowhere to begin with.
#[derive(Default)]
pub(crate) struct Place(
    /// 0, or one more than key and stripe in one number.
    AtomicUsize,
);

/// Puts it on the list of the calling thread. Models ask nobody, so there it does nothing.
#[cfg(not(any(loom, shuttle)))]
pub(crate) fn list<T: Counted>(owner: &std::sync::Arc<T>) {
    if !super::ON {
        return;
    }
    let counted: NonNull<dyn Counted + '_> = NonNull::from(&**owner);
    // SAFETY: only the lifetime changes. In an `Arc` it does not move, and by the contract of the
    // trait it is off the list before it ends.
    let listed = Listed(unsafe {
        std::mem::transmute::<NonNull<dyn Counted + '_>, NonNull<dyn Counted>>(counted)
    });
    let stripe = here();
    let key = lock(stripe).living.insert(listed);
    // Relaxed, here and below: whoever gets the owner later gets this with it.
    owner
        .place()
        .0
        .store(key * STRIPES + stripe + 1, Ordering::Relaxed);
}

#[cfg(any(loom, shuttle))]
pub(crate) fn list<T>(_: &T) {}

impl Place {
    /// Takes the owner off its list; `last` is what it leaves behind.
    pub(crate) fn leave(&self, last: MessageCounts) {
        let Some(place) = self.0.load(Ordering::Relaxed).checked_sub(1) else {
            return;
        };
        let mut stripe = lock(place % STRIPES);
        stripe.living.remove(place / STRIPES);
        stripe.ended += last;
    }
}

/// Returns the messages of all that are on the lists or have ever been.
pub(crate) fn messages() -> MessageCounts {
    let mut sum = MessageCounts::ZERO;
    for stripe in 0..STRIPES {
        let stripe = lock(stripe);
        sum += stripe.ended;
        for (_, listed) in &stripe.living {
            // SAFETY: who is on the list is alive: it takes itself off first, under the lock that
            // is held here.
            sum += unsafe { listed.0.as_ref() }.messages();
        }
    }
    sum
}
