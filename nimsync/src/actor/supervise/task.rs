//! The task of a supervisor: from the start of its children to their end.

use super::super::addr::Link;
use super::super::control::{Control, HALT, KILL, STOP};
use super::super::reason::{Failure, StopReason};
use super::children::{Children, Standing, Started};
use super::policy::{Policy, Restarts};
use super::post::{Boss, Event};
use crate::channel::oneshot;
use crate::task::BoxError;
use crate::wait;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

/// How the one who starts a supervisor learns what came of it.
pub(super) type Starter = oneshot::Sender<Result<(), Failure>>;

pub(super) struct Running {
    pub(super) policy: Policy,
    pub(super) children: Children,
    pub(super) link: Arc<dyn Link>,
    boss: Option<Boss>,
}

/// Why a supervisor does not go on.
pub(super) enum Break {
    /// A child did not start, or was restarted too often.
    Failed(Failure),
    /// Ordered to halt.
    Halt,
    /// Ordered to end, or no child is left.
    End,
}

/// What a supervisor was ordered, if it was.
pub(super) fn ordered(control: &Control) -> Option<Break> {
    let flags = control.flags();
    if flags & (STOP | KILL) != 0 {
        return Some(Break::End);
    }
    (flags & HALT != 0).then_some(Break::Halt)
}

pub(super) fn failure(link: &dyn Link, during: &'static str, text: String) -> Failure {
    let control = link.control();
    Failure::error(control.id, control.name.clone(), during, text)
}

impl Running {
    pub(super) fn new(
        policy: Policy,
        children: Children,
        link: Arc<dyn Link>,
        boss: Option<Boss>,
    ) -> Self {
        Self {
            policy,
            children,
            link,
            boss,
        }
    }

    pub(super) async fn live(mut self, mut ready: Option<Starter>) -> Result<(), BoxError> {
        loop {
            if self.boss.is_some() && !self.wait_for_start().await {
                return self.finish(None).await;
            }
            let why = match self.start_all().await {
                Ok(()) => {
                    self.announce(ready.take());
                    self.watch_over().await
                }
                Err(why) => why,
            };
            let failed = match why {
                Break::End => return self.finish(None).await,
                Break::Halt => None,
                Break::Failed(failure) => Some(failure),
            };
            let restarts = self.boss.as_ref().is_some_and(Boss::restarts);
            if failed.is_some() && !restarts {
                let result = self.finish(failed.clone()).await;
                return match (ready.take(), failed) {
                    (Some(ready), Some(failure)) => {
                        // It is the one who started it that is told.
                        drop(ready.send(Err(failure)));
                        Ok(())
                    }
                    _ => result,
                };
            }
            self.halt_all().await;
            if let Some(boss) = &self.boss {
                boss.tell(failed.map_or(Event::Halted, Event::Failed));
            }
        }
    }

    /// Whether to start; else to end.
    async fn wait_for_start(&mut self) -> bool {
        let control = self.link.control();
        poll_fn(|_| {
            let flags = control.flags();
            if flags & (STOP | KILL) != 0 {
                return Poll::Ready(false);
            }
            if control.take_start() {
                return Poll::Ready(true);
            }
            wait::note(&"to be started");
            Poll::Pending
        })
        .await
    }

    /// Starts those that have not ended, in order.
    async fn start_all(&mut self) -> Result<(), Break> {
        for child in 0..self.children.len() {
            if self.children.child(child).standing != Standing::Halted {
                continue;
            }
            let interrupt = || ordered(self.link.control());
            if let Started::Failed(failure) = self.children.start(child, interrupt).await? {
                return Err(Break::Failed(failure));
            }
        }
        Ok(())
    }

    /// Says that all children run.
    fn announce(&self, ready: Option<Starter>) {
        if let Some(ready) = ready {
            // The one who started it may have been cancelled.
            drop(ready.send(Ok(())));
        }
        if let Some(boss) = &self.boss {
            boss.tell(Event::Started);
        }
    }

    /// Halts everything below, to be started again as if for the first time.
    async fn halt_all(&mut self) {
        let all = 0..self.children.len();
        self.children.halt(all.clone()).await;
        for child in self.children.some(all) {
            child.restarts = Restarts::default();
            if let Standing::Waiting(_) = child.standing {
                child.standing = Standing::Halted;
            }
        }
    }

    /// Ends the children for good, the last one first, and then the supervisor.
    async fn finish(&mut self, failed: Option<Failure>) -> Result<(), BoxError> {
        let kill = self.link.control().flags() & KILL != 0;
        self.children.end(kill).await;
        let why = match &failed {
            Some(failure) => StopReason::Failed(failure.clone()),
            None if kill => self.link.control().why_killed(),
            None => StopReason::Stopped,
        };
        self.link.control().end(why.clone());
        match (&self.boss, failed) {
            (Some(boss), _) => {
                boss.tell(Event::Ended(why));
                Ok(())
            }
            (None, Some(failure)) => Err(Box::new(failure)),
            (None, None) => Ok(()),
        }
    }
}

impl Drop for Running {
    /// The task was dropped before its end, for instance before its first poll.
    fn drop(&mut self) {
        let control = self.link.control();
        if !control.has_ended() {
            let why = control.why_killed();
            control.end(why.clone());
            if let Some(boss) = &self.boss {
                boss.tell(Event::Ended(why));
            }
        }
    }
}
