//! What a running supervisor does about the ends of its children.

use super::super::reason::Failure;
use super::children::{Standing, Started};
use super::policy::Strategy;
use super::post::Event;
use super::task::{Break, Running, failure, ordered};
use crate::time::{now, sleep_until};
use crate::wait;
use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::pin;
use std::task::Poll;

/// What a supervisor does next.
enum Next {
    Event(usize, Event),
    /// The time of a restart has come.
    Due,
    Break(Break),
}

impl Running {
    /// Restarts children until it is told otherwise.
    pub(super) async fn watch_over(&mut self) -> Break {
        loop {
            if self.children.are_gone() {
                return Break::End;
            }
            let done = match self.next().await {
                Next::Break(why) => Err(why),
                Next::Due => self.restart_due().await,
                Next::Event(child, event) => self.happened(child, event).await,
            };
            if let Err(why) = done {
                return why;
            }
        }
    }

    async fn next(&mut self) -> Next {
        let mut timer = pin!(self.children.next_due().map(sleep_until));
        poll_fn(|cx| {
            if let Some(why) = ordered(self.link.control()) {
                return Poll::Ready(Next::Break(why));
            }
            if let Poll::Ready((child, event)) = self.children.poll_event(cx) {
                return Poll::Ready(Next::Event(child, event));
            }
            if let Some(timer) = timer.as_mut().as_pin_mut()
                && timer.poll(cx).is_ready()
            {
                return Poll::Ready(Next::Due);
            }
            wait::note(&"the failure of a child");
            Poll::Pending
        })
        .await
    }

    /// Something happened to a child that was running.
    async fn happened(&mut self, child: usize, event: Event) -> Result<(), Break> {
        let failed = match event {
            Event::Ended(_) => {
                self.children.child(child).standing = Standing::Ended;
                return Ok(());
            }
            Event::Started | Event::Halted => return Ok(()),
            Event::Failed(failure) => Some(failure),
            Event::Left => None,
        };
        self.children.child(child).standing = Standing::Halted;
        self.restart_later(child, failed).await
    }

    /// Who is restarted when a child is.
    fn affected(&self, child: usize) -> Range<usize> {
        match self.policy.strategy {
            Strategy::OneForOne => child..child + 1,
            Strategy::OneForAll => 0..self.children.len(),
            Strategy::RestForOne => child..self.children.len(),
        }
    }

    /// Sees to it that a child that is down is restarted, and with it those that
    /// the strategy says.
    async fn restart_later(&mut self, child: usize, failed: Option<Failure>) -> Result<(), Break> {
        let now = now();
        let down = self.children.child(child);
        let Some(wait) = down.restarts.count(&self.policy, now) else {
            let too_often = || failure(&*down.link, "restart", "it left too often".to_owned());
            return Err(Break::Failed(failed.unwrap_or_else(too_often)));
        };
        let affected = self.affected(child);
        self.children.make_way(affected.clone()).await;
        let until = now + wait;
        for other in self.children.some(affected) {
            other.standing = match other.standing {
                Standing::Ended => Standing::Ended,
                Standing::Waiting(before) => Standing::Waiting(before.max(until)),
                Standing::Halted | Standing::Running => Standing::Waiting(until),
            };
        }
        Ok(())
    }

    /// Starts those whose time has come, in order, until one fails.
    async fn restart_due(&mut self) -> Result<(), Break> {
        let now = now();
        for child in 0..self.children.len() {
            match self.children.child(child).standing {
                Standing::Waiting(until) if until <= now => {}
                _ => continue,
            }
            let interrupt = || ordered(self.link.control());
            match self.children.start(child, interrupt).await? {
                Started::Running => {}
                // A restart that fails counts as one.
                Started::Failed(failure) => return self.restart_later(child, Some(failure)).await,
                Started::Down => {}
            }
        }
        Ok(())
    }
}
