//! The way back: where an asker waits, and what the handler answers with.
//!
//! # Protocol
//!
//! A **cell** has two ends: the asker's [`Question`], and the actor's [`Answer`], which is
//! in the message. The state says whose the cell's contents are:
//!
//! | state | the waker is | the result is | goes to |
//! |---|---|---|---|
//! | `EMPTY` | the asker's | the answer's | `WAITING`, `GONE` by the asker; `SETTLING` by the answer |
//! | `WAITING` | of who leaves it | the answer's | `EMPTY` by the asker; `SETTLING` by the answer |
//! | `SETTLING` | the answer's, if it was waiting | the answer's | `SETTLED` by the answer, at once |
//! | `SETTLED` | the asker's | the asker's | |
//! | `GONE` | the answer's | the answer's | |
//!
//! To settle a cell is the last that an answer does with it: from then on it is the
//! asker's alone, who puts it with the spare ones of its thread: so who asks much
//! allocates nothing. An asker that gives up leaves the cell to the answer, which frees it.

use super::handling;
use super::message::Refusal;
use crate::prim::cell::UnsafeCell;
use crate::prim::sync::{AtomicU8, Ordering, spin_loop, yield_now};
use crate::task::PanicCause;
use std::any::TypeId;
use std::cell::RefCell;
use std::fmt;
use std::mem;
use std::ptr::NonNull;
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

const EMPTY: u8 = 0;
const WAITING: u8 = 1;
const SETTLING: u8 = 2;
const SETTLED: u8 = 3;
const GONE: u8 = 4;

/// Where one asker waits.
struct Cell<T> {
    state: AtomicU8,
    waker: UnsafeCell<Option<Waker>>,
    result: UnsafeCell<Option<Result<T, NoReply>>>,
}

impl<T> Cell<T> {
    /// Takes the waker.
    ///
    /// # Safety
    ///
    /// It is the caller's, by the table of the module.
    unsafe fn take_waker(&self) -> Option<Waker> {
        // SAFETY: by contract nobody else looks at it.
        self.waker.with_mut(|waker| unsafe { (*waker).take() })
    }

    /// Takes the result.
    ///
    /// # Safety
    ///
    /// It is the caller's, by the table of the module.
    unsafe fn take_result(&self) -> Option<Result<T, NoReply>> {
        // SAFETY: by contract nobody else looks at it.
        self.result.with_mut(|result| unsafe { (*result).take() })
    }

    /// Waits until the answer has settled the cell: it has begun to.
    #[cold]
    fn wait_until_settled(&self) {
        let mut looks = 0;
        // Acquire pairs with the Release in `Answer::settle`.
        while self.state.load(Ordering::Acquire) != SETTLED {
            looks += 1;
            // It takes a few instructions; who has not done them was preempted.
            match looks < 32 && cfg!(not(any(loom, shuttle))) {
                true => spin_loop(),
                false => yield_now(),
            }
        }
    }
}

/// Opens a cell: a spare one of this type, if there is one.
pub(super) fn ask<T: Send + 'static>() -> (Question<T>, Answer<T>) {
    let cell = Spare::take().unwrap_or_else(|| {
        let cell = Box::new(Cell::<T> {
            state: AtomicU8::new(EMPTY),
            waker: UnsafeCell::new(None),
            result: UnsafeCell::new(None),
        });
        NonNull::from(Box::leak(cell))
    });
    (Question(cell), Answer(cell))
}

/// The asker's end of a cell.
pub(super) struct Question<T: Send + 'static>(NonNull<Cell<T>>);

// SAFETY: the cell is touched by the rules of the module, whichever thread an end is
// on; what is handed from one to the other, results and wakers, may be sent.
unsafe impl<T: Send> Send for Question<T> {}
// SAFETY: a shared question does nothing but look at the state.
unsafe impl<T: Send> Sync for Question<T> {}

