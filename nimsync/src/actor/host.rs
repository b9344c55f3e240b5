//! The task that owns an actor: takes orders and messages, and ends.

use super::addr::{Core, Link};
use super::behavior::Messages;
use super::children::{Arrival, Fault, Then};
use super::context::Cx;
use super::control::{ALONE, Control, HALT, KILL, LEAVE, NEWS, OVERFLOW, STOP, TIMED};
use super::handling::{Payload, Ran, ending, guarded, settle_unanswered};
use super::id::ActorId;
use super::mailbox::Inbox;
use super::message::{Message, Refusal};
use super::reason::{Failure, StopReason};
use super::supervise::{Boss, Event};
use super::timed::{Timed, Timetable};
use super::undelivered::discard;
use crate::cancel::{CancelReason, current_cause, current_is_ended, current_task_ends_alone};
use crate::task::{BoxError, PanicCause, drop_quietly};
use crate::wait;
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

/// The host's end of an actor.
pub(super) struct Host<A: Messages> {
    pub(super) core: Arc<Core<A::Message>>,
    pub(super) inbox: Inbox<A::Message>,
    timetable: Timetable<A::Message>,
    /// Why it ends when the mailbox is empty, once no message is taken any more.
    closing: Option<StopReason>,
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
            Self::Ended(why) => why.clone(),
            Self::Halted => StopReason::Restarting,
            Self::Left => StopReason::Stopped,
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

/// What the host does next.
pub(super) enum Next<A: Messages> {
    Handle(A::Message),
    /// What was waited for elsewhere is there.
    Then(Then<A>),
    /// It, or an actor of its own, has failed.
    Fault(Fault),
    News(ActorId, StopReason),
    End(Over),
}

impl<A: Messages> Host<A> {
    pub(super) fn new(core: Arc<Core<A::Message>>) -> Self {
        let mut timetable = Timetable::new();
        for (interval, make) in A::beats() {
            let (timed, _) = Timed::new(interval, Some(interval), Box::new(move || Some(make())));
            timetable.add(timed);
        }
        Self {
            core,
            inbox: Inbox::new(),
            timetable,
            closing: None,
            over: false,
            alone: false,
            boss: None,
        }
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
            let why = over.why();
            self.end(why.clone());
            match (payload, why) {
                (Some(payload), _) => resume_unwind(payload),
                (None, StopReason::Failed(failure)) => Err(failure.into()),
                (None, _) => Ok(()),
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
                return Poll::Ready(Some(why_stopped(flags)));
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
    async fn incarnation(&mut self, place: &mut Option<A>) -> (Over, Option<Payload>) {
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

    /// Handles messages until the incarnation is over.
    async fn run(&mut self, actor: &mut A, cx: &mut Cx<A>) -> (Over, Option<Payload>) {
        let started = actor.started(cx);
        match guarded(self.core.control(), self.boss.as_ref(), true, started).await {
            Ran::Done(Ok(())) => {}
            Ran::Done(Err(what)) => return (Over::Ended(self.failed("on_start", what)), None),
            Ran::Panicked(payload) => return self.panicked("on_start", payload),
            Ran::Cut => return (Over::Ended(self.control().why_killed()), None),
        }
        if let Some(boss) = &self.boss {
            boss.tell(Event::Started);
        }
        loop {
            let mut next = poll_fn(|task| self.poll_next(task, cx)).await;
            if let Next::Handle(message) = next {
                if message.is_concurrent() {
                    // In a box: most actors have no such messages.
                    match Box::pin(self.overlap(actor, cx, message)).await {
                        Ok(Some(other)) => next = other,
                        Ok(None) => continue,
                        Err(over) => return over,
                    }
                } else {
                    next = Next::Handle(message);
                }
            }
            let (control, boss) = (self.core.control(), self.boss.as_ref());
            let (during, ran) = match next {
                Next::Handle(message) => {
                    let during = message.name();
                    let handled = actor.dispatch(message, cx);
                    (during, guarded(control, boss, true, handled).await)
                }
                Next::News(id, why) => {
                    cx.was_told_of(id);
                    let exited = actor.exited(id, why, cx);
                    ("on_exit", guarded(control, boss, true, exited).await)
                }
                Next::Then(then) => {
                    let then = async { then(actor, cx) };
                    ("pipe", guarded(control, boss, true, then).await)
                }
                Next::Fault(fault) => return self.faulty(fault),
                Next::End(over) => return (over, None),
            };
            match ran {
                Ran::Done(()) => {}
                Ran::Panicked(payload) => return self.panicked(during, payload),
                Ran::Cut => return (Over::Ended(control.why_killed()), None),
            }
            if let Some(what) = cx.failure.take() {
                return (Over::Ended(self.failed(during, what)), None);
            }
        }
    }

    /// Looks at the lane, then at the clock, then at what was waited for elsewhere,
    /// then at the mailbox.
    pub(super) fn poll_next(&mut self, task: &mut Context<'_>, cx: &mut Cx<A>) -> Poll<Next<A>> {
        let flags = self.control().flags();
        if flags != 0
            && let Some(next) = self.take_orders(flags)
        {
            return Poll::Ready(next);
        }
        if let Some(message) = self.timetable.poll_due(task) {
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
                let why = self.closing.clone().unwrap_or(StopReason::Stopped);
                Poll::Ready(Next::End(Over::Ended(why)))
            }
            // Only now: a message that was waiting may have given out a handle.
            Poll::Pending if self.alone && self.closing.is_none() => {
                self.alone = false;
                if !self.control().has_handles() {
                    self.close(StopReason::Unreachable);
                }
                self.poll_next(task, cx)
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
            self.close(StopReason::Stopped);
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
            let timed = std::mem::take(&mut *self.core.timed.lock());
            timed
                .into_iter()
                .for_each(|timed| self.timetable.add(timed));
        }
        None
    }

    /// Takes no more messages.
    fn close(&mut self, why: StopReason) {
        if self.core.mailbox.close() {
            self.closing = Some(why);
            // What was to be sent later is not, so that the end does come.
            self.timetable = Timetable::new();
        }
    }

    /// Whether no message is taken any more.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_some()
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
        drop_quietly(std::mem::take(&mut *self.core.timed.lock()));
        self.control().end(why.clone());
        if let Some(boss) = &self.boss {
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

/// Why an actor ends that was ordered to stop.
fn why_stopped(flags: u32) -> StopReason {
    match flags & OVERFLOW {
        0 => StopReason::Stopped,
        _ => StopReason::Overflowed,
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
