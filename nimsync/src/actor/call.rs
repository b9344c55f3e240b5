//! A message that has not been sent: what a handle's methods return.

use super::addr::{Addr, Posted};
use super::behavior::Messages;
use super::error::{CallError, TellError};
use super::mailbox::Placing;
use super::message::{Message, Shape};
use super::reply::{NoReply, Reply, ReplyCell};
use super::tell::Tell;
use super::timed::{Timed, Timer};
use super::waits::{self, Waiting, Wanted};
use crate::cancel::TimeLimit;
use crate::time::{Sleep, sleep};
use crate::wait;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// How the arguments of a method become a message, and back.
///
/// Pointers to functions that the expansion writes, so that the type of a call
/// names nothing that the user has not written.
pub(super) struct Verb<Args, M, R: Send + 'static> {
    make: fn(Args, Reply<R>) -> M,
    unmake: fn(M) -> Args,
}

impl<Args, M, R: Send + 'static> Clone for Verb<Args, M, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Args, M, R: Send + 'static> Copy for Verb<Args, M, R> {}

pin_project! {
    /// A message that has not been sent.
    ///
    /// Awaiting it asks: sends the message and waits for the reply.
    /// [`tell`](Call::tell) sends it and waits for room only.
    ///
    /// # Cancel safety
    ///
    /// An ask that is dropped while it waits for room has sent nothing. Later the
    /// message is handled, and the reply is dropped.
    ///
    /// # Errors
    ///
    /// An ask yields [`CallError`].
    #[must_use = "a message is sent when its call is awaited, or with `.tell()`"]
    pub struct Call<'a, A: Messages, S: Shape, Args> {
        addr: &'a Addr<A>,
        verb: Verb<Args, A::Message, S::Raw>,
        limit: Option<Duration>,
        #[pin]
        timer: Option<Sleep>,
        waiting: Option<Waiting>,
        #[pin]
        stage: Stage<'a, A::Message, S::Raw, Args>,
    }
}

pin_project! {
    #[project = StageOf]
    enum Stage<'a, M, R, Args>
    where
        R: Send,
        R: 'static,
    {
        New { args: Option<Args> },
        Placing { #[pin] placing: Placing<'a, M>, cell: Option<Asked<R>> },
        Asked { cell: Asked<R> },
        Done,
    }
}

/// A reply that is waited for.
struct Asked<R: Send + 'static> {
    cell: Option<Arc<ReplyCell<R>>>,
    /// The name of the message.
    message: &'static str,
}

impl<R: Send + 'static> Asked<R> {
    fn new() -> Self {
        Self {
            cell: Some(ReplyCell::open()),
            message: "",
        }
    }

    fn cell(&self) -> &Arc<ReplyCell<R>> {
        self.cell.as_ref().expect("there until it is dropped")
    }
}

impl<R: Send + 'static> Drop for Asked<R> {
    fn drop(&mut self) {
        if let Some(cell) = self.cell.take() {
            cell.retire();
        }
    }
}

impl<'a, A: Messages, S: Shape, Args> Call<'a, A, S, Args> {
    /// Makes a call; what the methods of handles do.
    #[inline(always)]
    pub fn new(
        addr: &'a Addr<A>,
        args: Args,
        make: fn(Args, Reply<S::Raw>) -> A::Message,
        unmake: fn(A::Message) -> Args,
    ) -> Self {
        Self {
            addr,
            verb: Verb { make, unmake },
            limit: None,
            timer: None,
            waiting: None,
            stage: Stage::New { args: Some(args) },
        }
    }

    #[inline(always)]
    fn into_args(self) -> Args {
        match self.stage {
            Stage::New { args: Some(args) } => args,
            // It is pinned from its first poll on.
            _ => unreachable!("a call that has been polled cannot be moved"),
        }
    }

    /// Limits how long an ask may take, from its first wait on.
    ///
    /// A message that was accepted by then is handled all the same.
    pub fn timeout(mut self, limit: impl TimeLimit) -> Self {
        self.limit = Some(limit.into_limit());
        self
    }

