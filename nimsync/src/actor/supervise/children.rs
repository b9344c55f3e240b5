//! The children of a supervisor: starts and halts them, one after the other.

use super::super::addr::Link;
use super::super::control::{HALT, KILL, STOP};
use super::super::reason::{Failure, StopReason};
use super::policy::{Lifetime, Restarts};
use super::post::{Boss, Event, Post};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::ops::Range;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

/// Where a child stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Halted,
    Running,
    /// Halted, and to be started then.
    Waiting(Instant),
    Ended,
}

pub(super) struct Child {
    pub(super) link: Arc<dyn Link>,
    pub(super) lifetime: Lifetime,
    pub(super) standing: Standing,
    pub(super) restarts: Restarts,
}

impl Child {
    fn order(&self, orders: u32) {
        self.link.control().order(orders);
    }
}

/// What came of the start of a child.
pub(super) enum Started {
    Running,
    /// It is halted.
    Failed(Failure),
    /// It is halted, or has ended, without having failed.
    Down,
}

/// The children in the order of their declaration, and the way from them.
pub(super) struct Children {
    list: Vec<Child>,
    post: Arc<Post>,
    /// Events that came while another one was waited for.
    stash: VecDeque<(usize, Event)>,
}

impl Children {
    pub(super) fn new(post: Arc<Post>) -> Self {
        Self {
            list: Vec::new(),
            post,
            stash: VecDeque::new(),
        }
    }

    /// Adds a child that is halted, and returns its way to the supervisor.
    pub(super) fn add(&mut self, link: Arc<dyn Link>, lifetime: Lifetime) -> Boss {
        let boss = Boss {
            post: self.post.clone(),
            child: self.list.len(),
            lifetime,
        };
        self.list.push(Child {
            link,
            lifetime,
            standing: Standing::Halted,
            restarts: Restarts::default(),
        });
        boss
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn child(&mut self, child: usize) -> &mut Child {
        &mut self.list[child]
    }

    pub(super) fn some(&mut self, range: Range<usize>) -> &mut [Child] {
        &mut self.list[range]
    }

    /// Whether there were any, and all have ended.
    pub(super) fn are_gone(&self) -> bool {
        let ended = |child: &Child| child.standing == Standing::Ended;
        !self.list.is_empty() && self.list.iter().all(ended)
    }

    /// When the next restart is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let due = self.list.iter().filter_map(|child| match child.standing {
            Standing::Waiting(until) => Some(until),
            _ => None,
        });
        due.min()
    }

    /// The next event of any child, those that were kept first.
    pub(super) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<(usize, Event)> {
        match self.stash.pop_front() {
            Some(event) => Poll::Ready(event),
            None => self.post.poll(cx),
        }
    }

    /// Starts a child and waits for what comes of it, or for `interrupt`.
    pub(super) async fn start<B>(
        &mut self,
        child: usize,
        mut interrupt: impl FnMut() -> Option<B>,
    ) -> Result<Started, B> {
        self.list[child].link.control().order_start();
        // Until it says otherwise: if an order comes first, it is to be halted.
        self.list[child].standing = Standing::Running;
        let event = loop {
            if let Some(event) = self.take_stashed(child) {
                break event;
            }
            let event = poll_fn(|cx| match interrupt() {
                Some(why) => Poll::Ready(Err(why)),
                None => self.post.poll(cx).map(Ok),
            })
            .await?;
            self.stash.push_back(event);
        };
        let (standing, started) = match event {
            Event::Started => (Standing::Running, Started::Running),
            Event::Failed(failure) => (Standing::Halted, Started::Failed(failure)),
            Event::Left | Event::Halted => (Standing::Halted, Started::Down),
            Event::Ended(why) => {
                let started = match why {
                    StopReason::Failed(failure) => Started::Failed(failure),
                    _ => Started::Down,
                };
                (Standing::Ended, started)
            }
        };
        self.list[child].standing = standing;
        Ok(started)
    }

    /// Halts the running children of a range, the last one first.
    pub(super) async fn halt(&mut self, range: Range<usize>) {
        for child in range.rev() {
            if self.list[child].standing == Standing::Running {
                self.down(child, HALT).await;
            }
        }
    }

    /// As [`halt`](Self::halt), for a restart with another one: those that are
    /// never started again end.
    pub(super) async fn make_way(&mut self, range: Range<usize>) {
        for child in range.rev() {
            let Child {
                lifetime, standing, ..
            } = self.list[child];
            if standing == Standing::Running {
                let order = match lifetime {
                    Lifetime::Temporary => STOP,
                    Lifetime::Permanent | Lifetime::Transient => HALT,
                };
                self.down(child, order).await;
            }
        }
    }

    /// Gives a running child an order that takes it down, and waits for that.
    async fn down(&mut self, child: usize, order: u32) {
        self.list[child].order(order);
        let event = loop {
            match self.wait_for(child).await {
                // It was still starting.
                Event::Started => {}
                // It has done so of its own accord; the end is behind it.
                Event::Failed(_) | Event::Left | Event::Halted if order == STOP => {}
                event => break event,
            }
        };
        self.list[child].standing = match event {
            Event::Ended(_) => Standing::Ended,
            // It may have failed before it saw the order: it is down either way.
            _ => Standing::Halted,
        };
    }

    /// Ends the children for good, the last one first.
    pub(super) async fn end(&mut self, kill: bool) {
        // A stop as well, so that the kill is known to be for good.
        let order = if kill { STOP | KILL } else { STOP };
        for child in (0..self.list.len()).rev() {
            if self.list[child].standing == Standing::Ended {
                continue;
            }
            self.list[child].order(order);
            while !matches!(self.wait_for(child).await, Event::Ended(_)) {}
            self.list[child].standing = Standing::Ended;
        }
    }

    /// Waits for the next event of a child; those of others are kept for later.
    async fn wait_for(&mut self, child: usize) -> Event {
        loop {
            if let Some(event) = self.take_stashed(child) {
                return event;
            }
            let event = poll_fn(|cx| self.post.poll(cx)).await;
            self.stash.push_back(event);
        }
    }

    fn take_stashed(&mut self, child: usize) -> Option<Event> {
        let at = self.stash.iter().position(|(of, _)| *of == child)?;
        self.stash.remove(at).map(|(_, event)| event)
    }
}
