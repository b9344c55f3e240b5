//! Groups for synchronous code: it blocks until its children are done, so they
//! may run in parallel and borrow.

use super::block::{Block, ChildKind};
use super::child::{Child, Outcome};
use super::error::GroupError;
use super::handle::Spawnable;
use super::options::GroupOptions;
use crate::cancel::{CancelReason, Cancelled, Frame};
use crate::runtime::{self, Runtime, Shared, Work};
use crate::task::TaskOutput;
use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// A scope of [`Runtime::scope`].
///
/// # Examples
///
/// ```
/// let rt = nimsync::Runtime::builder().workers(2).build()?;
/// let words = vec!["one", "three"];
/// let letters = rt.scope(|s| {
///     let children: Vec<_> = words.iter().map(|word| s.spawn(async move { word.len() })).collect();
///     children.into_iter().filter_map(|child| child.join().done()).sum::<usize>()
/// })?;
/// assert_eq!(letters, 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RuntimeScope<'scope, 'env: 'scope> {
    block: Arc<Block>,
    work: &'scope dyn Work,
    waker: Waker,
    _scope: PhantomData<&'scope mut &'scope ()>,
    _env: PhantomData<&'env mut &'env ()>,
}

/// Wakes the thread at a seat.
struct SeatWaker {
    shared: Arc<Shared>,
    seat: u32,
}

impl Wake for SeatWaker {
    fn wake(self: Arc<Self>) {
        self.shared.unpark(self.seat);
    }
}

/// Aborts the process: the frames below would free what children borrow.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        eprintln!("nimsync: waiting for the children of `Runtime::scope` was interrupted");
        std::process::abort();
    }
}

impl Runtime {
    /// Runs `body` on this thread, and blocks until all children that it
    /// spawned have ended.
    ///
    /// As with [`std::thread::scope`], children may borrow what outlives the
    /// call, and run in parallel. While the thread waits it works for the
    /// runtime.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if a child failed. The first failure cancels the others.
    ///
    /// # Panics
    ///
    /// If `body` or a child panics, after all children have ended; and inside a
    /// task, where it would block a worker.
    ///
    /// # Examples
    ///
    /// ```
    /// let rt = nimsync::Runtime::builder().workers(2).build()?;
    /// let mut numbers = vec![1, 2, 3, 4];
    /// rt.scope(|s| {
    ///     for half in numbers.chunks_mut(2) {
    ///         s.spawn(async move { half.reverse() });
    ///     }
    /// }).unwrap();
    /// assert_eq!(numbers, [2, 1, 4, 3]);
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    ///
    /// What does not outlive the call cannot be borrowed:
    ///
    /// ```compile_fail,E0597
    /// let rt = nimsync::Runtime::builder().workers(2).build().unwrap();
    /// rt.scope(|s| {
    ///     let local = vec![1];
    ///     let borrowed = &local;
    ///     s.spawn(async move { println!("{borrowed:?}") });
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn scope<'env, R, F>(&self, body: F) -> Result<R, GroupError>
    where
        F: for<'scope> FnOnce(&RuntimeScope<'scope, 'env>) -> R,
    {
        let opened_at = Location::caller();
        runtime::refuse_inside_task("Runtime::scope");
        runtime::enter_seat(self.shared(), |work| {
            let options = GroupOptions::new();
            let block = Block::open(self.shared().clone(), options, opened_at);
            let waker = Waker::from(Arc::new(SeatWaker {
                shared: self.shared().clone(),
                seat: work.seat(),
            }));
            let scope = RuntimeScope {
                block: block.clone(),
                work,
                waker: waker.clone(),
                _scope: PhantomData,
                _env: PhantomData,
            };
            let frame = Frame::made(block.scope.clone());
            let value = {
                let _entered = frame.enter();
                catch_unwind(AssertUnwindSafe(|| body(&scope)))
            };
            if value.is_err() {
                let cause = Cancelled::at(CancelReason::TaskPanicked, None, opened_at);
                block.scope.cancel(cause);
            }
            let guard = AbortOnUnwind;
            work.run(&|| block.join(&waker), None);
            std::mem::forget(guard);
            let value = value.unwrap_or_else(|payload| resume_unwind(payload));
            if let Some(payload) = block.take_panic() {
                resume_unwind(payload);
            }
            if block.has_failures() {
                return Err(block.error());
            }
            Ok(value)
        })
    }
}

impl<'scope, 'env> RuntimeScope<'scope, 'env> {
    /// Spawns a child that runs in parallel and may borrow what outlives the
    /// scope.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> ScopedChild<'_, <F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'scope,
        F::Returns: TaskOutput<Value: Send + 'scope>,
    {
        // SAFETY: the future and its value are `Send`. `Runtime::scope` does not
        // return before the task has finished, and an unwind out of its waiting
        // aborts the process; so what is borrowed outlives the task. A value
        // that is not joined has been dropped by then, and one that is joined
        // carries its lifetime.
        let handle = unsafe {
            self.block
                .spawn(future, ChildKind::Parallel, None, Location::caller())
        };
        let child = handle.expect("the group is open while its body runs");
        ScopedChild {
            child: Child::new(child),
            work: self.work,
            waker: &self.waker,
        }
    }

    /// Cancels the children.
    #[track_caller]
    pub fn cancel(&self) {
        crate::cancel::CancelScope::from_inner(self.block.scope.clone()).cancel();
    }
}

/// A child of [`Runtime::scope`].
pub struct ScopedChild<'a, T> {
    child: Child<T>,
    work: &'a dyn Work,
    waker: &'a Waker,
}

impl<T> ScopedChild<'_, T> {
    /// Blocks until the child has ended, and tells how.
    ///
    /// The thread works for the runtime meanwhile.
    #[must_use]
    pub fn join(self) -> Outcome<T> {
        let ended = RefCell::new(None);
        {
            let outcome = pin!(self.child.outcome());
            let outcome = RefCell::new(outcome);
            let done = || {
                if ended.borrow().is_some() {
                    return true;
                }
                let mut cx = Context::from_waker(self.waker);
                if let Poll::Ready(outcome) = outcome.borrow_mut().as_mut().poll(&mut cx) {
                    *ended.borrow_mut() = Some(outcome);
                }
                ended.borrow().is_some()
            };
            self.work.run(&done, None);
        }
        ended
            .into_inner()
            .expect("the loop ends when the child has")
    }
}
