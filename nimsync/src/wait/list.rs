//! The wait list and its waiters.

use std::{marker::PhantomPinned, mem::MaybeUninit, pin::Pin, ptr, task::Waker};

use crate::prim::{
    Lock,
    cell::UnsafeCell,
    sync::{AtomicU8, AtomicUsize, Ordering},
};

/// Not in a list; nothing is owed to it.
const IDLE: u8 = 0;
/// In a list.
const WAITING: u8 = 1;
/// Taken out of the list by somebody who wakes it.
const NOTIFIED: u8 = 2;

/// One wait: lives in the future that waits, and is linked into a [`WaitList`] while it does.
///
/// | from | to | by | under the lock |
/// |---|---|---|---|
/// | idle | waiting | owner, `register` | yes |
/// | waiting | notified | whoever wakes | yes |
/// | waiting | idle | owner, `remove` | yes |
/// | notified | idle | owner, `remove` | no |
pub(crate) struct Waiter {
    state: AtomicU8,
    /// A waiter that stands for a handle (`Stream`, `Sink`) rather than for a wait: it may be woken when nobody polls it any more. So
    /// it never uses up a wake; whoever wakes it goes on to the next one.
    resident: bool,
    /// Written when the waiter is linked for the first time, and not before: most waits are over without that, and a future is moved
    /// after it was made, which should not cost more than it has to. The waker is there while the waiter is linked.
    node: UnsafeCell<MaybeUninit<Node>>,
    _pinned: PhantomPinned,
}

struct Node {
    previous: *const Waiter,
    next: *const Waiter,
    waker: Option<Waker>,
}

// SAFETY: the node is touched only under the lock of the list (invariant 2), or by the owner while the waiter is idle.
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

impl Waiter {
    pub(crate) fn new() -> Self {
        Self::with_residence(false)
    }

    /// A waiter that stands for a handle.
    pub(crate) fn resident() -> Self {
        Self::with_residence(true)
    }

    fn with_residence(resident: bool) -> Self {
        Waiter {
            state: AtomicU8::new(IDLE),
            resident,
            node: UnsafeCell::new(MaybeUninit::uninit()),
            _pinned: PhantomPinned,
        }
    }

    pub(crate) fn is_resident(&self) -> bool {
        self.resident
    }

    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        // Relaxed: only the owner moves a waiter to or from idle.
        self.state.load(Ordering::Relaxed) == IDLE
    }

    #[inline]
    pub(crate) fn is_notified(&self) -> bool {
        // Acquire pairs with the Release in `Links::pop`: what happened before the wake is visible.
        self.state.load(Ordering::Acquire) == NOTIFIED
    }
}

/// A first-in-first-out list of waiters.
pub(crate) struct WaitList {
    links: Lock<Links>,
    /// Number of linked waiters; written under the lock, read without it to find out whether taking it is worth it.
    waiting: AtomicUsize,
}

struct Links {
    first: *const Waiter,
    last: *const Waiter,
}

// SAFETY: the pointers are to waiters, which are Sync, and are followed only under the lock.
unsafe impl Send for Links {}

/// Where a waiter is put.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Behind those who came before.
    Back,
    /// In front: it was woken, but somebody else was faster, and it keeps its turn.
    Front,
}

