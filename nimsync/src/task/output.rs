//! What tasks return, and how they can end.

use super::BoxError;
use super::node::{Node, TaskId, panic_message};
use crate::cancel::Cancelled;
use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::error::Error;
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a task may return: nothing, a plain value, or a `Result`.
///
/// Implemented for `()`, for the common types of the standard library, and for
/// `Result<T, E>` with any error that converts into a boxed one. To return a
/// type of your own, wrap it: `Ok(value)`.
#[diagnostic::on_unimplemented(
    message = "a task cannot return `{Self}`",
    label = "this task returns `{Self}`",
    note = "a task returns `()`, a plain value of the standard library, or a `Result`",
    note = "return `Ok(value)` to hand back a type of your own"
)]
pub trait TaskOutput {
    /// What awaiting the task yields.
    type Value;

    /// Splits the output into the value and the error that it may be.
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Value, BoxError>;
}

#[diagnostic::do_not_recommend]
impl<T, E: Into<BoxError>> TaskOutput for Result<T, E> {
    type Value = T;

    #[inline]
    fn into_result(self) -> Result<T, BoxError> {
        self.map_err(Into::into)
    }
}

macro_rules! plain_values {
    ($({$($generics:tt)*} $value:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> TaskOutput for $value {
            type Value = Self;

            #[inline]
            fn into_result(self) -> Result<Self, BoxError> {
                Ok(self)
            }
        }
    )*};
}

