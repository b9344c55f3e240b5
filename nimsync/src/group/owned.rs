//! Groups whose parallel children borrow from values that the group owns.
//!
//! Parallel children cannot borrow from the task that spawned them: its future
//! can be forgotten half way, and with it every guard. Here the values move
//! into an allocation that each child co-owns, so a borrow is good for as long
//! as the child exists, whatever becomes of the group's future. When the group
//! has ended, nobody is left but the future itself, and it takes them out.

use super::block::{Block, ChildKind};
use super::body::Core;
use super::child::Child;
use super::error::GroupError;
use super::handle::{Spawnable, open};
use super::options::GroupOptions;
use super::ready::WaitReady;
use crate::cancel::CancelScope;
use crate::task::TaskOutput;
use std::any::Any;
use std::cell::UnsafeCell;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The values of the group.
struct Environment<E>(UnsafeCell<E>);

// SAFETY: the one reference to the value is handed to the body, which may send
// parts of it to other threads if `E` is `Send`; nobody else looks at it before
// the group has ended.
unsafe impl<E: Send> Sync for Environment<E> {}

/// A group with an environment, as its body sees it.
///
/// Its children run in parallel and may borrow from the environment, for `'env`.
/// What they return must not.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let rows = vec![1, 2, 3, 4];
/// let (result, (rows,)) = task_group!(own(rows), |g| {
///     for half in rows.chunks_mut(2) {
///         g.spawn(async move {
///             for row in half {
///                 *row *= 10;
///             }
///         });
///     }
/// })
/// .await;
/// result.unwrap();
/// assert_eq!(rows, [10, 20, 30, 40]);
/// # });
/// ```
pub struct OwnedGroup<'env> {
    block: Arc<Block>,
    environment: Arc<dyn Any + Send + Sync>,
    _env: PhantomData<fn(&'env ()) -> &'env ()>,
}

impl<'env> OwnedGroup<'env> {
    /// Spawns a child that runs in parallel and may borrow from the environment.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let rows = vec![1, 2, 3, 4];
    /// let (result, (rows,)) = task_group!(own(rows), |g| {
    ///     for part in rows.chunks_mut(2) {
    ///         g.spawn(async move { part.reverse(); });
    ///     }
    /// }).await;
    /// result.unwrap();
    /// assert_eq!(rows, [2, 1, 4, 3]);
    /// # });
    /// ```
    ///
    /// Locals of the body are not part of the environment:
    ///
    /// ```compile_fail,E0597
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let rows = vec![1];
    /// let _ = task_group!(own(rows), |g| {
    ///     let local = 5;
    ///     let borrowed = &local;
    ///     g.spawn(async move { println!("{borrowed}"); });
    /// }).await;
    /// # });
    /// ```
    ///
    /// nor is what lies outside of the group:
    ///
    /// ```compile_fail
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let (rows, outside) = (vec![1], vec![2]);
    /// let _ = task_group!(own(rows), |g| {
    ///     g.spawn(async { println!("{}", outside.len()); });
    /// }).await;
    /// # });
    /// ```
    ///
    /// and a child cannot hand a borrow out:
    ///
    /// ```compile_fail
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// let rows = vec![1];
    /// let _ = task_group!(own(rows), |g| {
    ///     let rows = &*rows;
    ///     g.spawn(async move { Some(&rows[0]) });
    /// }).await;
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'env,
        F::Returns: TaskOutput<Value: Send + 'static> + 'static,
    {
        self.start_child(future, ChildKind::Parallel, None)
    }

