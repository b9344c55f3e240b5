//! What is known of an actor besides its messages.

use super::addr::Link;
use super::id::ActorId;
use super::name::Name;
use super::reason::StopReason;
use super::undelivered::OnUndelivered;
use super::waits::Note;
use crate::cancel::{CancelReason, Cancelled};
use crate::prim::Lock;
use crate::prim::atomic::{AtomicU32, AtomicUsize, Ordering};
use crate::wait::{self, WaitKey, WaitSet, replace_waker};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

// The flags of the lane. Set by others under the lock of the state.
/// Refuse new messages, handle what is in, end.
pub(super) const STOP: u32 = 1;
/// End without handling another message.
pub(super) const KILL: u32 = 1 << 1;
/// A watched actor has ended.
pub(super) const NEWS: u32 = 1 << 2;
/// The last handle was dropped.
pub(super) const ALONE: u32 = 1 << 3;
/// A message is to be sent later.
pub(super) const TIMED: u32 = 1 << 4;
/// Supervised: make an incarnation and run it.
pub(super) const START: u32 = 1 << 5;
/// Supervised: finish the message in hand, and end the incarnation.
pub(super) const HALT: u32 = 1 << 6;
/// The actor itself wants to end.
pub(super) const LEAVE: u32 = 1 << 7;
/// With `STOP`: because there was no room for a message.
pub(super) const OVERFLOW: u32 = 1 << 8;

pub(super) struct Control {
    pub(super) id: ActorId,
    pub(super) name: Name,
    pub(super) on_undelivered: Option<OnUndelivered>,
    /// Handles that are not weak.
    handles: AtomicUsize,
    flags: AtomicU32,
    state: Lock<State>,
    /// For whom the actor waits inside its handlers; there once it did.
    #[allow(clippy::box_collection, reason = "most have none, and are to be small")]
    pub(super) notes: Lock<Option<Box<Vec<Note>>>>,
}

struct State {
    /// The host's.
    waker: Option<Waker>,
    /// There once it watched, or was watched: most actors do neither.
    watching: Option<Box<Watching>>,
    /// The cancellation that became an order.
    cancelled: Option<Arc<Cancelled>>,
    ended: Option<Why>,
    waiting: WaitSet,
}

/// A reason, in few bytes: most have nothing else to say.
enum Why {
    Stopped,
    Unreachable,
    Other(Box<StopReason>),
}

impl Why {
    fn new(why: StopReason) -> Self {
        match why {
            StopReason::Stopped => Self::Stopped,
            StopReason::Unreachable => Self::Unreachable,
            other => Self::Other(Box::new(other)),
        }
    }

    fn get(&self) -> StopReason {
        match self {
            Self::Stopped => StopReason::Stopped,
            Self::Unreachable => StopReason::Unreachable,
            Self::Other(why) => (**why).clone(),
        }
    }
}

#[derive(Default)]
struct Watching {
    /// Watched actors that have ended.
    news: VecDeque<(ActorId, StopReason)>,
    watchers: Vec<Weak<dyn Link>>,
}

impl Control {
    pub(super) fn new(name: Name, on_undelivered: Option<OnUndelivered>) -> Self {
        Self {
            id: ActorId::next(),
            name,
            on_undelivered,
            handles: AtomicUsize::new(1),
            flags: AtomicU32::new(0),
            state: Lock::new(State {
                waker: None,
                watching: None,
                cancelled: None,
                ended: None,
                waiting: WaitSet::new(),
            }),
            notes: Lock::new(None),
        }
    }

    // ---- handles

