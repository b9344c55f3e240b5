//! The way from children to their supervisor.

use super::super::reason::{Failure, StopReason};
use crate::prim::Lock;
use crate::wait::replace_waker;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// What has become of a child.
pub(in crate::actor) enum Event {
    /// It is running.
    Started,
    /// It failed, or was killed, and is halted.
    Failed(Failure),
    /// It has left by itself, and is halted.
    Left,
    /// It is halted, as ordered.
    Halted,
    /// It has ended for good.
    Ended(StopReason),
}

/// The events that a supervisor has not looked at.
pub(super) struct Post(Lock<State>);

struct State {
    events: VecDeque<(usize, Event)>,
    waker: Option<Waker>,
}

impl Post {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Lock::new(State {
            events: VecDeque::new(),
            waker: None,
        })))
    }

    fn send(&self, child: usize, event: Event) {
        let waker = {
            let mut state = self.0.lock();
            state.events.push_back((child, event));
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<(usize, Event)> {
        let mut state = self.0.lock();
        if let Some(event) = state.events.pop_front() {
            return Poll::Ready(event);
        }
        let before = replace_waker(&mut state.waker, cx.waker());
        drop(state);
        drop(before);
        Poll::Pending
    }
}

/// A child's supervisor, as the child knows it.
pub(in crate::actor) struct Boss {
    pub(super) post: Arc<Post>,
    pub(super) child: usize,
    pub(super) lifetime: super::Lifetime,
}

impl Boss {
    pub(in crate::actor) fn tell(&self, event: Event) {
        self.post.send(self.child, event);
    }

    /// Whether the child comes back when it has left by itself.
    pub(in crate::actor) fn is_permanent(&self) -> bool {
        self.lifetime == super::Lifetime::Permanent
    }

    /// Whether the child comes back when it has failed.
    pub(in crate::actor) fn restarts(&self) -> bool {
        self.lifetime != super::Lifetime::Temporary
    }
}