    /// Spawns a service: a child that is cancelled when the others are done.
    #[track_caller]
    pub fn service<F>(&self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'env,
        F::Returns: TaskOutput<Value: Send + 'static> + 'static,
    {
        self.start_child(future, ChildKind::Service, None)
    }

    /// Names the child that is spawned next, for errors and the live tree.
    pub fn task(&self, name: impl Into<Arc<str>>) -> OwnedTask<'_, 'env> {
        OwnedTask {
            group: self,
            name: name.into(),
        }
    }

    /// Waits until the group's limit leaves room for another child.
    ///
    /// # Cancel safety
    ///
    /// It reserves nothing, and may be dropped at any time.
    pub fn ready(&self) -> WaitReady {
        WaitReady::new(self.block.clone())
    }

    #[track_caller]
    fn start_child<F>(
        &self,
        future: F,
        kind: ChildKind,
        name: Option<Arc<str>>,
    ) -> Child<<F::Output as TaskOutput>::Value>
    where
        F: Future + Send + 'env,
        F::Output: TaskOutput<Value: Send + 'static> + 'static,
    {
        let future = Keeping {
            future,
            _environment: self.environment.clone(),
        };
        // SAFETY: the future is `Send`; what it borrows for `'env` lives in the
        // environment, which the task keeps alive until it has dropped the
        // future; its value borrows nothing.
        let handle = unsafe { self.block.spawn(future, kind, name, Location::caller()) };
        Child::new(handle.expect("a group is open as long as its handle can be reached"))
    }

    /// Cancels the group: its children and its body.
    #[track_caller]
    pub fn cancel(&self) {
        self.scope().cancel();
    }

    /// Returns the cancel scope of the group.
    pub fn scope(&self) -> CancelScope {
        CancelScope::from_inner(self.block.scope.clone())
    }

    /// Returns how many children live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.block.alive().0
    }

    /// Tells whether no child lives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Debug for OwnedGroup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnedGroup").finish_non_exhaustive()
    }
}

/// A child of a group with an environment that has a name and is yet to be
/// spawned.
#[must_use = "naming a task does not spawn it"]
pub struct OwnedTask<'g, 'env> {
    group: &'g OwnedGroup<'env>,
    name: Arc<str>,
}

impl<'env> OwnedTask<'_, 'env> {
    /// As [`OwnedGroup::spawn`].
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'env,
        F::Returns: TaskOutput<Value: Send + 'static> + 'static,
    {
        self.group
            .start_child(future, ChildKind::Parallel, Some(self.name))
    }

    /// As [`OwnedGroup::service`].
    #[track_caller]
    pub fn service<F>(self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'env,
        F::Returns: TaskOutput<Value: Send + 'static> + 'static,
    {
        self.group
            .start_child(future, ChildKind::Service, Some(self.name))
    }
}

/// A child's future together with what it borrows from; dropped in this order.
struct Keeping<F> {
    future: F,
    _environment: Arc<dyn Any + Send + Sync>,
}

impl<F: Future> Future for Keeping<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the future is pinned with `self`, and not moved out of it.
        unsafe { self.map_unchecked_mut(|this| &mut this.future) }.poll(cx)
    }
}

/// The future of a body, which may borrow from the environment.
type Body<'env, R> = Pin<Box<dyn Future<Output = R> + Send + 'env>>;

/// The support function of `task_group!(own(..), ..)`.
#[doc(hidden)]
pub async fn run_owned<E, R, V, F>(
    options: GroupOptions,
    environment: E,
    body: F,
) -> (Result<V, GroupError>, E)
where
    E: Send + 'static,
    R: TaskOutput<Value = V> + 'static,
    F: for<'env> FnOnce(&'env mut E, OwnedGroup<'env>) -> Body<'env, R>,
{
    let environment = Arc::new(Environment(UnsafeCell::new(environment)));
    let result = {
        let anchor = open(options);
        let core = Core::new(&anchor);
        let group = OwnedGroup {
            block: core.group().block().clone(),
            environment: environment.clone(),
            _env: PhantomData,
        };
        // SAFETY: this is the only reference to the value. It is good for as
        // long as the body and the children exist: the body is dropped before
        // `environment`, which was declared first, and each child owns a
        // reference to the allocation.
        let borrowed = unsafe { &mut *environment.0.get() };
        core.drive(body(borrowed, group)).await
    };
    match Arc::try_unwrap(environment) {
        Ok(environment) => (result, environment.0.into_inner()),
        Err(_) => unreachable!("the body and all children have been dropped"),
    }
}
