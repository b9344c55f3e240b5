//! What the loom models of this crate share.

use loom::model::Builder;
use loom::sync::{Condvar, Mutex};
use std::sync::Arc;
use std::task::{Wake, Waker};

/// Forced switches between threads that are tried in one execution. Nearly all
/// bugs show with two, and without a bound a model of three threads does not
/// come to an end.
const PREEMPTIONS: usize = 3;

/// Runs `model` in every interleaving, up to the bound on preemptions.
///
/// `LOOM_MAX_PREEMPTIONS` takes precedence.
pub(crate) fn check(model: impl Fn() + Send + Sync + 'static) {
    check_within(PREEMPTIONS, model);
}

/// As [`check`], with a bound for a model that takes too long with the usual one.
pub(crate) fn check_within(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    // Spawning a task in a group takes a few hundred of loom's steps.
    builder.max_branches = 20_000;
    builder.check(model);
}

/// Stands for a task that waits: a waker, and a thread that it wakes.
///
/// A thread that nobody wakes makes loom report a deadlock, so a model shows a
/// lost wake-up by not ending.
pub(crate) struct Bell {
    rings: Mutex<Rings>,
    rung: Condvar,
}

struct Rings {
    all: usize,
    heard: usize,
}

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            rings: Mutex::new(Rings { all: 0, heard: 0 }),
            rung: Condvar::new(),
        })
    }

    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(self.clone())
    }

    /// Waits for a ring since the last time that this returned.
    pub(crate) fn wait(&self) {
        let mut rings = self.rings.lock().unwrap();
        while rings.heard == rings.all {
            rings = self.rung.wait(rings).unwrap();
        }
        rings.heard = rings.all;
    }

    /// How often it was rung.
    pub(crate) fn rings(&self) -> usize {
        self.rings.lock().unwrap().all
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rings.lock().unwrap().all += 1;
        self.rung.notify_one();
    }
}
