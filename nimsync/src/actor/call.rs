//! A message that has not been sent: what a handle's methods return.

use super::addr::{Addr, Posted};
use super::behavior::Messages;
use super::error::{CallError, TellError};
use super::mailbox::Placing;
use super::message::{Message, Shape};
use super::reply::{NoReply, Question, Reply, ask};
use super::tell::Tell;
use super::timed::{Timed, Timer};
use super::waits::{self, WaitPath, Waiting, Wanted};
use crate::cancel::TimeLimit;
use crate::time::{Sleep, sleep};
use crate::wait;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
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
        Placing { #[pin] placing: Placing<'a, M>, asked: Option<Asked<R>> },
        Asked { asked: Asked<R> },
        Done,
    }
}

/// A reply that is waited for.
struct Asked<R: Send + 'static> {
    /// First, because it goes before the question.
    _waiting: Option<Waiting>,
    question: Question<R>,
    /// The name of the message.
    message: &'static str,
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
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Counter { n: u32 }
    ///
    /// #[actor]
    /// impl Counter {
    ///     pub fn add(&mut self, by: u32) -> u32 { self.n += by; self.n }
    /// }
    ///
    /// # fn main() {
    /// # nimsync::block_on(async {
    /// let system = ActorSystem::new();
    /// let counter = system.spawn(Counter { n: 0 });
    /// assert_eq!(counter.add(1).timeout(2.seconds()).await?, 1); // asks, two seconds at most
    /// counter.add(2).tell().await?; // waits for room, but for no reply
    /// counter.add(3).try_tell()?; // waits for nothing
    /// assert_eq!(counter.add(0).await?, 6);
    /// system.stop().await?;
    /// # Ok::<(), nimsync::BoxError>(())
    /// # }).unwrap();
    /// # }
    /// ```
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
        let poll = poll_stage::<A, S, Args>(this.addr, *this.verb, this.stage.as_mut(), cx);
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
        this.stage.set(Stage::Done);
        Poll::Ready(output)
    }
}

/// Notes that the current actor is about to wait for a reply.
///
/// # Safety
///
/// What it returns is dropped before the question.
#[cold]
unsafe fn begin<A: Messages, R: Send>(
    addr: &Addr<A>,
    question: &Question<R>,
) -> Result<Option<Waiting>, WaitPath> {
    // SAFETY: the view goes with what is returned.
    let wanted = Wanted::Reply(unsafe { question.watch() });
    // SAFETY: by contract.
    unsafe { Waiting::begin(addr.link(), wanted) }
}

/// Goes on with an ask.
fn poll_stage<'a, A: Messages, S: Shape, Args>(
    addr: &'a Addr<A>,
    verb: Verb<Args, A::Message, S::Raw>,
    mut stage: Pin<&mut Stage<'a, A::Message, S::Raw, Args>>,
    cx: &mut Context<'_>,
) -> Poll<Result<S::Value, CallError<S::Error>>> {
    loop {
        let next = match stage.as_mut().project() {
            StageOf::New { args } => {
                let args = args.take().expect("a new call has its arguments");
                let (question, answer) = ask();
                let mut waiting = None;
                if waits::inside_actor() {
                    // SAFETY: `Asked` drops it first, and so does this block.
                    match unsafe { begin(addr, &question) } {
                        Ok(begun) => waiting = begun,
                        Err(path) => return Poll::Ready(Err(CallError::Deadlock(path))),
                    }
                }
                let message = (verb.make)(args, Reply::to(answer));
                let asked = Asked {
                    _waiting: waiting,
                    question,
                    message: message.name(),
                };
                let core = addr.core();
                match core.post(message) {
                    Posted::Accepted => Stage::Asked { asked },
                    Posted::Stopped(_) => return Poll::Ready(Err(CallError::Stopped)),
                    Posted::Full(_) => return Poll::Ready(Err(CallError::MailboxFull)),
                    Posted::NoRoom(message) => {
                        let lane = message.priority();
                        Stage::Placing {
                            placing: core.mailbox.place(message, lane),
                            asked: Some(asked),
                        }
                    }
                }
            }
            StageOf::Placing { placing, asked } => match placing.poll(cx) {
                Poll::Ready(Ok(())) => Stage::Asked {
                    asked: asked.take().expect("there until the message is placed"),
                },
                Poll::Ready(Err(_)) => return Poll::Ready(Err(CallError::Stopped)),
                Poll::Pending => {
                    addr.core().note_room();
                    return Poll::Pending;
                }
            },
            StageOf::Asked { asked } => {
                let Poll::Ready(settled) = asked.question.poll(cx) else {
                    wait::note_ask(asked.message, addr.core().name_id());
                    return Poll::Pending;
                };
                return Poll::Ready(match settled {
                    Ok(raw) => S::split(raw),
                    Err(NoReply::Panicked(cause)) => Err(CallError::Panicked(cause)),
                    Err(NoReply::Stopped) => Err(CallError::Stopped),
                    Err(NoReply::Full) => Err(CallError::MailboxFull),
                    Err(NoReply::Restarting) => Err(CallError::Restarting),
                    Err(NoReply::Unanswered) => Err(CallError::Unanswered),
                });
            }
            StageOf::Done => panic!("an ask was polled after it was done"),
        };
        stage.set(next);
    }
}
