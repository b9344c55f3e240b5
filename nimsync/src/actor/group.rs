//! Actors in a task group.

use super::behavior::{ActorOptions, Messages};
use super::system::prepare;
use crate::group::TaskGroup;

impl TaskGroup<'_> {
    /// Starts an actor that lives until the body and the ordinary children of the
    /// group have ended.
    ///
    /// It is a service: then it is stopped, and handles what is in its mailbox
    /// before it ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// #[actor]
    /// struct Log { lines: Vec<String> }
    ///
    /// #[actor]
    /// impl Log {
    ///     pub fn line(&mut self, text: String) -> usize {
    ///         self.lines.push(text);
    ///         self.lines.len()
    ///     }
    /// }
    ///
    /// # nimsync::block_on(async {
    /// let lines = task_group!(|g| {
    ///     let log = g.actor(Log { lines: Vec::new() });
    ///     let first = log.line("up".to_owned()).await;
    ///     first.unwrap()
    /// }).await;
    /// assert_eq!(lines.unwrap(), 1);
    /// # });
    /// ```
    #[track_caller]
    pub fn actor<A: Messages>(&self, actor: A) -> A::Handle {
        self.actor_with(actor, |options| options)
    }

    /// As [`actor`](Self::actor), with other options than those of the actor's attribute, which
    /// `options` is given.
    ///
    /// # Panics
    ///
    /// If `options` does.
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
    /// # // One thread: nobody handles the first line before the second is sent.
    /// # nimsync::Runtime::local().build().unwrap().block_on(async {
    /// task_group!(|g| {
    ///     let log = g.actor_with(Log, |options| options.mailbox(1));
    ///     log.line("one".to_owned()).try_tell()?;
    ///     assert!(log.line("two".to_owned()).try_tell().unwrap_err().is_full());
    /// }).await.unwrap();
    /// # });
    /// ```
    #[track_caller]
    pub fn actor_with<A: Messages>(
        &self,
        actor: A,
        options: impl FnOnce(ActorOptions) -> ActorOptions,
    ) -> A::Handle {
        let prepared = prepare(actor, options(A::OPTIONS), None, None);
        self.host(prepared.task);
        prepared.handle
    }
}
