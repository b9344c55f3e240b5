//! Messages that were accepted and not handled.

use super::addr::Link;
use super::id::ActorId;
use super::message::{Message, Refusal};
use std::sync::Arc;

/// What a system calls for each undelivered message.
pub(super) type OnUndelivered = Arc<dyn Fn(Undelivered) + Send + Sync>;

/// A message that an actor accepted and did not handle, and of which nobody
/// else was told.
///
/// # Examples
///
/// ```
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
/// let system = ActorSystem::new().on_undelivered(|lost| {
///     assert_eq!((&*lost.actor_name, lost.message), ("Log", "line"));
/// });
/// let log = system.spawn(Log);
/// log.line("never read".to_owned()).try_tell().unwrap();
/// log.kill().await;
/// system.stop().await.unwrap();
/// # });
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undelivered {
    /// The number of the actor.
    pub actor: ActorId,
    /// The name of the actor; its type's, if it was given none.
    pub actor_name: Arc<str>,
    /// The name of the message's method.
    pub message: &'static str,
}

/// Discards a message that was accepted: tells its asker, or reports it
/// (invariant 3).
pub(super) fn discard<M: Message>(link: &dyn Link, message: M, why: Refusal) {
    let name = message.name();
    if message.refuse(why) {
        return;
    }
    let control = link.control();
    if let Some(report) = &control.on_undelivered {
        report(Undelivered {
            actor: control.id,
            actor_name: control.name.shared(),
            message: name,
        });
    }
}