    /// Sends the message, and waits for room if need be, but for no reply.
    // Where it is inlined, the call that it is made of dissolves.
    #[inline(always)]
    pub fn tell(self) -> Tell<'a, A, Args> {
        let Self { addr, verb, .. } = self;
        let message = (verb.make)(self.into_args(), Reply::none());
        Tell::new(addr, message, verb.unmake)
    }

    /// Sends the message if there is room.
    ///
    /// # Errors
    ///
    /// [`TellError`] with the arguments, if it was not accepted.
    #[inline(always)]
    pub fn try_tell(self) -> Result<(), TellError<Args>> {
        let Self { addr, verb, .. } = self;
        let message = (verb.make)(self.into_args(), Reply::none());
        match addr.core().post(message) {
            Posted::Accepted => Ok(()),
            Posted::NoRoom(message) | Posted::Full(message) => {
                Err(TellError::Full((verb.unmake)(message)))
            }
            Posted::Stopped(message) => Err(TellError::Stopped((verb.unmake)(message))),
        }
    }

    /// Has the actor send itself the message after `delay`.
    ///
    /// It does not go through the mailbox, and is dropped if the actor ends
    /// before that or the [`Timer`] is cancelled.
    pub fn after(self, delay: Duration) -> Timer
    where
        Args: Send + 'static,
    {
        let Self { addr, verb, .. } = self;
        let mut args = Some(self.into_args());
        let make = move || args.take().map(|args| (verb.make)(args, Reply::none()));
        let (timed, timer) = Timed::new(delay, None, Box::new(make));
        addr.core().schedule(timed);
        timer
    }

    /// Has the actor send itself the message every `interval`, first after the
    /// first one.
    ///
    /// Beats that were missed because the actor was busy are left out.
    pub fn every(self, interval: Duration) -> Timer
    where
        Args: Clone + Send + 'static,
    {
        let Self { addr, verb, .. } = self;
        let args = self.into_args();
        let make = move || Some((verb.make)(args.clone(), Reply::none()));
        let (timed, timer) = Timed::new(interval, Some(interval), Box::new(make));
        addr.core().schedule(timed);
        timer
    }
}

impl<'a, A: Messages, S: Shape, Args> Future for Call<'a, A, S, Args> {
    type Output = Result<S::Value, CallError<S::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let poll =
            poll_stage::<A, S, Args>(this.addr, *this.verb, this.waiting, this.stage.as_mut(), cx);
        let output = match poll {
            Poll::Ready(output) => output,
            Poll::Pending => {
                let Some(limit) = *this.limit else {
                    return Poll::Pending;
                };
                if this.timer.is_none() {
                    this.timer.set(Some(sleep(limit)));
                }
                let timer = this.timer.as_mut().as_pin_mut().expect("just set");
                ready!(timer.poll_as_limit(cx));
                Err(CallError::Timeout)
            }
        };
        // First, because it knows the reply's place, which is to be used again.
        *this.waiting = None;
        this.stage.set(Stage::Done);
        Poll::Ready(output)
    }
}

/// Goes on with an ask.
fn poll_stage<'a, A: Messages, S: Shape, Args>(
    addr: &'a Addr<A>,
    verb: Verb<Args, A::Message, S::Raw>,
    waiting: &mut Option<Waiting>,
    mut stage: Pin<&mut Stage<'a, A::Message, S::Raw, Args>>,
    cx: &mut Context<'_>,
) -> Poll<Result<S::Value, CallError<S::Error>>> {
    loop {
        let next = match stage.as_mut().project() {
            StageOf::New { args } => {
                let args = args.take().expect("a new call has its arguments");
                let mut asked = Asked::new();
                if waits::inside_actor() {
                    match Waiting::begin(addr.link(), Wanted::Reply(asked.cell().clone())) {
                        Ok(begun) => *waiting = begun,
                        Err(path) => return Poll::Ready(Err(CallError::Deadlock(path))),
                    }
                }
                let message = (verb.make)(args, Reply::to(asked.cell().clone()));
                asked.message = message.name();
                let core = addr.core();
                match core.post(message) {
                    Posted::Accepted => Stage::Asked { cell: asked },
                    Posted::Stopped(_) => return Poll::Ready(Err(CallError::Stopped)),
                    Posted::Full(_) => return Poll::Ready(Err(CallError::MailboxFull)),
                    Posted::NoRoom(message) => {
                        let lane = message.priority();
                        Stage::Placing {
                            placing: core.mailbox.place(message, lane),
                            cell: Some(asked),
                        }
                    }
                }
            }
            StageOf::Placing { placing, cell } => match placing.poll(cx) {
                Poll::Ready(Ok(())) => Stage::Asked {
                    cell: cell.take().expect("there until the message is placed"),
                },
                Poll::Ready(Err(_)) => return Poll::Ready(Err(CallError::Stopped)),
                Poll::Pending => {
                    addr.core().note_room();
                    return Poll::Pending;
                }
            },
            StageOf::Asked { cell } => {
                let Poll::Ready(settled) = cell.cell().poll(cx) else {
                    wait::note_ask(cell.message, addr.core().name_id());
                    return Poll::Pending;
                };
                return Poll::Ready(match settled {
                    Ok(raw) => S::split(raw),
                    Err(NoReply::Panicked(cause)) => Err(CallError::Panicked(cause)),
                    Err(NoReply::Stopped) => Err(CallError::Stopped),
                    Err(NoReply::Full) => Err(CallError::MailboxFull),
                    Err(NoReply::Restarting) => Err(CallError::Restarting),
                });
            }
            StageOf::Done => panic!("an ask was polled after it was done"),
        };
        stage.set(next);
    }
}
