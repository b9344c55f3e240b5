//! Messages that are handled beside each other.
//!
//! # Purpose
//!
//! A message of a method with `#[message(concurrent)]` borrows the actor only shared. Neighbours of
//! that kind in the mailbox run at the same time, on the host's own task: while one waits, the host
//! polls the others.
//!
//! # Protocol
//!
//! ```text
//!              a concurrent message               the last one is done
//!  one at a time ───────────────▶ overlapping ───────────────────────▶ one at a time
//!                                  │        ▲ │
//!                                  └────────┘ │ anything else is next, or an order came
//!                   the next one is concurrent ▼
//!                    and there is room      draining ── the last one is done ──▶ one at a time
//! ```
//!
//! - *Overlapping*: the next message is taken while fewer than the limit (`#[actor(concurrent = n)]`)
//!   are in flight. One that is not concurrent is **held**: it has left the mailbox, and is handled
//!   when those in flight are done. What comes behind it stays in the mailbox. So a stream of reads
//!   cannot starve a write, and messages of one sender are begun in order.
//! - *Draining*: nothing is taken. Stops, news and restarts are acted upon when it is over; a message
//!   that is held then is still the first. A stop goes on with the overlapping, since it handles
//!   what is in the mailbox.
//! - A kill cuts all that are in flight, each by the rule of the last poll.
//! - A panic of one, or an error that nobody asked for, is a failure of the actor: the others are cut
//!   as by a kill.
//! - The held message belongs to the mailbox: the next incarnation handles it, and an end discards
//!   it (invariant 3 of `actor`).
//!
//! An actor that waits for another inside of a concurrent handler waits as a whole, as far as circles
//! are concerned: whether the message that would come back could be handled meanwhile depends on
//! what is in front of it.

use super::behavior::Messages;
use super::context::Cx;
use super::control::{KILL, STOP};
use super::handling::{Payload, Ran, drop_cut, poll_guarded};
use super::host::{Host, Next, Over};
use super::message::Message;
use super::supervise::Boss;
use crate::cancel::{CancelReason, Cancelled, Frame};
use crate::task::drop_quietly;
use crate::wait::replace_waker;
use futures::stream::{FuturesUnordered, StreamExt};
use pin_project_lite::pin_project;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Why overlapping is over: with what comes next, if that is known, or because the incarnation is
/// over.
pub(super) type Overlapped<A> = Result<Option<Next<A>>, (Over, Option<Payload>)>;

type Flight<F> = FuturesUnordered<InFlight<F>>;

/// What happens while messages are in flight.
enum Step<A: Messages> {
    /// One of them has ended.
    Ran(&'static str, Ran<Result<(), String>>),
    /// There is room for another.
    Next(Next<A>),
    /// None is left.
    Drained,
}

impl<A: Messages> Host<A> {
    /// Handles `first` and the concurrent messages behind it.
    pub(super) async fn overlap(
        &mut self,
        actor: &mut A,
        cx: &mut Cx<A>,
        first: A::Message,
    ) -> Overlapped<A> {
        // The actor is borrowed anew for each message and by nothing else here: so it need not be
        // `Sync` if no message of it is concurrent.
        let mut flight = Flight::new();
        flight.push(InFlight::new(
            first.name(),
            actor.dispatch_concurrent(first),
        ));
        let mut next = None;
        let mut held = false;
        let mut over = None;
        let mut cut = false;
        loop {
            if over.is_some() && !cut {
                cut = true;
                self.cut_flight(Pin::new(&mut flight), failed_beside());
            }
            let taking = next.is_none() && !held && !cut;
            let step = poll_fn(|task| self.poll_flight(task, cx, &mut flight, taking, &mut cut));
            match step.await {
                Step::Next(Next::Handle(message)) if message.is_concurrent() => {
                    let during = message.name();
                    flight.push(InFlight::new(during, actor.dispatch_concurrent(message)));
                }
                Step::Next(Next::Handle(message)) => {
                    held = true;
                    self.inbox.put_back(&self.core.mailbox, message);
                }
                Step::Next(other) => next = Some(other),
                Step::Ran(_, Ran::Done(Ok(()))) => {}
                Step::Ran(during, Ran::Done(Err(what))) => {
                    over.get_or_insert_with(|| (Over::Ended(self.failed(during, what)), None));
                }
                Step::Ran(during, Ran::Panicked(payload)) => {
                    let (why, payload) = self.panicked(during, payload);
                    match over {
                        None => over = Some((why, payload)),
                        Some(_) => drop_quietly(payload),
                    }
                }
                Step::Ran(_, Ran::Cut) => {
                    over.get_or_insert_with(|| (Over::Ended(self.control().why_killed()), None));
                }
                Step::Drained => break,
            }
        }
        match over {
            None => Ok(next),
            Some(over) => Err(over),
        }
    }

