//! The children of an actor's incarnation: what it waits for elsewhere, and actors of its own.
//!
//! # Protocol
//!
//! Children are tasks in groups of the actor's task: one for [pipes](super::pipe), one for the actors
//! that it has [spawned](super::offspring), each opened with its first child. They are not part of the
//! handler that began them. The groups are shielded from the cancellation of the actor's task,
//! because the host turns that into an order, and then ends its children in its own way.
//!
//! What children have to say waits in the **inbox**, in order of arrival. It is not bounded: what is
//! in it has been asked for by the actor itself.

use super::behavior::Messages;
use super::context::Cx;
use super::control::Control;
use super::handling::Payload;
use super::id::ActorId;
use super::offspring::Offspring;
use super::pipe::Pipes;
use crate::cancel::{Frame, Kind, Scope, task_scope};
use crate::group::{GroupOptions, OpenGroup};
use crate::prim::Lock;
use crate::task::{BoxError, drop_quietly};
use crate::wait::replace_waker;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Waker};

/// What is done with a value that has arrived.
pub(super) type Then<A> = Box<dyn FnOnce(&mut A, &mut Cx<A>) + Send>;

/// What the actor hears of its children.
pub(super) enum Arrival<A: Messages> {
    /// What was waited for elsewhere is there.
    Value(Then<A>),
    /// A child has failed, and so does the actor.
    Fault(Fault),
}