impl<T: Send + 'static> Question<T> {
    fn cell(&self) -> &Cell<T> {
        // SAFETY: an answer frees a cell only when the question is gone.
        unsafe { self.0.as_ref() }
    }

    /// Takes the reply, or leaves the waker. Not called again when it is there.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, NoReply>> {
        let cell = self.cell();
        // Acquire pairs with the Release in `Answer::settle`: the result is visible.
        let mut state = cell.state.load(Ordering::Acquire);
        if state == WAITING {
            // Acquire: the waker is ours again; or as above.
            let taken =
                cell.state
                    .compare_exchange(WAITING, EMPTY, Ordering::Acquire, Ordering::Acquire);
            state = taken.map_or_else(|state| state, |_| EMPTY);
        }
        if state == EMPTY {
            cell.waker.with_mut(|waker| {
                // SAFETY: the state is empty, so it is ours.
                let waker = unsafe { &mut *waker };
                drop(crate::wait::replace_waker(waker, cx.waker()));
            });
            // Release pairs with the AcqRel in `Answer::settle`: the waker is visible.
            // Acquire: as above.
            let left =
                cell.state
                    .compare_exchange(EMPTY, WAITING, Ordering::Release, Ordering::Acquire);
            match left {
                Ok(_) => return Poll::Pending,
                Err(now) => state = now,
            }
            // SAFETY: the answer has found the cell empty, so the waker stays ours.
            drop(unsafe { cell.take_waker() });
        }
        if state == SETTLING {
            cell.wait_until_settled();
        }
        // SAFETY: the cell is settled.
        match unsafe { cell.take_result() } {
            Some(result) => Poll::Ready(result),
            None => panic!("an ask was polled after it was done"),
        }
    }

    /// Returns a view of the cell that tells whether the reply is there.
    ///
    /// # Safety
    ///
    /// It is not used when the question is gone.
    pub(super) unsafe fn watch(&self) -> Watch {
        Watch(NonNull::from(&self.cell().state))
    }
}

impl<T: Send + 'static> Drop for Question<T> {
    /// The asker waits no more: it has its reply, or gives up.
    fn drop(&mut self) {
        let cell = self.cell();
        // Acquire: as in `poll`.
        let mut state = cell.state.load(Ordering::Acquire);
        while state == EMPTY || state == WAITING {
            let to = if state == WAITING { EMPTY } else { GONE };
            // Acquire: as in `poll`. Release: what was done with the cell comes
            // before the answer frees it.
            let moved = cell
                .state
                .compare_exchange(state, to, Ordering::AcqRel, Ordering::Acquire);
            match moved {
                // The answer has the cell.
                Ok(EMPTY) => return,
                Ok(_) => {
                    state = EMPTY;
                    // SAFETY: the state is empty, so the waker is ours.
                    drop(unsafe { cell.take_waker() });
                }
                Err(now) => state = now,
            }
        }
        if state == SETTLING {
            cell.wait_until_settled();
        }
        // SAFETY: the cell is settled.
        let result = unsafe { cell.take_result() };
        // Relaxed: it is this thread's alone, until it is part of another ask.
        cell.state.store(EMPTY, Ordering::Relaxed);
        // SAFETY: the answer has let go of it, and this end ends here.
        unsafe { Spare::keep(self.0) };
        drop(result);
    }
}

/// Tells whether an asker still waits.
#[derive(Clone, Copy)]
pub(super) struct Watch(NonNull<AtomicU8>);

// SAFETY: it looks at an atomic.
unsafe impl Send for Watch {}
// SAFETY: as above.
unsafe impl Sync for Watch {}

impl Watch {
    /// Whether the asker waits, and has no reply yet.
    ///
    /// # Safety
    ///
    /// The question has not gone.
    pub(super) unsafe fn is_open(self) -> bool {
        // SAFETY: by contract.
        let state = unsafe { self.0.as_ref() };
        // Relaxed: a snapshot.
        matches!(state.load(Ordering::Relaxed), EMPTY | WAITING)
    }
}

/// The actor's end of a cell.
pub(super) struct Answer<T: Send + 'static>(NonNull<Cell<T>>);

// SAFETY: as for `Question`.
unsafe impl<T: Send> Send for Answer<T> {}
// SAFETY: a shared answer does nothing.
unsafe impl<T: Send> Sync for Answer<T> {}

impl<T: Send + 'static> Answer<T> {
    /// Settles the cell; hands the result back if nobody waits.
    pub(super) fn settle(self, result: Result<T, NoReply>) -> Result<(), Result<T, NoReply>> {
        let place = self.0;
        mem::forget(self);
        // SAFETY: a question leaves the cell to the answer, if it goes first.
        let cell = unsafe { place.as_ref() };
        // SAFETY: nobody looks at it before the cell is settled.
        cell.result.with_mut(|to| unsafe { *to = Some(result) });
        // AcqRel: the waker that the asker has left is visible, and so is what it did
        // before it went.
        match cell.state.swap(SETTLING, Ordering::AcqRel) {
            GONE => {
                // SAFETY: the asker is gone, so the cell is ours.
                let cell = unsafe { Box::from_raw(place.as_ptr()) };
                // SAFETY: as above.
                match unsafe { cell.take_result() } {
                    Some(result) => Err(result),
                    None => unreachable!("put there above"),
                }
            }
            before => {
                let waker = match before {
                    // SAFETY: the asker has left it to us.
                    WAITING => unsafe { cell.take_waker() },
                    _ => None,
                };
                // Release: the result is visible, and this end does not touch the cell
                // any more.
                cell.state.store(SETTLED, Ordering::Release);
                if let Some(waker) = waker {
                    waker.wake();
                }
                Ok(())
            }
        }
    }

    fn is_wanted(&self) -> bool {
        // SAFETY: a question leaves the cell to the answer, if it goes first.
        let cell = unsafe { self.0.as_ref() };
        // Relaxed: a snapshot.
        cell.state.load(Ordering::Relaxed) != GONE
    }

    /// Tells the asker why there is no reply; `false` if nobody waits.
    pub(super) fn refuse(self, why: NoReply) -> bool {
        self.settle(Err(why)).is_ok()
    }
}

