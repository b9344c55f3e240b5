//! Children that are spawned by name.

use super::block::ChildKind;
use super::child::Child;
use super::handle::{Spawnable, TaskGroup};
use crate::runtime;
use crate::task::TaskOutput;
use std::sync::Arc;

/// A child that has a name and is yet to be spawned.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let error = task_group!(|g| {
///     g.task("loader").spawn(async { Err::<(), _>("no such page") });
/// })
/// .await;
/// assert!(error.unwrap_err().to_string().starts_with("task `loader`"));
/// # });
/// ```
#[must_use = "naming a task does not spawn it"]
pub struct NamedTask<'g, 'scope> {
    group: &'g TaskGroup<'scope>,
    name: Arc<str>,
}

impl<'g, 'scope> NamedTask<'g, 'scope> {
    pub(super) fn new(group: &'g TaskGroup<'scope>, name: Arc<str>) -> Self {
        Self { group, name }
    }

    /// As [`TaskGroup::spawn`].
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'static,
        F::Returns: TaskOutput<Value: Send + 'static>,
    {
        self.group
            .start_child(future, ChildKind::Parallel, Some(self.name))
    }

    /// As [`TaskGroup::spawn_local`].
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + 'scope,
        F::Returns: TaskOutput<Value: 'scope>,
    {
        self.group.start_in_place(future, Some(self.name))
    }

    /// As [`TaskGroup::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(self, call: F) -> Child<R::Value>
    where
        F: FnOnce() -> R + Send + 'static,
        R: TaskOutput<Value: Send + 'static> + Send + 'static,
    {
        self.group
            .start_child(runtime::unblock(call), ChildKind::Parallel, Some(self.name))
    }

    /// As [`TaskGroup::service`].
    #[track_caller]
    pub fn service<F>(self, future: F) -> Child<<F::Returns as TaskOutput>::Value>
    where
        F: Spawnable + Send + 'static,
        F::Returns: TaskOutput<Value: Send + 'static>,
    {
        self.group
            .start_child(future, ChildKind::Service, Some(self.name))
    }
}
