//! Where in a running task a scope begins.

use super::cause::Cancelled;
use super::protection::Shelter;
use super::scope::{Kind, OnCancel, Scope, Waiter};
use crate::prim::atomic::AtomicU32;
use crate::prim::thread_local;
use std::cell::{Cell, OnceCell};
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::{Context, Poll};

thread_local! {
    /// The innermost frame that this thread is polling in.
    static CURRENT: Cell<*const Frame> = const { Cell::new(ptr::null()) };
}

/// A place where a scope begins.
///
/// It lives in the future that brings the scope (a task's on the stack of the
/// poll), is linked to the frame around it while that future is polled, and
/// makes its scope when asked.
pub(crate) struct Frame {
    scope: OnceCell<Arc<Scope>>,
    shelter: Shelter,
    /// The frame around, valid while this one is current or further in is.
    outer: Cell<*const Frame>,
    /// A task's frame has its task in place of an outer frame.
    task: Option<NonNull<dyn TaskBase>>,
    /// Tells who waits for what runs in it, if that is not who waits for what is
    /// around it.
    waiter: Option<fn() -> Option<Waiter>>,
}

/// What a task's frame asks of the task.
pub(crate) trait TaskBase {
    /// Returns the task's own scope, and makes it if need be.
    fn scope(&self) -> Arc<Scope>;
    /// Whether suspended code of the task is to be dropped.
    fn is_ended(&self) -> bool;
    /// Whether something in it is protected from that.
    fn is_protected(&self) -> bool;
    /// Where that is counted.
    fn shelter(&self) -> Arc<AtomicU32>;
    /// Why the task was cancelled, if it was.
    fn cause(&self) -> Option<Arc<Cancelled>>;
    /// The task's name or number.
    fn name(&self) -> Arc<str>;
    /// Who waits for the task, if somebody has said so.
    fn waiter(&self) -> Option<Waiter>;
}

// SAFETY: the cells are used only by the thread that polls the future which
// the frame lives in, and `outer` is set anew at each poll.
unsafe impl Send for Frame {}
// SAFETY: a shared frame is never handed out.
unsafe impl Sync for Frame {}

impl Frame {
    /// A frame that makes a scope of its own when asked.
    pub(crate) const fn lazy() -> Self {
        Self::of(OnceCell::new(), None)
    }

    /// A frame that makes a scope of its own when asked, and then asks `waiter`
    /// who waits for what runs in it.
    pub(crate) const fn lazy_for(waiter: fn() -> Option<Waiter>) -> Self {
        let mut this = Self::lazy();
        this.waiter = Some(waiter);
        this
    }

    /// A frame for a scope that exists.
    pub(crate) fn made(scope: Arc<Scope>) -> Self {
        Self::of(OnceCell::from(scope), None)
    }

    /// The frame of a task.
    ///
    /// # Safety
    ///
    /// `task` is valid as long as the frame is.
    pub(crate) unsafe fn task(task: &dyn TaskBase) -> Self {
        let task: NonNull<dyn TaskBase + '_> = NonNull::from(task);
        // SAFETY: only the lifetime changes, and the caller vouches for that.
        let task: NonNull<dyn TaskBase + 'static> = unsafe { std::mem::transmute(task) };
        Self::of(OnceCell::new(), Some(task))
    }

    const fn of(scope: OnceCell<Arc<Scope>>, task: Option<NonNull<dyn TaskBase>>) -> Self {
        Self {
            scope,
            shelter: Shelter::new(),
            outer: Cell::new(ptr::null()),
            task,
            waiter: None,
        }
    }

    /// Makes this frame the innermost one until the guard is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.outer.set(CURRENT.replace(self));
        Entered { frame: self }
    }

    fn outer(&self) -> Option<&Frame> {
        // SAFETY: the outer frame is borrowed by its `Entered`, which is
        // dropped after ours.
        unsafe { self.outer.get().as_ref() }
    }

    fn base(&self) -> Option<&dyn TaskBase> {
        // SAFETY: by the contract of `task`.
        self.task.map(|task| unsafe { task.as_ref() })
    }

    /// Returns the scope, and makes it and those around it if need be.
    ///
    /// Call it only while the frame is entered, or for one that was made.
    pub(crate) fn scope(&self) -> &Arc<Scope> {
        self.scope
            .get_or_init(|| match (self.base(), self.outer()) {
                (Some(task), _) => task.scope(),
                (None, Some(outer)) => match self.waiter.and_then(|waiter| waiter()) {
                    Some(waiter) => outer.scope().child_for(waiter),
                    None => outer.scope().child(Kind::Plain),
                },
                (None, None) => Scope::root().child(Kind::Plain),
            })
    }

    /// Whether suspended code in it is to be dropped.
    pub(crate) fn is_ended(&self) -> bool {
        if let Some(task) = self.base() {
            return task.is_ended();
        }
        match self.scope.get() {
            Some(scope) => scope.is_ended(),
            None => self.outer().is_some_and(Frame::is_ended),
        }
    }

    pub(crate) fn is_protected(&self) -> bool {
        match self.base() {
            Some(task) => task.is_protected(),
            None => self.shelter.is_taken(),
        }
    }

    /// Why it was cancelled, if it was.
    pub(crate) fn cause(&self) -> Option<Arc<Cancelled>> {
        if let Some(task) = self.base() {
            return task.cause();
        }
        match self.scope.get() {
            Some(scope) => scope.is_asked().then(|| scope.cause().cloned()).flatten(),
            None => self.outer()?.cause(),
        }
    }
}

