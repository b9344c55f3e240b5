//! The task that owns an actor: from its first incarnation to its end.

mod next;

pub(super) use next::Next;

use super::addr::{Core, Link};
use super::behavior::Messages;
use super::children::Fault;
use super::context::Cx;
use super::control::{Control, HALT, KILL, LEAVE, STOP};
use super::handling::{Handling, Payload, Ran, ending, guarded, settle_unanswered};
use super::mailbox::Inbox;
use super::message::{Message, Refusal};
use super::reason::{Failure, StopReason};
use super::supervise::{Boss, Event};
use super::timed::{Timed, Timetable};
use super::undelivered::discard;
use crate::cancel::{CancelReason, current_cause, current_is_ended, current_task_ends_alone};
use crate::task::{BoxError, PanicCause, drop_quietly};
use crate::wait;
use next::{Closing, why_stopped};
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

/// The host's end of an actor.
pub(super) struct Host<A: Messages> {
    pub(super) core: Arc<Core<A::Message>>,
    pub(super) inbox: Inbox<A::Message>,
    /// There once a message was to be sent later.
    timetable: Option<Box<Timetable<A::Message>>>,
    /// Why it ends when the mailbox is empty, once no message is taken any more.
    closing: Option<Closing>,
    over: bool,
    /// Whether there was no handle when it last looked.
    alone: bool,
    pub(super) boss: Option<Boss>,
}

/// How an incarnation is over.
pub(super) enum Over {
    /// And the actor with it, unless its supervisor restarts it.
    Ended(StopReason),
    /// Its supervisor has ordered it.
    Halted,
    /// It has left by itself, and comes back.
    Left,
}

impl Over {
    fn why(&self) -> StopReason {
        match self {
            Self::Ended(StopReason::Stopped) => StopReason::Stopped,
            Self::Ended(why) => why.clone(),
            Self::Halted => StopReason::Restarting,
            Self::Left => StopReason::Stopped,
        }
    }

    fn into_why(self) -> StopReason {
        match self {
            Self::Ended(why) => why,
            other => other.why(),
        }
    }

    /// Why the actors below are killed; if for nothing they are stopped.
    fn kills_children(&self) -> Option<&'static str> {
        match self {
            Self::Ended(StopReason::Failed(_)) => Some("the actor above it has failed"),
            Self::Ended(StopReason::Killed | StopReason::Cancelled(_)) => {
                Some("the actor above it was killed")
            }
            Self::Ended(_) | Self::Halted | Self::Left => None,
        }
    }
}

impl<A: Messages> Host<A> {
    pub(super) fn new(core: Arc<Core<A::Message>>) -> Self {
        let mut this = Self {
            core,
            inbox: Inbox::new(),
            timetable: None,
            closing: None,
            over: false,
            alone: false,
            boss: None,
        };
        for (interval, make) in A::beats() {
            let (timed, _) = Timed::new(interval, Some(interval), Box::new(move || Some(make())));
            this.schedule(timed);
        }
        this
    }

    fn schedule(&mut self, timed: Timed<A::Message>) {
        let timetable = self
            .timetable
            .get_or_insert_with(|| Box::new(Timetable::new()));
        timetable.add(timed);
    }

    /// The host of a child of a supervisor, which is told of what happens.
    pub(super) fn supervised(core: Arc<Core<A::Message>>, boss: Boss) -> Self {
        let mut this = Self::new(core);
        this.boss = Some(boss);
        this
    }

    pub(super) fn control(&self) -> &Control {
        self.core.control()
    }

    /// Runs the actor to its end.
    ///
    /// A block in place of an async function, which would hold its arguments twice.
    pub(super) fn live(mut self, actor: A) -> impl Future<Output = Result<(), BoxError>> + Send {
        let mut actor = Some(actor);
        async move {
            let (over, payload) = self.incarnation(&mut actor).await;
            let why = over.into_why();
            let failure = match &why {
                StopReason::Failed(failure) => Some(failure.clone()),
                _ => None,
            };
            self.end(why);
            match (payload, failure) {
                (Some(payload), _) => resume_unwind(payload),
                (None, Some(failure)) => Err(failure.into()),
                (None, None) => Ok(()),
            }
        }
    }

