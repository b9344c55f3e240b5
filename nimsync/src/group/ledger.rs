//! What a block keeps under its lock: who is alive, what has failed, who is to be
//! told.

use super::outside;
use crate::cancel::{OnCancel, enclosing_group};
use crate::task::{self, Node, Runnable, TaskFailure};
use crate::wait::WaitSet;
use slab::Slab;
use std::any::Any;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

pub(super) struct State {
    pub(super) tasks: Slab<NodeRef>,
    /// Groups that were dropped in the body with children still running.
    pub(super) orphans: usize,
    /// Children that are neither services nor clean-up.
    pub(super) children: usize,
    /// Those of them that run in place.
    pub(super) in_place: usize,
    /// Whether the body has ended, so that the core waits for the children.
    pub(super) joining: bool,
    /// No task can be spawned any more.
    pub(super) closed: bool,
    /// The one who drives or waits for the group.
    pub(super) waker: Option<Waker>,
    /// With a limit: how many run, and who waits to.
    pub(super) running: usize,
    pub(super) queued: VecDeque<Runnable>,
    pub(super) room: WaitSet,
    pub(super) counts: Counts,
    pub(super) failures: Vec<TaskFailure>,
    pub(super) panic: Option<Box<dyn Any + Send>>,
    pub(super) deferred: Vec<Deferred>,
    /// Set when the core is gone, or will not be polled any more.
    pub(super) left: Option<Left>,
    /// The task that opened the group has ended before the group.
    pub(super) abandoned: bool,
}

/// What a dropped core leaves behind.
pub(super) struct Left {
    /// Who waits for the children.
    pub(super) adopter: Adopter,
}

/// Who waits for what a dropped core has left behind: the nearest group around
/// the place where it was dropped, else the task, else whoever asks for it.
pub(super) enum Adopter {
    Group(Arc<dyn OnCancel>),
    Task(NodeRef, Waker),
    Outside,
}

impl Adopter {
    /// Has the calling code's group or task wait.
    pub(super) fn here() -> Self {
        if let Some(group) = enclosing_group() {
            group.adopt();
            return Self::Group(group);
        }
        Self::task()
    }

    /// Has the task wait that is being polled.
    pub(super) fn task() -> Self {
        let Some(host) = task::current().and_then(task::TaskCx::host) else {
            outside::add();
            return Self::Outside;
        };
        host.add_orphan();
        Self::Task(NodeRef(host.into()), host.waker().clone())
    }

    /// Ends the wait.
    pub(super) fn release(self) {
        match self {
            Self::Group(group) => group.release(),
            Self::Task(node, waker) => {
                node.get().remove_orphan();
                waker.wake();
            }
            Self::Outside => outside::remove(),
        }
    }
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            tasks: Slab::new(),
            orphans: 0,
            children: 0,
            in_place: 0,
            joining: false,
            closed: false,
            waker: None,
            running: 0,
            queued: VecDeque::new(),
            room: WaitSet::new(),
            counts: Counts::default(),
            failures: Vec::new(),
            panic: None,
            deferred: Vec::new(),
            left: None,
            abandoned: false,
        }
    }

    /// Whether nobody is left to wait for.
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.orphans == 0
    }

    /// Whether this was the last one of a group whose core is gone. Children in
    /// place are gone with the core, or will never run.
    pub(super) fn is_over(&self) -> bool {
        self.left.is_some() && self.tasks.len() == self.in_place && self.orphans == 0
    }
}

#[derive(Clone, Copy)]
pub(super) struct NodeRef(pub(super) NonNull<Node>);

// SAFETY: nodes are `Sync`, and alive as long as they are listed.
unsafe impl Send for NodeRef {}

impl NodeRef {
    pub(super) fn get(&self) -> &Node {
        // SAFETY: see above.
        unsafe { self.0.as_ref() }
    }
}

/// How many children have ended, and how.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) done: usize,
    pub(super) failed: usize,
    pub(super) cancelled: usize,
    pub(super) panicked: usize,
}

impl Counts {
    pub(super) fn add(&mut self, more: Self) {
        self.done += more.done;
        self.failed += more.failed;
        self.cancelled += more.cancelled;
        self.panicked += more.panicked;
    }
}

/// The children in place that want to be polled, and whom to tell.
pub(super) struct Local {
    pub(super) queue: VecDeque<Runnable>,
    /// Those that woke themselves while they were polled: their turn comes when
    /// other tasks of the worker have had theirs.
    pub(super) yielded: VecDeque<Runnable>,
    /// Whether the core is at it and will look at the queue again.
    pub(super) driving: bool,
    pub(super) waker: Option<Waker>,
}

impl Local {
    pub(super) fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            yielded: VecDeque::new(),
            driving: false,
            waker: None,
        }
    }
}

/// Clean-up that runs after the children.
pub(super) struct Deferred {
    pub(super) future: Pin<Box<dyn Future<Output = ()> + Send>>,
    pub(super) limit: Duration,
}