    /// Goes on with what is in flight, and looks for more if `taking`.
    fn poll_flight<F>(
        &mut self,
        task: &mut Context<'_>,
        cx: &mut Cx<A>,
        flight: &mut Flight<F>,
        taking: bool,
        cut: &mut bool,
    ) -> Poll<Step<A>>
    where
        F: Future<Output = Result<(), String>>,
    {
        let flags = self.control().flags();
        if flags & KILL != 0 && !*cut {
            *cut = true;
            let cause = self.control().cause_of_kill();
            self.cut_flight(Pin::new(flight), cause);
        }
        match flight.poll_next_unpin(task) {
            Poll::Ready(Some((during, ran))) => return Poll::Ready(Step::Ran(during, ran)),
            Poll::Ready(None) => return Poll::Ready(Step::Drained),
            Poll::Pending => {}
        }
        // A stop that has been acted upon stays raised.
        let acted_upon = if self.is_closing() { STOP } else { 0 };
        let room = flight.len() < self.core.concurrent;
        if taking && room && flags & !acted_upon == 0 {
            return self.poll_all(task, cx).map(Step::Next);
        }
        Poll::Pending
    }

    /// Cancels what is in flight, and has it polled.
    fn cut_flight<F>(&self, flight: Pin<&mut Flight<F>>, cause: Cancelled) {
        let restarts = self.boss.as_ref().is_some_and(Boss::restarts);
        let restarting = restarts && !self.control().is_killed_for_good();
        for one in flight.iter_pin_mut() {
            one.cut(cause.clone(), restarting);
        }
    }
}

fn failed_beside() -> Cancelled {
    let reason = "the actor has failed in a message beside this one";
    Cancelled::new(CancelReason::from(reason), None)
}

pin_project! {
    /// A handler that runs beside others.
    struct InFlight<F> {
        during: &'static str,
        frame: Frame,
        // To be polled again when it is cut.
        waker: Option<Waker>,
        // Whether it is cut because the actor is to be restarted.
        restarting: bool,
        #[pin]
        future: Option<F>,
    }
}

impl<F> InFlight<F> {
    fn new(during: &'static str, future: F) -> Self {
        Self {
            during,
            frame: Frame::lazy(),
            waker: None,
            restarting: false,
            future: Some(future),
        }
    }

    fn cut(self: Pin<&mut Self>, cause: Cancelled, restarting: bool) {
        let this = self.project();
        *this.restarting = restarting;
        let entered = this.frame.enter();
        this.frame.scope().cancel(cause);
        drop(entered);
        if let Some(waker) = this.waker.take() {
            waker.wake();
        }
    }
}

impl<F: Future> Future for InFlight<F> {
    type Output = (&'static str, Ran<F::Output>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let before = replace_waker(this.waker, cx.waker());
        drop(before);
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            unreachable!("it is dropped after its last poll");
        };
        poll_guarded(this.frame, future, cx).map(|ran| {
            let ran = match ran {
                Ran::Cut => drop_cut(*this.restarting, || this.future.set(None)),
                ran => ran,
            };
            (*this.during, ran)
        })
    }
}