/// What a child has failed of, and as what it was begun.
pub(super) enum Fault {
    Panicked(&'static str, Payload),
    Failed(&'static str, String),
}

impl Fault {
    /// The failure of an actor, if its task has ended with one.
    fn of_actor(how: HowActorEnded) -> Option<Self> {
        match how {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Self::Failed("spawn", error.to_string())),
            Err(payload) => Some(Self::Panicked("spawn", payload)),
        }
    }
}

/// How the task of a child that is an actor has ended, with the payload if it panicked.
pub(super) type HowActorEnded = Result<Result<(), BoxError>, Payload>;

/// What a child says.
pub(super) enum Said<A: Messages> {
    Value(Then<A>),
    /// A pipe has panicked.
    Panicked(Payload),
    /// A pipe was cancelled, or has nothing to say.
    Gone,
    Ended(ActorId, HowActorEnded),
}

/// What was said and not heard.
struct Inbox<A: Messages>(Lock<Waiting<A>>);

struct Waiting<A: Messages> {
    said: VecDeque<Said<A>>,
    waker: Option<Waker>,
}

impl<A: Messages> Inbox<A> {
    fn push(&self, said: Said<A>) {
        let waker = {
            let mut waiting = self.0.lock();
            waiting.said.push_back(said);
            waiting.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn pop(&self, waker: Option<&Waker>) -> Option<Said<A>> {
        let mut waiting = self.0.lock();
        let said = waiting.said.pop_front();
        if let (None, Some(waker)) = (&said, waker) {
            let before = replace_waker(&mut waiting.waker, waker);
            drop(waiting);
            drop(before);
        }
        said
    }
}

/// A child's way to the inbox. It says something in any case.
pub(super) struct Mouth<A: Messages> {
    inbox: Option<Arc<Inbox<A>>>,
    /// The actor, if the child is one.
    actor: Option<ActorId>,
}

impl<A: Messages> Mouth<A> {
    pub(super) fn say(mut self, said: Said<A>) {
        if let Some(inbox) = self.inbox.take() {
            inbox.push(said);
        }
    }
}

impl<A: Messages> Drop for Mouth<A> {
    fn drop(&mut self) {
        if let Some(inbox) = self.inbox.take() {
            inbox.push(match self.actor {
                None => Said::Gone,
                Some(id) => Said::Ended(id, Ok(Ok(()))),
            });
        }
    }
}

/// The children of an incarnation.
pub(super) struct Children<A: Messages> {
    inbox: Arc<Inbox<A>>,
    pub(super) pipes: Pipes,
    /// How many pipes have not been heard of.
    running: usize,
    pub(super) offspring: Offspring,
}

impl<A: Messages> Children<A> {
    pub(super) fn new() -> Self {
        Self::with(Pipes::None)
    }

    /// For an actor without a runtime.
    pub(super) fn by_hand() -> Self {
        Self::with(Pipes::ByHand(Vec::new()))
    }

    fn with(pipes: Pipes) -> Self {
        let waiting = Waiting {
            said: VecDeque::new(),
            waker: None,
        };
        Self {
            inbox: Arc::new(Inbox(Lock::new(waiting))),
            pipes,
            running: 0,
            offspring: Offspring::default(),
        }
    }

    /// The way to the inbox for one more pipe.
    pub(super) fn mouth(&mut self) -> Mouth<A> {
        self.running += 1;
        Mouth {
            inbox: Some(self.inbox.clone()),
            actor: None,
        }
    }

    /// The way to the inbox for an actor.
    pub(super) fn mouth_of(&self, actor: ActorId) -> Mouth<A> {
        Mouth {
            inbox: Some(self.inbox.clone()),
            actor: Some(actor),
        }
    }

    /// Returns what has arrived next; nothing is to come if there is no child.
    pub(super) fn poll(&mut self, control: &Control, cx: &mut Context<'_>) -> Option<Arrival<A>> {
        if self.running == 0 && self.offspring.is_empty() {
            return None;
        }
        self.pop(control, Some(cx.waker()))
    }

    fn pop(&mut self, control: &Control, waker: Option<&Waker>) -> Option<Arrival<A>> {
        loop {
            let said = self.inbox.pop(waker)?;
            if !matches!(said, Said::Ended(..)) {
                self.running -= 1;
            }
            let fault = match said {
                Said::Value(then) => return Some(Arrival::Value(then)),
                Said::Panicked(payload) => Fault::Panicked("pipe", payload),
                Said::Gone => continue,
                Said::Ended(id, how) => match self.ended(id, how, control) {
                    Some(fault) => fault,
                    None => continue,
                },
            };
            return Some(Arrival::Fault(fault));
        }
    }

    /// An actor has ended: returns its failure, unless the actor above is told of that, because it
    /// watches it.
    fn ended(&mut self, id: ActorId, how: HowActorEnded, control: &Control) -> Option<Fault> {
        let told = !self.offspring.forget(id) || control.has_news_of(id);
        let fault = Fault::of_actor(how)?;
        if told {
            drop_quietly(fault);
            return None;
        }
        Some(fault)
    }

    /// How many pipes have not been heard of.
    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// Polls what is kept by hand once, and returns what has arrived.
    pub(super) fn poll_by_hand(&mut self, control: &Control) -> Option<Arrival<A>> {
        self.pipes.poll_by_hand();
        self.pop(control, None)
    }

    /// Ends what is left, and waits for that. Returns what an actor has failed of that was to stop.
    ///
    /// Pipes are cancelled, and the actors killed for a reason; if there is none they are stopped.
    pub(super) async fn end(
        mut self,
        control: &Control,
        killed: Option<&'static str>,
    ) -> Option<Fault> {
        let orderly = killed.is_none();
        if let Some(reason) = killed {
            self.offspring.kill(control, reason);
        }
        std::mem::replace(&mut self.pipes, Pipes::None).end().await;
        if orderly {
            self.offspring.stop(control).await;
        }
        self.offspring.end().await;
        let mut first = None;
        // What they have said is known: they said it before they ended.
        while let Some(said) = self.inbox.pop(None) {
            if let Said::Ended(id, how) = said {
                let fault = self.ended(id, how, control);
                if orderly && first.is_none() {
                    first = fault;
                } else {
                    drop_quietly(fault);
                }
            } else {
                drop_quietly(said);
            }
        }
        first
    }
}

/// A group beside the handler that runs, shielded from the cancellation of the task.
pub(super) struct Sheltered {
    pub(super) scope: Arc<Scope>,
    pub(super) group: OpenGroup,
}

impl Sheltered {
    #[track_caller]
    pub(super) fn open() -> Self {
        let above = task_scope().unwrap_or_else(Scope::root);
        let scope = above.child(Kind::Shield);
        let frame = Frame::made(scope.clone());
        let entered = frame.enter();
        let group = OpenGroup::open(GroupOptions::new());
        drop(entered);
        Self { scope, group }
    }

    /// Waits until all tasks have ended.
    pub(super) async fn end(self) {
        // What they had to say they have said, and that they are cancelled is no news.
        drop(self.group.join().await);
    }
}