    /// Runs the actors that `init` makes, one after the other, as the supervisor
    /// says.
    pub(super) async fn live_again<F, Fut>(mut self, mut init: F) -> Result<(), BoxError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<A, String>>,
    {
        loop {
            if let Some(why) = self.wait_for_start().await {
                self.end(why);
                return Ok(());
            }
            let over = match self.make(&mut init).await {
                Ok(actor) => {
                    let (over, payload) = self.incarnation(&mut Some(actor)).await;
                    // It has been through the panic hook, and the failure has its text.
                    drop_quietly(payload);
                    over
                }
                Err(over) => over,
            };
            let event = match self.event(over) {
                Ok(event) => event,
                Err(why) => {
                    self.end(why);
                    return Ok(());
                }
            };
            self.control().lower(KILL | HALT | LEAVE);
            if let Some(boss) = &self.boss {
                boss.tell(event);
            }
        }
    }

    /// Waits until the supervisor has the actor started; else says why it ends.
    async fn wait_for_start(&mut self) -> Option<StopReason> {
        let control = self.core.control();
        poll_fn(|_| {
            let flags = control.flags();
            if flags & KILL != 0 && control.is_killed_for_good() {
                return Poll::Ready(Some(control.why_killed()));
            }
            if flags & STOP != 0 {
                return Poll::Ready(Some(why_stopped(flags).into()));
            }
            // A kill of what is down already.
            control.lower(flags & KILL);
            if control.take_start() {
                return Poll::Ready(None);
            }
            wait::note(&"to be started");
            Poll::Pending
        })
        .await
    }

    /// Makes an incarnation.
    async fn make<F, Fut>(&mut self, init: &mut F) -> Result<A, Over>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<A, String>>,
    {
        let made = async { init().await };
        match guarded(self.core.control(), self.boss.as_ref(), true, made).await {
            Ran::Done(Ok(actor)) => Ok(actor),
            Ran::Done(Err(what)) => Err(Over::Ended(self.failed("init", what))),
            Ran::Panicked(payload) => {
                let (over, payload) = self.panicked("init", payload);
                drop_quietly(payload);
                Err(over)
            }
            Ran::Cut => Err(Over::Ended(self.control().why_killed())),
        }
    }

    /// What the supervisor is told of the end of an incarnation; if the actor ends
    /// with it, why.
    fn event(&self, over: Over) -> Result<Event, StopReason> {
        let comes_back = self.comes_back(&over);
        match over {
            Over::Halted => Ok(Event::Halted),
            Over::Left => Ok(Event::Left),
            Over::Ended(StopReason::Failed(failure)) if comes_back => Ok(Event::Failed(failure)),
            Over::Ended(StopReason::Killed) if comes_back => {
                if self.control().flags() & HALT != 0 {
                    return Ok(Event::Halted);
                }
                let Control { id, name, .. } = self.control();
                let what = StopReason::Killed.to_string();
                let failure = Failure::error(*id, name.clone(), "kill", what);
                Ok(Event::Failed(failure))
            }
            Over::Ended(why) => Err(why),
        }
    }

    /// Whether the supervisor makes another incarnation, unless there were too many.
    fn comes_back(&self, over: &Over) -> bool {
        let restarts = self.boss.as_ref().is_some_and(Boss::restarts);
        match over {
            Over::Halted | Over::Left => true,
            Over::Ended(StopReason::Failed(_)) => restarts,
            Over::Ended(StopReason::Killed) => restarts && !self.control().is_killed_for_good(),
            Over::Ended(_) => false,
        }
    }

