//! What callers are told.

use super::waits::WaitPath;
use crate::task::PanicCause;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;

/// Why an ask has no value.
///
/// `E` is the error of the handler; where the handler cannot fail there is no
/// `Handler` to match.
///
/// # Examples
///
/// ```
/// use nimsync::CallError;
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Till { sum: u32 }
///
/// #[actor]
/// impl Till {
///     pub fn take(&mut self, n: u32) -> Result<u32, String> {
///         self.sum = self.sum.checked_sub(n).ok_or("too little")?;
///         Ok(self.sum)
///     }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let till = system.spawn(Till { sum: 5 });
/// assert_eq!(till.take(2).await, Ok(3));
/// assert_eq!(till.take(9).await, Err(CallError::Handler("too little".to_owned())));
/// till.stop().await;
/// assert_eq!(till.take(1).await, Err(CallError::Stopped));
/// system.stop().await.unwrap();
/// # });
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallError<E = Infallible> {
    /// The handler returned this error.
    Handler(E),
    /// The handler panicked.
    Panicked(PanicCause),
    /// The actor has ended, before it took the message or before it answered.
    Stopped,
    /// The actor is being started again, and the handler was cut short for it.
    Restarting,
    /// The handler took the [`Reply`](super::Reply) to answer later, and then it was dropped.
    Unanswered,
    /// The mailbox is full, and the actor's choice is to refuse.
    MailboxFull,
    /// The time limit of the call was over.
    Timeout,
    /// The actor waits, by way of others, for the one who asks.
    Deadlock(WaitPath),
}

impl<E> CallError<E> {
    /// Returns the error of the handler, if it is one.
    pub fn into_handler(self) -> Option<E> {
        match self {
            Self::Handler(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handler(error) => error.fmt(f),
            Self::Panicked(cause) => write!(f, "the handler panicked: {}", cause.message()),
            Self::Stopped => f.write_str("the actor has stopped"),
            Self::Restarting => f.write_str("the actor is being restarted"),
            Self::Unanswered => f.write_str("the actor has dropped the reply"),
            Self::MailboxFull => f.write_str("the actor's mailbox is full"),
            Self::Timeout => f.write_str("no reply within the time limit"),
            Self::Deadlock(path) => write!(f, "actors wait for each other in a circle: {path}"),
        }
    }
}

impl<E: Error + 'static> Error for CallError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Handler(error) => error.source(),
            _ => None,
        }
    }
}

/// Why a tell was refused; the arguments come back.
///
/// # Examples
///
/// ```
/// use nimsync::TellError;
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Log;
///
/// #[actor]
/// impl Log {
///     pub fn line(&mut self, text: String) { println!("{text}") }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let log = system.spawn_with(Log, |options| options.mailbox(1));
/// log.line("one".to_owned()).try_tell().unwrap();
/// match log.line("two".to_owned()).try_tell() {
///     Err(TellError::Full((text,))) => assert_eq!(text, "two"),   // the arguments come back
///     other => panic!("{other:?}"),
/// }
/// system.stop().await.unwrap();
/// # });
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum TellError<Args> {
    /// The mailbox is full.
    Full(Args),
    /// The actor has ended, or takes no more messages.
    Stopped(Args),
    /// There is no room, and the actor waits, by way of others, for the sender.
    Deadlock(Args, WaitPath),
}

impl<Args> TellError<Args> {
    /// Returns the arguments of the message.
    pub fn into_args(self) -> Args {
        match self {
            Self::Full(args) | Self::Stopped(args) | Self::Deadlock(args, _) => args,
        }
    }

    /// Tells whether there was no room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Tells whether the actor takes no more messages.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped(_))
    }
}

impl<Args, E> From<TellError<Args>> for CallError<E> {
    fn from(error: TellError<Args>) -> Self {
        match error {
            TellError::Full(_) => Self::MailboxFull,
            TellError::Stopped(_) => Self::Stopped,
            TellError::Deadlock(_, path) => Self::Deadlock(path),
        }
    }
}

impl<Args> fmt::Display for TellError<Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("the actor's mailbox is full"),
            Self::Stopped(_) => f.write_str("the actor has stopped"),
            Self::Deadlock(_, path) => {
                write!(f, "actors wait for each other in a circle: {path}")
            }
        }
    }
}

impl<Args> fmt::Debug for TellError<Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(_) => f.write_str("Full(..)"),
            Self::Stopped(_) => f.write_str("Stopped(..)"),
            Self::Deadlock(_, path) => f.debug_tuple("Deadlock").field(path).finish(),
        }
    }
}

impl<Args> Error for TellError<Args> {}

/// That another actor of the same type has the name; the actor comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct NameTaken<A>(pub A);

impl<A> fmt::Display for NameTaken<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another actor of this type has the name")
    }
}

impl<A> fmt::Debug for NameTaken<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameTaken(..)")
    }
}

impl<A> Error for NameTaken<A> {}