impl WaitList {
    pub(crate) fn new() -> Self {
        WaitList {
            links: Lock::new(Links {
                first: ptr::null(),
                last: ptr::null(),
            }),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Whether nobody is linked; a snapshot, to be read behind the fence of the protocol that asks.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // Relaxed: the caller's fence (or read-modify-write) orders it against `register`.
        self.waiting.load(Ordering::Relaxed) == 0
    }

    /// Links the waiter, or gives it its new waker if it is linked already. A notified waiter keeps its turn.
    ///
    /// `on_link` runs under the lock when the waiter is linked.
    ///
    /// # Safety
    ///
    /// * The waiter is only ever used with this list, and only by its owner.
    /// * It is not moved or freed before [`remove`](Self::remove) was called.
    pub(crate) unsafe fn register(
        &self,
        waiter: Pin<&Waiter>,
        waker: &Waker,
        on_link: impl FnOnce(),
    ) {
        // Acquire: as in `is_notified`.
        let place = match waiter.state.load(Ordering::Acquire) {
            WAITING if self.refresh(waiter, waker) => return,
            IDLE => Place::Back,
            _ => Place::Front,
        };
        let waker = waker.clone();
        let mut links = self.links.lock();
        links.push(waiter.get_ref(), waker, place);
        // Relaxed: see `is_empty`. A plain add is enough, all writers hold the lock.
        self.waiting
            .store(self.waiting.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        on_link();
    }

    /// Exchanges the waker of a linked waiter; false if the waiter has been notified meanwhile.
    fn refresh(&self, waiter: Pin<&Waiter>, waker: &Waker) -> bool {
        let mut fresh = None;
        loop {
            let links = self.links.lock();
            // Relaxed: while waiting, the state changes only under the lock.
            if waiter.state.load(Ordering::Relaxed) != WAITING {
                return false;
            }
            let replaced = waiter.node.with_mut(|node| {
                // SAFETY: invariant 2: waiting, so the node is written, and we hold the lock.
                let node = unsafe { (*node).assume_init_mut() };
                if node.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
                    return Ok(None);
                }
                match fresh.take() {
                    Some(fresh) => Ok(node.waker.replace(fresh)),
                    None => Err(()),
                }
            });
            drop(links);
            match replaced {
                // The old waker is dropped here, outside the lock.
                Ok(_old) => return true,
                // Cloning may run foreign code, so it happens outside the lock as well.
                Err(()) => fresh = Some(waker.clone()),
            }
        }
    }

    /// Ends the wait: afterwards the waiter is idle. True if it had been notified: the caller then uses the wake or passes it on.
    pub(crate) fn remove(&self, waiter: &Waiter) -> bool {
        // Acquire: as in `is_notified`.
        match waiter.state.load(Ordering::Acquire) {
            IDLE => return false,
            WAITING => {
                let mut links = self.links.lock();
                // Relaxed: while waiting, the state changes only under the lock.
                if waiter.state.load(Ordering::Relaxed) == WAITING {
                    let waker = links.unlink(waiter);
                    // Relaxed: see `is_empty`.
                    self.waiting
                        .store(self.waiting.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
                    // Relaxed: the waiter is its owner's again.
                    waiter.state.store(IDLE, Ordering::Relaxed);
                    drop(links);
                    drop(waker);
                    return false;
                }
            }
            _ => {}
        }
        // Acquire: as in `is_notified`; the load above may have seen `WAITING`.
        waiter.state.load(Ordering::Acquire);
        // Relaxed: the waiter is its owner's again.
        waiter.state.store(IDLE, Ordering::Relaxed);
        true
    }

    /// Wakes the waiter that has waited longest, and the residents in front of it. True if a waiter was there to be woken.
    #[cold]
    pub(crate) fn notify_one(&self) -> bool {
        let mut rounds = usize::MAX;
        let mut any = false;
        while rounds > 0 {
            let popped = {
                let mut links = self.links.lock();
                // Relaxed: written under the lock that we hold.
                let waiting = self.waiting.load(Ordering::Relaxed);
                rounds = rounds.min(waiting);
                let popped = links.pop();
                if popped.is_some() {
                    // Relaxed: see `is_empty`.
                    self.waiting.store(waiting - 1, Ordering::Relaxed);
                }
                popped
            };
            let Some((waker, resident)) = popped else {
                return any;
            };
            any = true;
            waker.wake();
            if !resident {
                return true;
            }
            rounds -= 1;
        }
        any
    }

    /// Wakes everybody who waits now.
    #[cold]
    pub(crate) fn notify_all(&self) {
        // Those who come back while this runs are not woken again: their places are behind the ones counted here.
        let mut rounds = {
            let _links = self.links.lock();
            // Relaxed: written under the lock that we hold.
            self.waiting.load(Ordering::Relaxed)
        };
        while rounds > 0 {
            let popped = {
                let mut links = self.links.lock();
                let popped = links.pop();
                if popped.is_some() {
                    // Relaxed: see `is_empty`.
                    self.waiting
                        .store(self.waiting.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
                }
                popped
            };
            let Some((waker, _)) = popped else { return };
            waker.wake();
            rounds -= 1;
        }
    }

    /// Runs `f` under the lock if nobody is linked.
    pub(crate) fn if_empty(&self, f: impl FnOnce()) {
        let _links = self.links.lock();
        // Relaxed: written under the lock that we hold.
        if self.waiting.load(Ordering::Relaxed) == 0 {
            f();
        }
    }
}

/// Reaches the node of a waiter.
///
/// # Safety
///
/// `waiter` is alive and linked, and the caller holds the lock of its list.
unsafe fn node<R>(waiter: *const Waiter, f: impl FnOnce(&mut Node) -> R) -> R {
    // SAFETY: alive by contract.
    let waiter = unsafe { &*waiter };
    // SAFETY: invariant 2 gives us the node for as long as we hold the lock; it is linked, so the node is written.
    waiter
        .node
        .with_mut(|node| f(unsafe { (*node).assume_init_mut() }))
}

impl Links {
    fn push(&mut self, waiter: &Waiter, waker: Waker, place: Place) {
        let this: *const Waiter = waiter;
        let (previous, next) = match place {
            Place::Back => (self.last, ptr::null()),
            Place::Front => (ptr::null(), self.first),
        };
        let linked = Node {
            previous,
            next,
            waker: Some(waker),
        };
        // SAFETY: `waiter` is borrowed; the caller holds the lock, `self` is what it guards. A waker of an earlier link was taken.
        waiter
            .node
            .with_mut(|node| unsafe { (*node).write(linked) });
        if previous.is_null() {
            self.first = this;
        } else {
            // SAFETY: linked waiters are alive, by the contract of `register`.
            unsafe { node(previous, |node| node.next = this) };
        }
        if next.is_null() {
            self.last = this;
        } else {
            // SAFETY: as above.
            unsafe { node(next, |node| node.previous = this) };
        }
        // Relaxed: published by the lock.
        waiter.state.store(WAITING, Ordering::Relaxed);
    }

    /// Takes a linked waiter out and returns its waker.
    fn unlink(&mut self, waiter: *const Waiter) -> Option<Waker> {
        // SAFETY: linked waiters are alive, by the contract of `register`; the caller holds the lock.
        let (previous, next, waker) =
            unsafe { node(waiter, |node| (node.previous, node.next, node.waker.take())) };
        if previous.is_null() {
            self.first = next;
        } else {
            // SAFETY: as above.
            unsafe { node(previous, |node| node.next = next) };
        }
        if next.is_null() {
            self.last = previous;
        } else {
            // SAFETY: as above.
            unsafe { node(next, |node| node.previous = previous) };
        }
        waker
    }

    /// Takes the first waiter out and marks it notified.
    fn pop(&mut self) -> Option<(Waker, bool)> {
        let first = self.first;
        if first.is_null() {
            return None;
        }
        let waker = self.unlink(first).expect("a linked waiter has a waker");
        // SAFETY: linked waiters are alive, by the contract of `register`, until `NOTIFIED` is stored: the owner's `remove` takes the
        // lock while it sees `WAITING`.
        let waiter = unsafe { &*first };
        let resident = waiter.resident;
        // Release pairs with the Acquire in `is_notified` and `remove`. The last touch (invariant 3).
        waiter.state.store(NOTIFIED, Ordering::Release);
        Some((waker, resident))
    }
}