impl<T: Send + 'static> Drop for Answer<T> {
    fn drop(&mut self) {
        Self(self.0).refuse(NoReply::Stopped);
    }
}

/// An answer whose type does not matter.
pub(super) trait AnyAnswer: Send {
    /// Tells the asker why there is no reply.
    fn refuse(self: Box<Self>, why: NoReply);
}

impl<T: Send + 'static> AnyAnswer for Answer<T> {
    fn refuse(self: Box<Self>, why: NoReply) {
        Answer::refuse(*self, why);
    }
}

/// A cell that nobody has any more, for the next asks of this thread.
struct Spare {
    of: TypeId,
    cell: NonNull<()>,
    free: unsafe fn(NonNull<()>),
}

/// Cells that a thread keeps at most.
const SPARES: usize = 32;

#[cfg(not(loom))]
thread_local! {
    static SPARE: RefCell<Vec<Spare>> = const { RefCell::new(Vec::new()) };
}

#[cfg(loom)]
loom::thread_local! {
    static SPARE: RefCell<Vec<Spare>> = RefCell::new(Vec::new());
}

impl Spare {
    fn take<T: Send + 'static>() -> Option<NonNull<Cell<T>>> {
        let of = TypeId::of::<T>();
        let spare = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            // The last one given back is the one in the cache.
            let at = spare.iter().rposition(|spare| spare.of == of)?;
            Some(spare.swap_remove(at))
        });
        // While the thread ends there are no spares.
        let spare = spare.ok()??;
        let cell = spare.cell.cast();
        mem::forget(spare);
        Some(cell)
    }

    /// # Safety
    ///
    /// The cell is an empty one, and the caller's alone.
    unsafe fn keep<T: Send + 'static>(cell: NonNull<Cell<T>>) {
        let this = Self {
            of: TypeId::of::<T>(),
            cell: cell.cast(),
            // SAFETY: of the cell, by contract; called once, by `drop`.
            free: |cell| unsafe { drop(Box::from_raw(cell.cast::<Cell<T>>().as_ptr())) },
        };
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARES {
                spare.push(this);
            }
        });
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        // SAFETY: the cell is this one's, and of the type that `free` is for.
        unsafe { (self.free)(self.cell) };
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
    answer: Option<Answer<T>>,
}

impl<T: Send + 'static> Reply<T> {
    /// For a tell: nobody waits.
    pub(super) fn none() -> Self {
        Self { answer: None }
    }

    /// For a message that nobody waits for, made by the expansion.
    #[must_use]
    pub fn unasked() -> Self {
        Self::none()
    }

    pub(super) fn to(answer: Answer<T>) -> Self {
        Self {
            answer: Some(answer),
        }
    }

    /// Tells whether the message was an ask.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.answer.is_some()
    }

    /// Tells whether somebody waits for the answer: the message was an ask, and the asker has not
    /// given up.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.answer.as_ref().is_some_and(Answer::is_wanted)
    }

    /// Answers. What nobody waits for is dropped.
    #[inline]
    pub fn send(mut self, value: T) {
        if let Some(answer) = self.answer.take() {
            // A value that nobody waits for any more is dropped.
            drop(answer.settle(Ok(value)));
        }
    }

    /// Answers that the actor will not; `false` if nobody waits for that.
    #[must_use]
    pub fn refuse(mut self, why: Refusal) -> bool {
        let why = match why {
            Refusal::Stopped => NoReply::Stopped,
            Refusal::Full => NoReply::Full,
        };
        self.answer.take().is_some_and(|answer| answer.refuse(why))
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
        if let Some(answer) = self.answer.take() {
            handling::unanswered(answer);
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
