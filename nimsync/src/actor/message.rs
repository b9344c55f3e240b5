//! What the expansion says about messages.

use super::error::CallError;
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

/// A message type: the enum that the macro makes of an actor's methods.
pub trait Message: Send + 'static {
    /// Whether any message has another priority than the normal one.
    ///
    /// Where none has, a mailbox has one lane.
    const HAS_PRIORITIES: bool = false;

    /// Returns the name of the method.
    fn name(&self) -> &'static str;

    /// Returns which messages it is handled before.
    fn priority(&self) -> Priority {
        Priority::Normal
    }

    /// Tells whether it may be handled beside others: `#[message(concurrent)]`.
    fn is_concurrent(&self) -> bool {
        false
    }

    /// Tells the asker, if there is one who waits, that there will be no reply;
    /// `false` if there is none.
    fn refuse(self, why: Refusal) -> bool;
}

/// Which messages are handled before the others: `#[message(priority = high)]`.
///
/// Those of one priority are handled in the order in which they came, and each
/// priority has a mailbox's room for itself.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Desk { seen: Vec<&'static str> }
///
/// #[actor]
/// impl Desk {
///     pub fn letter(&mut self) { self.seen.push("letter"); }
///
///     #[message(priority = high)]
///     pub fn alarm(&mut self) { self.seen.push("alarm"); }
///
///     pub fn seen(&self) -> Vec<&'static str> { self.seen.clone() }
/// }
///
/// # nimsync::Runtime::local().build().unwrap().block_on(async {
/// let system = ActorSystem::new();
/// let desk = system.spawn(Desk { seen: Vec::new() });
/// desk.letter().try_tell().unwrap();
/// desk.alarm().try_tell().unwrap();
/// assert_eq!(desk.seen().await.unwrap(), ["alarm", "letter"]);
/// system.stop().await.unwrap();
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// When no other message waits.
    Low,
    /// Before those of low priority.
    #[default]
    Normal,
    /// Before all others.
    High,
}

/// Why a message that was accepted is not handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor has ended.
    Stopped,
    /// It had to go for a newer one.
    Full,
}

/// What a handler returns, as the caller sees it.
///
/// [`Plain`] for `-> T`, [`Fallible`] for `-> Result<..>`.
pub trait Shape: 'static {
    /// What the handler returns.
    type Raw: Send + 'static;
    /// The value of an ask.
    type Value: Send + 'static;
    /// The error of the handler.
    type Error: Send + 'static;

    /// Splits what the handler returned.
    ///
    /// # Errors
    ///
    /// [`CallError::Handler`] with the handler's error.
    fn split(raw: Self::Raw) -> Result<Self::Value, CallError<Self::Error>>;
}

/// The shape of a handler that cannot fail.
pub struct Plain<T>(PhantomData<fn() -> T>);

impl<T: Send + 'static> Shape for Plain<T> {
    type Raw = T;
    type Value = T;
    type Error = Infallible;

    #[inline]
    fn split(raw: T) -> Result<T, CallError> {
        Ok(raw)
    }
}

/// The shape of a handler that returns a `Result`, `R`.
pub struct Fallible<R>(PhantomData<fn() -> R>);

/// A `Result`, under whatever name.
pub trait IsResult: Send + 'static {
    /// Its value.
    type Value: Send + 'static;
    /// Its error.
    type Error: Send + 'static;

    /// Returns it under its own name.
    ///
    /// # Errors
    ///
    /// What it is.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

impl<T: Send + 'static, E: Send + 'static> IsResult for Result<T, E> {
    type Value = T;
    type Error = E;

    #[inline]
    fn into_result(self) -> Self {
        self
    }
}

impl<R: IsResult> Shape for Fallible<R> {
    type Raw = R;
    type Value = R::Value;
    type Error = R::Error;

    #[inline]
    fn split(raw: R) -> Result<R::Value, CallError<R::Error>> {
        raw.into_result().map_err(CallError::Handler)
    }
}

/// Says what an error is, for a failure that nobody asked for: by its `Display`
/// if it has one, else by its type.
///
/// The method of the type comes before that of the trait, where its bound holds.
pub struct Describe<'a, E>(pub &'a E);

impl<E: fmt::Display> Describe<'_, E> {
    /// Returns the error's own text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// What [`Describe`] falls back to.
pub trait DescribeUnknown {
    /// Returns the name of the error's type.
    fn text(&self) -> String;
}

impl<E> DescribeUnknown for Describe<'_, E> {
    fn text(&self) -> String {
        let name = std::any::type_name::<E>();
        name.rsplit("::").next().unwrap_or(name).to_owned()
    }
}
