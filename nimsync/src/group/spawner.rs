//! An owned handle that spawns into a group.

use super::block::{Block, ChildKind};
use super::child::Child;
use super::handle::Spawnable;
use crate::task::TaskOutput;
use futures::future::FutureObj;
use futures::task::{Spawn, SpawnError};
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// Spawns parallel children into a group from anywhere.
///
/// For children that spawn siblings, and for foreign code: it is
/// `Clone + Send + Sync + 'static` and implements [`futures::task::Spawn`]. It
/// does not keep the group open.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let mut kept = None;
/// task_group!(|g| {
///     let spawner = g.spawner();
///     kept = Some(spawner.clone());
///     g.spawn(async move {
///         spawner.spawn(async { println!("a sibling") }).expect("the group is open");
///     });
/// }).await.unwrap();
/// assert!(kept.unwrap().spawn(async {}).is_err(), "the group has ended");
/// # });
/// ```
#[derive(Clone)]
pub struct Spawner {
    block: Arc<Block>,
}

impl Spawner {
    pub(super) fn new(block: Arc<Block>) -> Self {
        Self { block }
    }

    /// Spawns a child as [`TaskGroup::spawn`](crate::TaskGroup::spawn) does.
    ///
    /// # Errors
    ///
    /// [`GroupClosed`] if the group has ended, or its future was dropped.
    #[track_caller]
    pub fn spawn<F>(
        &self,
        future: F,
    ) -> Result<Child<<F::Returns as TaskOutput>::Value>, GroupClosed>
    where
        F: Spawnable + Send + 'static,
        F::Returns: TaskOutput<Value: Send + 'static>,
    {
        self.start(future, ChildKind::Parallel)
    }

    /// Spawns a service as [`TaskGroup::service`](crate::TaskGroup::service) does.
    ///
    /// # Errors
    ///
    /// [`GroupClosed`] if the group has ended, or its future was dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// # nimsync::block_on(async {
    /// task_group!(|g| {
    ///     let spawner = g.spawner();
    ///     // Nobody waits for it: it is cancelled when the body has ended.
    ///     spawner.service(std::future::pending::<()>())?;
    /// }).await.unwrap();
    /// # });
    /// ```
    #[track_caller]
    pub fn service<F>(
        &self,
        future: F,
    ) -> Result<Child<<F::Returns as TaskOutput>::Value>, GroupClosed>
    where
        F: Spawnable + Send + 'static,
        F::Returns: TaskOutput<Value: Send + 'static>,
    {
        self.start(future, ChildKind::Service)
    }

    #[track_caller]
    fn start<F>(
        &self,
        future: F,
        kind: ChildKind,
    ) -> Result<Child<<F::Returns as TaskOutput>::Value>, GroupClosed>
    where
        F: Spawnable + Send + 'static,
        F::Returns: TaskOutput<Value: Send + 'static>,
    {
        // SAFETY: the future and its value are `Send + 'static`.
        let handle = unsafe { self.block.spawn(future, kind, None, Location::caller()) };
        handle.map(Child::new).ok_or(GroupClosed(()))
    }
}

impl Spawn for Spawner {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.spawn(future)
            .map(drop)
            .map_err(|_| SpawnError::shutdown())
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner").finish_non_exhaustive()
    }
}

/// That a group takes no more children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupClosed(());

impl fmt::Display for GroupClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task group has ended and takes no more children")
    }
}

impl Error for GroupClosed {}
