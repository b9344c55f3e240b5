//! What is declared of a child besides how it is made.

use super::super::behavior::ActorOptions;
use super::policy::Lifetime;
use std::sync::Arc;

/// The name of a child, its lifetime, and the options of its actor.
///
/// # Examples
///
/// ```
/// use nimsync::actor::{ActorOptions, ChildSpec, Lifetime, Strategy};
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
/// nimsync::block_on(async {
///     let system = ActorSystem::new();
///     let mut supervisor = system.supervisor(Strategy::OneForOne);
///     let spec = ChildSpec::new("log", Lifetime::Transient)
///         .options(ActorOptions::new().mailbox(1024));
///     let log = supervisor.child_with(spec, || async { Ok(Log) });
///     supervisor.start().await.unwrap();
///     assert_eq!(log.name(), "log");
///     system.stop().await.unwrap();
/// });
/// ```
#[derive(Clone, Debug)]
#[must_use = "a child is declared by handing this to a supervisor"]
pub struct ChildSpec {
    pub(super) name: Arc<str>,
    pub(super) lifetime: Lifetime,
    /// None for those of the actor's own attribute.
    pub(super) options: Option<ActorOptions>,
}

impl ChildSpec {
    /// Names a child, and says when it is started again.
    pub fn new(name: impl Into<Arc<str>>, lifetime: Lifetime) -> Self {
        Self {
            name: name.into(),
            lifetime,
            options: None,
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the lifetime.
    #[must_use]
    pub fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// Sets the options of the actor, in place of those that its `#[actor(..)]`
    /// has.
    pub fn options(mut self, options: ActorOptions) -> Self {
        self.options = Some(options);
        self
    }
}