    /// Runs an incarnation from its `on_start` to its end.
    #[allow(
        clippy::manual_async_fn,
        reason = "an async function would hold its arguments twice"
    )]
    fn incarnation(
        &mut self,
        place: &mut Option<A>,
    ) -> impl Future<Output = (Over, Option<Payload>)> + Send {
        async move {
            let Some(actor) = place else {
                unreachable!("an incarnation begins with its actor");
            };
            let mut cx = Cx::new(self.core.clone());
            let (mut over, mut payload) = self.run(actor, &mut cx).await;
            if self.boss.is_none() || self.control().is_killed_for_good() {
                // Nobody will handle what would come while it says its last words.
                self.core.mailbox.close();
            }
            if let Some(children) = cx.children.take() {
                let killed = over.kills_children();
                // In a box: most actors have none.
                if let Some(fault) = Box::pin(children.end(self.control(), killed)).await {
                    (over, payload) = self.faulty(fault);
                }
            }
            let last_words = actor.stopped(over.why());
            let stopped = guarded(self.core.control(), self.boss.as_ref(), false, last_words).await;
            if let Ran::Panicked(later) = stopped {
                self.caught(&*later);
                drop_quietly(payload.replace(later));
            }
            let restarting = self.comes_back(&over);
            let end = || ending(restarting, || drop(place.take()));
            if let Err(later) = catch_unwind(AssertUnwindSafe(end)) {
                drop_quietly(payload.replace(later));
            }
            (over, payload)
        }
    }

    /// Handles messages until the incarnation is over.
    #[allow(
        clippy::manual_async_fn,
        reason = "an async function would hold its arguments twice"
    )]
    fn run(
        &mut self,
        actor: &mut A,
        cx: &mut Cx<A>,
    ) -> impl Future<Output = (Over, Option<Payload>)> + Send {
        async move {
            let started = guarded(
                self.core.control(),
                self.boss.as_ref(),
                true,
                actor.started(cx),
            );
            match started.await {
                Ran::Done(Ok(())) => {}
                Ran::Done(Err(what)) => return (Over::Ended(self.failed("on_start", what)), None),
                Ran::Panicked(payload) => return self.panicked("on_start", payload),
                Ran::Cut => return (Over::Ended(self.control().why_killed()), None),
            }
            if let Some(boss) = &self.boss {
                boss.tell(Event::Started);
            }
            // In blocks, so that the future keeps nothing beyond its use.
            loop {
                let (during, ran) = {
                    let mut handled = pin!(None);
                    let during = {
                        let next = poll_fn(|task| self.poll_next(task, cx)).await;
                        let message = match next.into_message() {
                            Ok(message) => message,
                            Err(Next::End(over)) => return (over, None),
                            // In a box: most actors see none of these.
                            Err(other) => match Box::pin(self.handle_other(actor, cx, other)).await
                            {
                                Some(over) => return over,
                                None => continue,
                            },
                        };
                        let during = message.name();
                        handled.set(Some(actor.dispatch(message, cx)));
                        during
                    };
                    let (control, boss) = (self.core.control(), self.boss.as_ref());
                    let mut handling = Handling::new(control, boss, true);
                    let ran = poll_fn(|task| handling.poll(handled.as_mut(), task)).await;
                    (during, ran)
                };
                if matches!(ran, Ran::Done(())) && cx.failure.is_none() {
                    continue;
                }
                if let Some(over) = self.ended_by(during, ran, cx) {
                    return over;
                }
            }
        }
    }

    /// Handles what is not a message, or one that others may be handled beside.
    async fn handle_other(
        &mut self,
        actor: &mut A,
        cx: &mut Cx<A>,
        mut next: Next<A>,
    ) -> Option<(Over, Option<Payload>)> {
        if let Next::Handle(message) = next {
            match self.overlap(actor, cx, message).await {
                Ok(Some(other)) => next = other,
                Ok(None) => return None,
                Err(over) => return Some(over),
            }
        }
        let (control, boss) = (self.core.control(), self.boss.as_ref());
        let (during, ran) = match next {
            Next::Handle(_) => unreachable!("it would have been put back"),
            Next::News(id, why) => {
                cx.was_told_of(id);
                let exited = actor.exited(id, why, cx);
                ("on_exit", guarded(control, boss, true, exited).await)
            }
            Next::Then(then) => {
                let then = async { then(actor, cx) };
                ("pipe", guarded(control, boss, true, then).await)
            }
            Next::Fault(fault) => return Some(self.faulty(fault)),
            Next::End(over) => return Some((over, None)),
        };
        self.ended_by(during, ran, cx)
    }

    /// Whether the incarnation is over because of how something in it has ended.
    fn ended_by(
        &self,
        during: &'static str,
        ran: Ran<()>,
        cx: &mut Cx<A>,
    ) -> Option<(Over, Option<Payload>)> {
        match ran {
            Ran::Done(()) => {}
            Ran::Panicked(payload) => return Some(self.panicked(during, payload)),
            Ran::Cut => return Some((Over::Ended(self.control().why_killed()), None)),
        }
        let what = cx.failure.take()?;
        Some((Over::Ended(self.failed(during, what)), None))
    }

    pub(super) fn failed(&self, during: &'static str, what: String) -> StopReason {
        let Control { id, name, .. } = self.control();
        StopReason::Failed(Failure::error(*id, name.clone(), during, what))
    }

    pub(super) fn panicked(
        &self,
        during: &'static str,
        payload: Payload,
    ) -> (Over, Option<Payload>) {
        let cause = self.caught(&*payload);
        let Control { id, name, .. } = self.control();
        let failure = Failure::panicked(*id, name.clone(), during, cause);
        (Over::Ended(StopReason::Failed(failure)), Some(payload))
    }

    /// A child has failed, and this actor of it.
    fn faulty(&self, fault: Fault) -> (Over, Option<Payload>) {
        match fault {
            Fault::Panicked(during, payload) => self.panicked(during, payload),
            Fault::Failed(during, what) => (Over::Ended(self.failed(during, what)), None),
        }
    }

    /// A panic was caught: tells those who wait for a reply.
    fn caught(&self, payload: &(dyn Any + Send)) -> PanicCause {
        let cause = PanicCause::new(payload);
        settle_unanswered(&cause);
        cause
    }

    /// Discards what is left in the mailbox, and tells that the actor has ended.
    fn end(&mut self, why: StopReason) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        self.core.mailbox.close();
        while let Some(message) = self.inbox.next(&self.core.mailbox) {
            self.core.mailbox.count_dropped();
            let report = || discard(&*self.core, message, Refusal::Stopped);
            // Dropping arguments, and the report, are the user's code.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(report)) {
                drop_quietly(payload);
            }
        }
        let timed = self.core.timed.lock().take();
        drop_quietly(timed);
        let told = self.boss.as_ref().map(|boss| (boss, why.clone()));
        self.core.control().end(why);
        if let Some((boss, why)) = told {
            boss.tell(Event::Ended(why));
        }
    }
}

impl<A: Messages> Drop for Host<A> {
    /// The task was dropped before its end: before its first poll, or because
    /// its time limit was over.
    fn drop(&mut self) {
        if !self.over {
            order_end(self.control());
            let why = self.control().why_killed();
            self.end(why);
        }
    }
}

/// Turns the cancellation that the calling code sees, if it does, into an order.
pub(super) fn order_end(control: &Control) {
    if !current_is_ended() {
        return;
    }
    if let Some(cause) = current_cause() {
        // The group has done what it was for, and so has this service. If the group
        // had been asked to end before, the reason is still the one it was given then.
        let done = cause.reason == CancelReason::Done || current_task_ends_alone();
        control.cancelled(cause, if done { STOP } else { KILL });
    }
}
