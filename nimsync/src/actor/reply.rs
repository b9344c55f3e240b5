//! The way back: where an asker waits, and what the handler answers with.

use super::handling;
use super::message::Refusal;
use crate::prim::Lock;
use crate::task::PanicCause;
use crate::wait::replace_waker;
use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Why there is no reply.
#[derive(Clone, Debug)]
pub(super) enum NoReply {
    Panicked(PanicCause),
    Stopped,
    Full,
    Restarting,
    Unanswered,
}

/// Where one asker waits.
///
/// Cells are used again: who asks much allocates nothing.
///
/// | from | to | by |
/// |---|---|---|
/// | waiting | settled | the actor, with a reply or the reason for none |
/// | waiting, settled | gone | the asker, when it has its reply or gives up |
pub(super) struct ReplyCell<T>(Lock<State<T>>);

enum State<T> {
    Waiting(Option<Waker>),
    Settled(Result<T, NoReply>),
    Gone,
}

thread_local! {
    /// Cells that nobody has any more, for the next asks of this thread.
    static SPARE: RefCell<Vec<Arc<dyn Any + Send + Sync>>> = const { RefCell::new(Vec::new()) };
}

/// Cells that a thread keeps at most.
const SPARES: usize = 32;

impl<T: Send + 'static> ReplyCell<T> {
    /// Returns a cell in which somebody waits: a spare one of this type, if there
    /// is one.
    pub(super) fn open() -> Arc<Self> {
        let spare = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            // The last one given back is the one in the cache.
            let at = spare.iter().rposition(|cell| cell.is::<Self>())?;
            spare.swap_remove(at).downcast().ok()
        });
        match spare {
            Ok(Some(cell)) => cell,
            _ => Arc::new(Self(Lock::new(State::Waiting(None)))),
        }
    }

    /// The asker waits no more: it has its reply, or gives up.
    pub(super) fn retire(mut self: Arc<Self>) {
        let Some(this) = Arc::get_mut(&mut self) else {
            // The actor still has it.
            let before = std::mem::replace(&mut *self.0.lock(), State::Gone);
            drop(before);
            return;
        };
        let before = std::mem::replace(&mut *this.0.lock(), State::Waiting(None));
        drop(before);
        // While the thread ends there are no spares.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARES {
                spare.push(self);
            }
        });
    }

    /// Takes the reply, or leaves the waker.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, NoReply>> {
        let mut state = self.0.lock();
        match &mut *state {
            State::Waiting(waker) => {
                let before = replace_waker(waker, cx.waker());
                drop(state);
                drop(before);
                Poll::Pending
            }
            State::Settled(_) => {
                let settled = std::mem::replace(&mut *state, State::Gone);
                drop(state);
                match settled {
                    State::Settled(result) => Poll::Ready(result),
                    State::Waiting(_) | State::Gone => unreachable!("it was settled"),
                }
            }
            State::Gone => panic!("an ask was polled after it was done"),
        }
    }

    /// Settles the cell; hands the result back if nobody waits.
    pub(super) fn settle(
        self: Arc<Self>,
        result: Result<T, NoReply>,
    ) -> Result<(), Result<T, NoReply>> {
        let mut state = self.0.lock();
        match &mut *state {
            State::Waiting(waker) => {
                let waker = waker.take();
                *state = State::Settled(result);
                drop(state);
                // Before the wake, so that the asker may use it again.
                drop(self);
                if let Some(waker) = waker {
                    waker.wake();
                }
                Ok(())
            }
            State::Settled(_) | State::Gone => Err(result),
        }
    }
}

/// A cell whose type does not matter.
pub(super) trait AnyCell: Send + Sync {
    /// Whether the asker waits, and has no reply yet.
    fn is_open(&self) -> bool;
    /// Tells the asker why there is no reply; `false` if nobody waits.
    fn refuse(self: Arc<Self>, why: NoReply) -> bool;
}

