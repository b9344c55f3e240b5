//! Task locals: values that a task and its children can look up.
//!
//! The values in force are a linked list, newest first, shared by reference
//! count: a child takes its parent's list as it is when the child is spawned,
//! which costs one increment, and nothing where there are no locals.

use crate::prim::thread_local;
use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The values in force, newest first.
pub(crate) type Locals = Arc<Entry>;

pub(crate) struct Entry {
    /// The address of the key that it belongs to.
    key: usize,
    value: Box<dyn Any + Send + Sync>,
    older: Option<Locals>,
}

thread_local! {
    /// The list in force: a borrow of the one that the guard of [`enter`] names.
    static CURRENT: Cell<*const Locals> = const { Cell::new(ptr::null()) };
}

/// Returns the values in force, for a child to inherit.
#[inline]
pub(crate) fn current_locals() -> Option<Locals> {
    let current = CURRENT.get();
    // SAFETY: `Entered` borrows the list while it is current.
    unsafe { current.as_ref() }.cloned()
}

/// Puts values in force until the guard is dropped.
#[inline]
pub(super) fn enter(locals: Option<&Locals>) -> Entered<'_> {
    let current = locals.map_or(ptr::null(), ptr::from_ref);
    Entered {
        previous: CURRENT.replace(current),
        _locals: PhantomData,
    }
}

pub(super) struct Entered<'a> {
    previous: *const Locals,
    _locals: PhantomData<&'a Locals>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.previous);
    }
}

/// A name for a value that differs from task to task.
///
/// Made by [`task_local!`](crate::task_local). The value is set for the extent
/// of a future with [`LocalKey::scope`]; tasks that are spawned inside inherit
/// it, however deep.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// task_local! {
///     /// The request that a task works for.
///     static REQUEST: u32;
/// }
///
/// nimsync::block_on(async {
///     let seen = REQUEST.scope(7, async {
///         task_group!(|g| {
///             let child = g.spawn(async { REQUEST.get() });
///             child.await
///         }).await
///     }).await;
///     assert_eq!(seen.unwrap(), 7);
/// });
/// ```
pub struct LocalKey<T: 'static> {
    /// A key of no size would not have an address of its own.
    _address: u8,
    _value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> LocalKey<T> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            _address: 0,
            _value: PhantomData,
        }
    }

    fn id(&'static self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    /// Runs `future` with `value` in force.
    ///
    /// # Cancel safety
    ///
    /// Dropping the returned future drops `future`.
    pub fn scope<F: Future>(&'static self, value: T, future: F) -> LocalScope<F> {
        LocalScope {
            key: self.id(),
            value: Some(Box::new(value)),
            entry: None,
            future,
        }
    }

    /// Calls `f` with the value in force.
    ///
    /// # Errors
    ///
    /// [`AccessError`] if no value is in force.
    pub fn try_with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        let locals = current_locals();
        let mut at = locals.as_ref();
        while let Some(entry) = at {
            if entry.key == self.id() {
                let value = entry.value.downcast_ref();
                return Ok(f(value.expect("the key names the type")));
            }
            at = entry.older.as_ref();
        }
        Err(AccessError(()))
    }

    /// Calls `f` with the value in force.
    ///
    /// # Panics
    ///
    /// If no value is in force.
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        match self.try_with(f) {
            Ok(result) => result,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns a copy of the value in force.
    ///
    /// # Panics
    ///
    /// If no value is in force.
    #[must_use]
    pub fn get(&'static self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }
}

impl<T: Send + Sync + 'static> Default for LocalKey<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

/// That a task local has no value where it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError(());

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task local has no value here: set one with `KEY.scope(value, future)`")
    }
}

impl Error for AccessError {}

pin_project_lite::pin_project! {
    /// The future of [`LocalKey::scope`].
    #[must_use = "futures do nothing until they are awaited"]
    pub struct LocalScope<F> {
        key: usize,
        value: Option<Box<dyn Any + Send + Sync>>,
        entry: Option<Locals>,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for LocalScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Some(value) = this.value.take() {
            *this.entry = Some(Arc::new(Entry {
                key: *this.key,
                value,
                older: current_locals(),
            }));
        }
        let _entered = enter(this.entry.as_ref());
        this.future.poll(cx)
    }
}
