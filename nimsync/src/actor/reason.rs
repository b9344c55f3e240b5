//! Why actors end, and how they fail.

use super::id::ActorId;
use super::name::Name;
use crate::cancel::Cancelled;
use crate::task::PanicCause;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why an actor has ended, or ends.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Fuse;
///
/// #[actor]
/// impl Fuse {
///     pub fn blow(&mut self) -> Result<(), &'static str> { Err("too much") }
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let fuse = system.spawn(Fuse);
/// fuse.blow().tell().await.unwrap();                  // nobody asks for the error
/// match fuse.ended().await {
///     StopReason::Failed(failure) => {
///         assert_eq!((failure.actor_name(), failure.during()), ("Fuse", "blow"));
///         assert_eq!(failure.to_string(), "actor `Fuse` failed in `blow`: too much");
///     }
///     other => panic!("{other}"),
/// }
/// assert!(system.stop().await.is_err());
/// # });
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// Somebody called `stop`, or the actor itself did.
    Stopped,
    /// The last handle was dropped, and nothing was left to do.
    Unreachable,
    /// There was no room for a message, and the actor's choice is to stop then.
    Overflowed,
    /// Somebody called `kill`, or a stop took too long.
    Killed,
    /// The group of the actor was cancelled.
    Cancelled(Cancelled),
    /// The supervisor restarts it together with another one. Only an incarnation
    /// ends like that.
    Restarting,
    /// A handler or hook panicked, or returned an error that nobody asked for.
    Failed(Failure),
}

impl StopReason {
    /// Tells whether the actor has failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped"),
            Self::Unreachable => f.write_str("no handle was left"),
            Self::Overflowed => f.write_str("its mailbox was full"),
            Self::Killed => f.write_str("killed"),
            Self::Restarting => f.write_str("restarted with another actor"),
            Self::Cancelled(cancelled) => cancelled.fmt(f),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

/// What an actor failed of.
///
/// Cheap to clone.
#[derive(Clone)]
pub struct Failure(Arc<Inner>);

struct Inner {
    actor: ActorId,
    name: Name,
    during: &'static str,
    what: What,
}

enum What {
    Panicked(PanicCause),
    Error(String),
}

impl Failure {
    pub(super) fn panicked(
        actor: ActorId,
        name: Name,
        during: &'static str,
        cause: PanicCause,
    ) -> Self {
        Self(Arc::new(Inner {
            actor,
            name,
            during,
            what: What::Panicked(cause),
        }))
    }

    pub(super) fn error(actor: ActorId, name: Name, during: &'static str, text: String) -> Self {
        Self(Arc::new(Inner {
            actor,
            name,
            during,
            what: What::Error(text),
        }))
    }

    /// Returns the number of the actor.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        self.0.actor
    }

    /// Returns the name of the actor; its type's, if it was given none.
    #[must_use]
    pub fn actor_name(&self) -> &str {
        &self.0.name
    }

    /// Returns the message or hook in which it failed.
    #[must_use]
    pub fn during(&self) -> &'static str {
        self.0.during
    }

    /// Returns what the panic said, if it was one.
    #[must_use]
    pub fn panic_cause(&self) -> Option<&PanicCause> {
        match &self.0.what {
            What::Panicked(cause) => Some(cause),
            What::Error(_) => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            name, during, what, ..
        } = &*self.0;
        match what {
            What::Panicked(cause) => {
                write!(
                    f,
                    "actor `{name}` panicked in `{during}`: {}",
                    cause.message()
                )
            }
            What::Error(text) => write!(f, "actor `{name}` failed in `{during}`: {text}"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
}

impl Error for Failure {}