impl<T: Send + 'static> AnyCell for ReplyCell<T> {
    fn is_open(&self) -> bool {
        matches!(&*self.0.lock(), State::Waiting(_))
    }

    fn refuse(self: Arc<Self>, why: NoReply) -> bool {
        self.settle(Err(why)).is_ok()
    }
}

/// The part of a message that an answer goes to: for a handler that answers later.
///
/// A message whose last argument is a `Reply<T>`, but for the context, answers by it: its handler
/// returns nothing, and keeps the reply, hands it to a task, or sends it to another actor in a message.
/// Callers do not see it: to them the method is one that returns a `T`. `Reply<Result<T, E>>` is for a
/// handler that may fail.
///
/// It is answered once, since [`send`](Self::send) takes it. Dropped unanswered it tells the asker that
/// there will be no reply, and why: [`CallError::Unanswered`](super::CallError::Unanswered), or if it
/// goes with its actor, what has become of that.
///
/// An actor that asks counts as one that waits for the actor which it has asked, as long as there is no
/// reply, and wherever that is.
///
/// # Examples
///
/// ```
/// use nimsync::actor::Reply;
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Latch { open: bool, waiting: Vec<Reply<u32>> }
///
/// #[actor]
/// impl Latch {
///     pub fn wait(&mut self, reply: Reply<u32>) {
///         match self.open {
///             true => reply.send(0),
///             false => self.waiting.push(reply),
///         }
///     }
///
///     pub fn open(&mut self) {
///         self.open = true;
///         for (place, reply) in (1..).zip(self.waiting.drain(..)) {
///             reply.send(place);
///         }
///     }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let latch = system.spawn(Latch { open: false, waiting: Vec::new() });
/// let (first, second, ()) = futures::join!(latch.wait(), latch.wait(), async {
///     latch.open().tell().await.unwrap();
/// });
/// assert_eq!((first, second), (Ok(1), Ok(2)));
/// assert_eq!(latch.wait().await, Ok(0));
/// system.stop().await.unwrap();
/// # });
/// ```
pub struct Reply<T: Send + 'static> {
    /// None for a tell, and once it has been answered.
    cell: Option<Arc<ReplyCell<T>>>,
}

impl<T: Send + 'static> Reply<T> {
    /// For a tell: nobody waits.
    pub(super) fn none() -> Self {
        Self { cell: None }
    }

    /// For a message that nobody waits for, made by the expansion.
    #[must_use]
    pub fn unasked() -> Self {
        Self::none()
    }

    pub(super) fn to(cell: Arc<ReplyCell<T>>) -> Self {
        Self { cell: Some(cell) }
    }

    /// Tells whether the message was an ask.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.cell.is_some()
    }

    /// Tells whether somebody waits for the answer: the message was an ask, and the asker has not
    /// given up.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| cell.is_open())
    }

    /// Answers. What nobody waits for is dropped.
    pub fn send(mut self, value: T) {
        if let Some(cell) = self.cell.take() {
            // A value that nobody waits for any more is dropped.
            drop(cell.settle(Ok(value)));
        }
    }

    /// Answers that the actor will not; `false` if nobody waits for that.
    #[must_use]
    pub fn refuse(mut self, why: Refusal) -> bool {
        let why = match why {
            Refusal::Stopped => NoReply::Stopped,
            Refusal::Full => NoReply::Full,
        };
        self.cell.take().is_some_and(|cell| cell.refuse(why))
    }
}

impl<T: Send + 'static, E: Send + 'static> Reply<Result<T, E>> {
    /// Answers with the result of a handler that may fail.
    ///
    /// # Errors
    ///
    /// What `describe` says of the error, if nobody asked.
    pub fn send_result(
        self,
        result: Result<T, E>,
        describe: impl FnOnce(&E) -> String,
    ) -> Result<(), String> {
        match result {
            Err(error) if !self.is_asked() => Err(describe(&error)),
            result => {
                self.send(result);
                Ok(())
            }
        }
    }
}

impl<T: Send + 'static> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(cell) = self.cell.take() {
            handling::unanswered(cell);
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("asked", &self.is_asked())
            .finish()
    }
}
