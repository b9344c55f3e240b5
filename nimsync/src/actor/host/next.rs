//! Between two messages: orders, timers, what is waited for elsewhere, the mailbox.

use super::super::addr::Link;
use super::super::behavior::Messages;
use super::super::children::{Arrival, Fault, Then};
use super::super::context::Cx;
use super::super::control::{ALONE, HALT, KILL, LEAVE, NEWS, OVERFLOW, STOP, TIMED};
use super::super::id::ActorId;
use super::super::message::Message;
use super::super::reason::StopReason;
use super::super::supervise::Boss;
use super::{Host, Over};
use crate::wait;
use std::task::{Context, Poll};

/// Why a host takes no more messages.
#[derive(Clone, Copy)]
pub(super) enum Closing {
    Stopped,
    Overflowed,
    Unreachable,
}

impl From<Closing> for StopReason {
    fn from(why: Closing) -> Self {
        match why {
            Closing::Stopped => Self::Stopped,
            Closing::Overflowed => Self::Overflowed,
            Closing::Unreachable => Self::Unreachable,
        }
    }
}

/// What the host does next.
pub(in crate::actor) enum Next<A: Messages> {
    Handle(A::Message),
    /// What was waited for elsewhere is there.
    Then(Then<A>),
    /// It, or an actor of its own, has failed.
    Fault(Fault),
    News(ActorId, StopReason),
    End(Over),
}

impl<A: Messages> Next<A> {
    /// Returns the message that is handled by itself, if it is one.
    pub(super) fn into_message(self) -> Result<A::Message, Self> {
        match self {
            Self::Handle(message) if !message.is_concurrent() => Ok(message),
            other => Err(other),
        }
    }
}

impl<A: Messages> Host<A> {
    /// Looks at the lane, then at the clock, then at what was waited for elsewhere,
    /// then at the mailbox.
    #[inline(always)]
    pub(super) fn poll_next(&mut self, task: &mut Context<'_>, cx: &mut Cx<A>) -> Poll<Next<A>> {
        let nothing_else = self.timetable.is_none() && cx.children.is_none() && !self.alone;
        if nothing_else && self.control().flags() == 0 {
            return match self.inbox.poll_next(&self.core.mailbox, task) {
                Poll::Ready(Some(message)) => Poll::Ready(Next::Handle(message)),
                Poll::Ready(None) => self.poll_all(task, cx),
                Poll::Pending => {
                    wait::note(&"a message");
                    Poll::Pending
                }
            };
        }
        self.poll_all(task, cx)
    }

    #[inline(never)]
    pub(in crate::actor) fn poll_all(
        &mut self,
        task: &mut Context<'_>,
        cx: &mut Cx<A>,
    ) -> Poll<Next<A>> {
        let flags = self.control().flags();
        if flags != 0
            && let Some(next) = self.take_orders(flags)
        {
            return Poll::Ready(next);
        }
        let due = self
            .timetable
            .as_mut()
            .and_then(|timetable| timetable.poll_due(task));
        if let Some(message) = due {
            return Poll::Ready(Next::Handle(message));
        }
        let mut waits_elsewhere = false;
        if let Some(children) = &mut cx.children {
            if self.closing.is_some() {
                children.pipes.drop_streams();
            }
            match children.poll(self.core.control(), task) {
                Some(Arrival::Value(then)) => return Poll::Ready(Next::Then(then)),
                Some(Arrival::Fault(fault)) => return Poll::Ready(Next::Fault(fault)),
                None => waits_elsewhere = children.running() != 0,
            }
        }
        match self.inbox.poll_next(&self.core.mailbox, task) {
            Poll::Ready(Some(message)) => Poll::Ready(Next::Handle(message)),
            Poll::Ready(None) if waits_elsewhere => {
                wait::note(&"its pipes");
                Poll::Pending
            }
            Poll::Ready(None) => {
                let why = self.closing.unwrap_or(Closing::Stopped);
                Poll::Ready(Next::End(Over::Ended(why.into())))
            }
            // Only now: a message that was waiting may have given out a handle.
            Poll::Pending if self.alone && self.closing.is_none() => {
                self.alone = false;
                if !self.control().has_handles() {
                    self.close(Closing::Unreachable);
                }
                self.poll_all(task, cx)
            }
            Poll::Pending => {
                wait::note(&"a message");
                Poll::Pending
            }
        }
    }

    #[cold]
    fn take_orders(&mut self, flags: u32) -> Option<Next<A>> {
        if flags & KILL != 0 {
            let why = self.control().why_killed();
            return Some(Next::End(Over::Ended(why)));
        }
        if flags & HALT != 0 {
            return Some(Next::End(Over::Halted));
        }
        if flags & NEWS != 0
            && let Some((id, why)) = self.control().take_news()
        {
            return Some(Next::News(id, why));
        }
        if flags & LEAVE != 0 {
            if self.boss.as_ref().is_some_and(Boss::is_permanent) {
                return Some(Next::End(Over::Left));
            }
            self.control().lower(LEAVE);
            self.control().order(STOP);
            self.close(Closing::Stopped);
        }
        if flags & STOP != 0 {
            self.close(why_stopped(flags));
        }
        if flags & ALONE != 0 {
            self.control().lower(ALONE);
            self.alone = !self.control().has_handles();
        }
        if flags & TIMED != 0 {
            self.control().lower(TIMED);
            let timed = self.core.timed.lock().take();
            let timed = timed.into_iter().flat_map(|timed| *timed);
            timed.for_each(|timed| self.schedule(timed));
        }
        None
    }

    /// Takes no more messages.
    pub(super) fn close(&mut self, why: Closing) {
        if self.core.mailbox.close() {
            self.closing = Some(why);
            // What was to be sent later is not, so that the end does come.
            self.timetable = None;
        }
    }

    /// Whether no message is taken any more.
    pub(in crate::actor) fn is_closing(&self) -> bool {
        self.closing.is_some()
    }
}

/// Why an actor ends that was ordered to stop.
pub(super) fn why_stopped(flags: u32) -> Closing {
    match flags & OVERFLOW {
        0 => Closing::Stopped,
        _ => Closing::Overflowed,
    }
}