    pub(super) fn add_handle(&self) {
        // Relaxed: the new handle is made from one that counts, or by the host.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one more handle unless there is none.
    pub(super) fn revive_handle(&self) -> bool {
        // Relaxed: the count alone decides.
        self.handles
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count > 0).then_some(count + 1)
            })
            .is_ok()
    }

    pub(super) fn drop_handle(&self) {
        // AcqRel: what was done with other handles comes before what follows
        // the last one.
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.order(ALONE);
        }
    }

    pub(super) fn handles(&self) -> usize {
        // Relaxed: a snapshot.
        self.handles.load(Ordering::Relaxed)
    }

    pub(super) fn has_handles(&self) -> bool {
        // Acquire pairs with the AcqRel in `drop_handle`.
        self.handles.load(Ordering::Acquire) != 0
    }

    // ---- the lane

    /// Raises a flag, and has the host look at it.
    pub(super) fn order(&self, flag: u32) {
        self.change(|flags| flags | flag);
    }

    /// Orders a start. A halt that was ordered before it is void: it came when the
    /// incarnation was down already.
    pub(super) fn order_start(&self) {
        self.change(|flags| flags & !HALT | START);
    }

    fn change(&self, change: impl Fn(u32) -> u32) {
        let waker = {
            let state = self.state.lock();
            if state.ended.is_some() {
                return;
            }
            // Release pairs with the Acquire in `flags`: what the order refers
            // to is visible. Relaxed for the load: only the flags are looked at.
            let _ = self
                .flags
                .fetch_update(Ordering::Release, Ordering::Relaxed, |flags| {
                    Some(change(flags))
                });
            state.waker.clone()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    #[inline]
    pub(super) fn flags(&self) -> u32 {
        // Acquire pairs with the Release in `order`.
        self.flags.load(Ordering::Acquire)
    }

    /// Takes a flag down before the host acts upon it.
    pub(super) fn lower(&self, flag: u32) {
        // Acquire: as in `flags`; an order that comes later raises it again.
        self.flags.fetch_and(!flag, Ordering::Acquire);
    }

    /// Takes the order to start, if there is one. A halt that comes with it was
    /// ordered after it, and stays; one without it is that of an incarnation
    /// which is down already.
    pub(super) fn take_start(&self) -> bool {
        // Acquire: as in `lower`.
        let before = self
            .flags
            .fetch_update(Ordering::Acquire, Ordering::Acquire, |flags| {
                let taken = if flags & START != 0 { START } else { HALT };
                Some(flags & !taken)
            });
        before.is_ok_and(|flags| flags & START != 0)
    }

    /// Turns a cancellation into an order.
    pub(super) fn cancelled(&self, cause: Arc<Cancelled>, order: u32) {
        let mut state = self.state.lock();
        state.cancelled.get_or_insert(cause);
        // Relaxed: the host itself calls this.
        self.flags.fetch_or(order, Ordering::Relaxed);
    }

    /// Stores the waker of the host.
    pub(super) fn watch_lane(&self, waker: &Waker) {
        let before = replace_waker(&mut self.state.lock().waker, waker);
        drop(before);
    }

    /// Whether a kill, if there is one, is for good and not only for the
    /// incarnation.
    pub(super) fn is_killed_for_good(&self) -> bool {
        self.flags() & STOP != 0 || self.state.lock().cancelled.is_some()
    }

    /// Why the host ends without handling the rest.
    pub(super) fn why_killed(&self) -> StopReason {
        match &self.state.lock().cancelled {
            Some(cause) => StopReason::Cancelled((**cause).clone()),
            None => StopReason::Killed,
        }
    }

    /// The same as a cancellation, for the handlers that it cuts.
    pub(super) fn cause_of_kill(&self) -> Cancelled {
        match self.why_killed() {
            StopReason::Cancelled(cause) => cause,
            _ => Cancelled::new(CancelReason::Manual, None),
        }
    }

    // ---- watching

    pub(super) fn push_news(&self, id: ActorId, why: StopReason) {
        let mut state = self.state.lock();
        if state.ended.is_none() {
            state
                .watching
                .get_or_insert_default()
                .news
                .push_back((id, why));
        }
        drop(state);
        self.order(NEWS);
    }

    pub(super) fn take_news(&self) -> Option<(ActorId, StopReason)> {
        let mut state = self.state.lock();
        let news = state.watching.as_mut().map(|watching| &mut watching.news);
        let next = news.and_then(|news| Some((news.pop_front()?, news.is_empty())));
        if next.as_ref().is_none_or(|(_, last)| *last) {
            // Under the lock, so that news which comes now raises it again.
            self.lower(NEWS);
        }
        next.map(|(news, _)| news)
    }

    /// Whether there is news of an actor that was not taken.
    pub(super) fn has_news_of(&self, id: ActorId) -> bool {
        let state = self.state.lock();
        let news = state.watching.as_ref().map(|watching| &watching.news);
        news.is_some_and(|news| news.iter().any(|(of, _)| *of == id))
    }

    /// Has `watcher` told when this one ends, once.
    pub(super) fn add_watcher(&self, watcher: &Arc<dyn Link>) {
        let known = {
            let mut state = self.state.lock();
            if state.ended.is_none() {
                let weak = Arc::downgrade(watcher);
                let watchers = &mut state.watching.get_or_insert_default().watchers;
                if !watchers.iter().any(|known| known.ptr_eq(&weak)) {
                    watchers.push(weak);
                }
            }
            state.ended.as_ref().map(Why::get)
        };
        if let Some(why) = known {
            watcher.control().push_news(self.id, why);
        }
    }

    pub(super) fn remove_watcher(&self, watcher: &Arc<dyn Link>) {
        let weak = Arc::downgrade(watcher);
        let removed = {
            let mut state = self.state.lock();
            state.watching.as_mut().and_then(|watching| {
                let watchers = &mut watching.watchers;
                let at = watchers.iter().position(|known| known.ptr_eq(&weak))?;
                Some(watchers.swap_remove(at))
            })
        };
        drop(removed);
    }

    // ---- the end

    pub(super) fn has_ended(&self) -> bool {
        self.state.lock().ended.is_some()
    }

    /// Tells everybody who wants to know that the actor has ended (invariant 4).
    pub(super) fn end(&self, why: StopReason) {
        let ended = Why::new(why.clone());
        let (watching, waiting, rest) = {
            let mut state = self.state.lock();
            if state.ended.is_some() {
                return;
            }
            state.ended = Some(ended);
            (
                state.watching.take(),
                state.waiting.drain(),
                state.waker.take(),
            )
        };
        drop(rest);
        let watchers = watching.map(|watching| watching.watchers);
        for watcher in watchers.into_iter().flatten() {
            if let Some(watcher) = watcher.upgrade() {
                watcher.control().push_news(self.id, why.clone());
            }
        }
        waiting.wake();
    }
}

/// Waits until an actor has ended, and yields why.
///
/// # Cancel safety
///
/// Dropping it stops the wait and nothing else.
#[derive(Clone)]
pub struct Ended {
    link: Arc<dyn Link>,
    key: Key,
}

/// A place in the set of those who wait; a clone waits for itself.
struct Key(Option<WaitKey>);

impl Clone for Key {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl Ended {
    pub(super) fn new(link: Arc<dyn Link>) -> Self {
        Self {
            link,
            key: Key(None),
        }
    }
}

impl Future for Ended {
    type Output = StopReason;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<StopReason> {
        let this = &mut *self;
        let mut state = this.link.control().state.lock();
        if let Some(why) = &state.ended {
            let why = why.get();
            drop(state);
            return Poll::Ready(why);
        }
        let before = state.waiting.register(&mut this.key.0, cx.waker());
        drop(state);
        drop(before);
        wait::note(&"the end of an actor");
        Poll::Pending
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        if self.key.0.is_some() {
            let mut state = self.link.control().state.lock();
            let waker = state.waiting.remove(&mut self.key.0);
            drop(state);
            drop(waker);
        }
    }
}

impl std::fmt::Debug for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ended")
            .field("actor", &self.link.control().id)
            .finish_non_exhaustive()
    }
}