pub(crate) struct Entered<'a> {
    frame: &'a Frame,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.frame.outer.replace(ptr::null()));
    }
}

fn with_current<R>(f: impl FnOnce(&Frame) -> R) -> Option<R> {
    let current = CURRENT.get();
    // SAFETY: `Entered` borrows the frame while it is current.
    unsafe { current.as_ref() }.map(f)
}

/// Returns the counts of protection from the current frame up to the task's.
pub(super) fn shelters() -> Vec<Arc<AtomicU32>> {
    with_current(|frame| {
        let mut counts = Vec::new();
        let mut at = Some(frame);
        while let Some(frame) = at {
            match frame.base() {
                Some(task) => {
                    counts.push(task.shelter());
                    at = None;
                }
                None => {
                    counts.push(frame.shelter.count());
                    at = frame.outer();
                }
            }
        }
        counts
    })
    .unwrap_or_default()
}

/// Returns the innermost group whose body the calling code is part of, within
/// its task.
pub(crate) fn enclosing_group() -> Option<Arc<dyn OnCancel>> {
    with_current(|frame| {
        let mut at = frame;
        while at.base().is_none() {
            if let Some(group) = at.scope.get().and_then(|scope| scope.hook()) {
                return Some(group);
            }
            at = at.outer()?;
        }
        None
    })?
}

/// Returns the scope that the calling code runs in, if it is inside a task.
pub(crate) fn current_scope() -> Option<Arc<Scope>> {
    with_current(|frame| frame.scope().clone())
}

/// Returns the scope of the task that the calling code runs in, whatever has been
/// entered inside of it.
pub(crate) fn task_scope() -> Option<Arc<Scope>> {
    with_current(|frame| {
        let mut at = frame;
        while let Some(outer) = at.outer() {
            at = outer;
        }
        at.scope().clone()
    })
}

/// Whether suspended code in the current scope is to be dropped.
pub(crate) fn current_is_ended() -> bool {
    with_current(Frame::is_ended).unwrap_or(false)
}

/// Whether the task of the calling code was ended by itself: not with the group
/// that it is in.
pub(crate) fn current_task_ends_alone() -> bool {
    current_is_ended() && current_scope().is_some_and(|scope| scope.group_goes_on())
}

/// Returns why the scope that the calling code runs in was cancelled, if it was.
pub(crate) fn current_cause() -> Option<Arc<Cancelled>> {
    with_current(Frame::cause).flatten()
}

/// Returns who waits for the calling code, if somebody has said so. Makes no scope.
pub(crate) fn current_waiter() -> Option<Waiter> {
    with_current(|frame| {
        let mut at = frame;
        loop {
            match (at.scope.get(), at.base()) {
                (Some(scope), _) => return scope.waiter().cloned(),
                (None, Some(task)) => return task.waiter(),
                (None, None) => at = at.outer()?,
            }
        }
    })?
}

/// Returns the name of the task that the calling code runs in.
pub(crate) fn task_name() -> Option<Arc<str>> {
    with_current(|frame| {
        let mut at = frame;
        loop {
            match (at.base(), at.outer()) {
                (Some(task), _) => return Some(task.name()),
                (None, Some(outer)) => at = outer,
                (None, None) => return None,
            }
        }
    })?
}

/// Fails if the scope that the calling code runs in was cancelled.
pub(crate) fn check() -> Result<(), Cancelled> {
    match current_cause() {
        Some(cause) => Err((*cause).clone()),
        None => Ok(()),
    }
}

/// What came of a poll inside a frame.
pub(crate) enum Last<T> {
    Ready(T),
    Pending,
    /// Pending, cancelled and not protected: to be dropped now.
    Cut,
}

impl<T> Last<T> {
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Last<U> {
        match self {
            Self::Ready(value) => Last::Ready(f(value)),
            Self::Pending => Last::Pending,
            Self::Cut => Last::Cut,
        }
    }
}

/// Polls `future` inside `frame` and decides whether that was its last poll.
///
/// This is the rule of the last poll (invariant 3 of the module): the state
/// is read before the poll, so that the code in it has seen it, and what is ready
/// is handed over. Whoever raises the state during the poll wakes the future for
/// another.
#[inline]
pub(crate) fn poll_last<F: Future>(
    frame: &Frame,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Last<F::Output> {
    let entered = frame.enter();
    let was_ended = frame.is_ended();
    poll_entered(entered, was_ended, future, cx)
}

/// As [`poll_last`], where the caller has read just now whether the frame is ended.
#[inline]
pub(crate) fn poll_last_known<F: Future>(
    frame: &Frame,
    was_ended: bool,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Last<F::Output> {
    poll_entered(frame.enter(), was_ended, future, cx)
}

#[inline(always)]
fn poll_entered<F: Future>(
    entered: Entered<'_>,
    was_ended: bool,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Last<F::Output> {
    match future.poll(cx) {
        Poll::Ready(value) => Last::Ready(value),
        Poll::Pending if was_ended && !entered.frame.is_protected() => Last::Cut,
        Poll::Pending => Last::Pending,
    }
}
