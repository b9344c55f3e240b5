//! Floor 1: what happened when, for a viewer of traces.
//!
//! A runtime that was told to ([`Builder::trace`](crate::Builder::trace)) has a
//! ring of events for each worker; when it is full, the oldest event makes room.
//! Only the worker itself writes to its ring, so the lock around it is free but
//! for the moment in which a trace is taken.
//!
//! Polls are written down by the worker, the depth of channels and cancellations
//! by whoever causes them, if the thread works for such a runtime. Tasks and
//! waits are made of the polls when the trace is exported.

mod export;

use crate::prim::thread_local;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use export::Trace;
pub(crate) use export::{RuntimeTrace, WorkerTrace};

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// When, in nanoseconds of the runtime's clock.
    pub(crate) at: u64,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A task was polled.
    Poll(Poll),
    /// A message went into a channel that has a name, or out of it.
    Message {
        name: Arc<str>,
        sent: bool,
        /// How many are in it now.
        depth: usize,
    },
    /// Something was cancelled, and why.
    Cancel(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Poll {
    /// The number of the task.
    pub(crate) task: u64,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) spawned_at: &'static Location<'static>,
    /// In nanoseconds.
    pub(crate) took: u64,
    /// Whether it was the task's last.
    pub(crate) ended: bool,
    /// What the task waits for now.
    pub(crate) wait: Option<Cow<'static, str>>,
}

/// The events of a worker.
pub(crate) struct Ring {
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    /// Events that made room.
    lost: u64,
}

impl Ring {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, event: Event) {
        let mut state = self.lock();
        let oldest = if state.events.len() >= self.most {
            state.lost += 1;
            state.events.pop_front()
        } else {
            None
        };
        state.events.push_back(event);
        drop(state);
        drop(oldest);
    }

    /// Returns what is in the ring, and leaves it there.
    pub(crate) fn read(&self) -> WorkerTrace {
        let state = self.lock();
        WorkerTrace {
            events: state.events.iter().cloned().collect(),
            lost: state.lost,
        }
    }
}

thread_local! {
    /// The ring of the worker that this thread is, or null.
    static CURRENT: Cell<*const Ring> = const { Cell::new(ptr::null()) };
}

/// Makes `ring` the one of this thread until the guard is dropped.
pub(crate) fn enter(ring: Option<&Ring>) -> Entered<'_> {
    Entered {
        previous: CURRENT.replace(ring.map_or(ptr::null(), ptr::from_ref)),
        _ring: ring,
    }
}

pub(crate) struct Entered<'a> {
    previous: *const Ring,
    _ring: Option<&'a Ring>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.previous);
    }
}

/// Writes down what happens now, if this thread's runtime is traced.
///
/// `event` is called if so, and returns nothing if it does not know the time.
pub(crate) fn record(event: impl FnOnce() -> Option<Event>) {
    let ring = CURRENT.get();
    // SAFETY: null, or borrowed by the guard of `enter`.
    if let Some(ring) = unsafe { ring.as_ref() }
        && let Some(event) = event()
    {
        ring.push(event);
    }
}
