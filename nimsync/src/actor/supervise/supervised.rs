//! A supervisor that runs, as those outside of it see it.

use super::super::addr::Link;
use super::super::control::{Ended, STOP};
use std::fmt;
use std::sync::Arc;

/// A supervisor that was started, or will be with the one above it.
///
/// Dropping this changes nothing: the system stops the supervisor.
///
/// # Examples
///
/// ```
/// use nimsync::actor::{Lifetime, Strategy};
/// use nimsync::prelude::*;
///
/// #[actor]
/// struct Worker;
///
/// #[actor]
/// impl Worker {
///     pub fn job(&mut self) {}
/// }
///
/// # nimsync::block_on(async {
/// let system = ActorSystem::new();
/// let mut supervisor = system.supervisor(Strategy::OneForOne).named("workers");
/// let worker = supervisor.child(Lifetime::Permanent, || async { Ok(Worker) });
/// let supervised = supervisor.start().await.unwrap();
/// assert_eq!(supervised.name(), "workers");
/// supervised.stop().await;
/// assert!(!supervised.is_alive() && !worker.is_alive());
/// system.stop().await.unwrap();
/// # });
/// ```
#[derive(Clone)]
pub struct Supervised {
    link: Arc<dyn Link>,
}

impl Supervised {
    pub(super) fn new(link: Arc<dyn Link>) -> Self {
        Self { link }
    }

    /// Returns the name of the supervisor.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.link.control().name
    }

    /// Stops the children, the last one first, and then the supervisor.
    ///
    /// As with an actor, that is for good: no supervisor above starts it again.
    pub fn stop(&self) -> Ended {
        self.link.control().order(STOP);
        self.ended()
    }

    /// Waits until the supervisor and its children have ended.
    #[must_use]
    pub fn ended(&self) -> Ended {
        Ended::new(self.link.clone())
    }

    /// Tells whether the supervisor has not ended.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.link.control().has_ended()
    }
}

impl fmt::Debug for Supervised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervised")
            .field("name", &self.name())
            .field("alive", &self.is_alive())
            .finish_non_exhaustive()
    }
}
