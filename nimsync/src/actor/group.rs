//! Actors in a task group.

use super::behavior::Messages;
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
        let prepared = prepare(actor, None, None);
        self.host(prepared.task);
        prepared.handle
    }
}