plain_values! {
    {} ();
    {} bool; {} char;
    {} u8; {} u16; {} u32; {} u64; {} u128; {} usize;
    {} i8; {} i16; {} i32; {} i64; {} i128; {} isize;
    {} f32; {} f64;
    {} String; {} std::path::PathBuf; {} std::ffi::OsString;
    {} Duration; {} Instant; {} std::time::SystemTime;
    {} std::net::IpAddr; {} std::net::SocketAddr; {} std::process::ExitCode;
    {'a} &'a str;
    {'a, T} &'a [T];
    {'a, T: ToOwned + ?Sized} Cow<'a, T>;
    {T: ?Sized} Box<T>;
    {T: ?Sized} Arc<T>;
    {T: ?Sized} std::rc::Rc<T>;
    {T} Option<T>;
    {T} Vec<T>; {T} VecDeque<T>; {T} BTreeSet<T>; {T} BinaryHeap<T>;
    {T, S} HashSet<T, S>;
    {K, V} BTreeMap<K, V>;
    {K, V, S} HashMap<K, V, S>;
}

/// The type `!`, which cannot be written on a stable compiler: what a task
/// returns that loops for ever, or only panics.
type Never = <fn() -> ! as Function>::Returns;

#[doc(hidden)]
pub trait Function {
    type Returns;
}

impl<R> Function for fn() -> R {
    type Returns = R;
}

#[diagnostic::do_not_recommend]
impl TaskOutput for Never {
    type Value = Self;

    fn into_result(self) -> Result<Self, BoxError> {
        self
    }
}

macro_rules! tuples {
    ($(($($part:ident)+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($part),+> TaskOutput for ($($part,)+) {
            type Value = Self;

            #[inline]
            fn into_result(self) -> Result<Self, BoxError> {
                Ok(self)
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

#[diagnostic::do_not_recommend]
impl<T, const N: usize> TaskOutput for [T; N] {
    type Value = Self;

    #[inline]
    fn into_result(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

/// What the allocation of a task holds for the one who awaits it.
pub(crate) enum Output<T> {
    Done(Value<T>),
    Failed(TaskFailure),
    Panicked(PanicCause),
    Cancelled(Arc<Cancelled>),
}

/// A value whose destructor may panic without tearing down the executor.
///
/// The executor drops the value of a task that nobody awaits, and an unwind at
/// that place would abort the process.
pub(crate) struct Value<T>(ManuallyDrop<T>);

impl<T> Value<T> {
    pub(super) fn new(value: T) -> Self {
        Self(ManuallyDrop::new(value))
    }

    pub(crate) fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is neither dropped nor used again.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }
}

impl<T> Drop for Value<T> {
    fn drop(&mut self) {
        if !std::mem::needs_drop::<T>() {
            return;
        }
        // SAFETY: the value is dropped once, here.
        let drop = || unsafe { ManuallyDrop::drop(&mut self.0) };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(drop)) {
            match super::context::current() {
                // The task that the value came from has just ended: it is the
                // one that panicked.
                Some(task) if task.end.take().is_some() => {
                    task.end.set(Some(End::Panicked(payload)));
                }
                // Dropped by whoever held the handle.
                _ => resume_unwind(payload),
            }
        }
    }
}

/// Drops what belongs to a user where nobody could take a panic.
///
/// The panic has been through the panic hook, and ends here.
pub(crate) fn drop_quietly<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // Its destructor may panic as well.
        std::mem::forget(payload);
    }
}

/// How a task has ended, as its owner is told.
pub(crate) enum End {
    Done,
    Failed(TaskFailure),
    Panicked(Box<dyn Any + Send>),
    Cancelled,
}

/// The failure of one task: its error, and which task it was.
///
/// Cheap to clone. [`Display`](fmt::Display) shows the task and the error;
/// [`source`](Error::source) is the error itself.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let error = task_group!(policy = collect_errors, |g| {
///     g.task("first").spawn(async { Err::<(), _>("no such page") });
///     g.task("second").spawn(async { "x".parse::<u32>() });
/// })
/// .await
/// .unwrap_err();
/// for failure in error.failures() {
///     println!("{:?} of {}: {}", failure.name(), failure.spawned_at(), failure.error());
/// }
/// assert_eq!(error.failures().len(), 2);
/// # });
/// ```
#[derive(Clone)]
pub struct TaskFailure(Arc<FailureInner>);

struct FailureInner {
    id: Option<TaskId>,
    name: Option<Arc<str>>,
    spawned_at: &'static Location<'static>,
    error: BoxError,
}

impl TaskFailure {
    pub(crate) fn new(node: &Node, error: BoxError) -> Self {
        Self(Arc::new(FailureInner {
            id: Some(node.id()),
            name: node.name().cloned(),
            spawned_at: node.spawned_at(),
            error,
        }))
    }

    /// The failure of a group's body, which is no task of its own.
    pub(crate) fn of_body(
        group: Option<Arc<str>>,
        opened_at: &'static Location<'static>,
        error: BoxError,
    ) -> Self {
        let name = match group {
            Some(group) => format!("body of {group}"),
            None => "body of the group".to_owned(),
        };
        Self(Arc::new(FailureInner {
            id: None,
            name: Some(name.into()),
            spawned_at: opened_at,
            error,
        }))
    }

    /// Returns the number of the task; `None` for the body of the group.
    #[must_use]
    pub fn task(&self) -> Option<TaskId> {
        self.0.id
    }

    /// Returns the name of the task, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Returns where in the source the task was spawned.
    #[must_use]
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.0.spawned_at
    }

    /// Returns the error.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0.error
    }

    /// Returns the error if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.error.downcast_ref()
    }
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.0.id) {
            (Some(name), None) => write!(f, "the {name} failed: {}", self.0.error),
            (Some(name), _) => write!(f, "task `{name}` failed: {}", self.0.error),
            (None, _) => write!(
                f,
                "the task spawned at {} failed: {}",
                self.0.spawned_at, self.0.error
            ),
        }
    }
}

impl fmt::Debug for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskFailure")
            .field("task", &self.0.id)
            .field("name", &self.name())
            .field("spawned_at", &format_args!("{}", self.0.spawned_at))
            .field("error", &self.0.error)
            .finish()
    }
}

impl Error for TaskFailure {
    /// What is behind the error; the text of the error itself is in the text of this.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.error.source()
    }
}

/// What a task's panic said.
///
/// The payload itself goes on in the parent of the task.
#[derive(Clone, PartialEq, Eq)]
pub struct PanicCause(Arc<str>);

impl PanicCause {
    pub(crate) fn new(payload: &(dyn Any + Send)) -> Self {
        Self(panic_message(payload).into())
    }

    /// Returns the message of the panic.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PanicCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a task panicked: {}", self.0)
    }
}

impl fmt::Debug for PanicCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PanicCause").field(&self.0).finish()
    }
}

impl Error for PanicCause {}
