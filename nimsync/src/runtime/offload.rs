//! Calls on the blocking pool that may outlive the wait for them.
//!
//! [`unblock`](super::unblock) belongs to one wait: its task is protected from
//! being dropped meanwhile. What is buffered in a file does not: a read that lost
//! a race goes on, and its bytes are for the next one. So the call is kept by what
//! it works for, polled by whoever wants its result, and protects nobody.
//!
//! # Protocol
//!
//! ```text
//!   queued, running ── done ──▶ result kept ── polled ──▶ taken
//!          │
//!          └── left ──▶ the thread does what is left to do, then lets the task end
//! ```
//!
//! Whoever drops it half way leaves it to the pool's thread; the task in which
//! that happens does not end before the call has. Everything is under one lock,
//! which is not held while a call runs.

use super::blocking::{Job, Pool};
use super::worker;
use crate::task::Adoption;
use crate::wait;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::thread;

/// A call that has been given to the pool, with its result to come.
pub(crate) struct Offload<T: Send + 'static> {
    call: Arc<Call<T>>,
}

struct Call<T> {
    state: Mutex<State<T>>,
}

enum State<T> {
    Begun {
        /// `None` from when it runs.
        function: Option<Box<dyn FnOnce() -> T + Send>>,
        waker: Option<Waker>,
        left: Option<Left<T>>,
    },
    Done(thread::Result<T>),
    /// The result was taken, or seen to by the pool.
    Over,
}

/// What the thread of the pool is to do when the call is done, since nobody will
/// ask for the result.
struct Left<T> {
    then: Then<T>,
    /// Of the task that waits for it.
    adoption: Option<Adoption>,
}

type Then<T> = Box<dyn FnOnce(T) + Send>;

/// A pool to give calls to.
#[derive(Clone)]
pub(crate) struct CallPool(Arc<Pool>);

impl CallPool {
    /// The pool of the runtime that this thread works for.
    ///
    /// # Errors
    ///
    /// If it works for none.
    pub(crate) fn current() -> io::Result<Self> {
        match worker::handle() {
            Some(shared) => Ok(Self(shared.pool.clone())),
            None => Err(super::shared::outside()),
        }
    }

    /// Runs `function` on a thread of the pool.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        function: impl FnOnce() -> T + Send + 'static,
    ) -> Offload<T> {
        let call = Arc::new(Call {
            state: Mutex::new(State::Begun {
                function: Some(Box::new(function)),
                waker: None,
                left: None,
            }),
        });
        self.0.submit(call.clone());
        Offload { call }
    }
}

impl<T: Send + 'static> Offload<T> {
    /// Waits for the result.
    ///
    /// # Panics
    ///
    /// If the call has panicked, with its payload; and if the result was taken.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let mut state = self.call.lock();
        if let State::Begun { waker, .. } = &mut *state {
            let replaced = wait::replace_waker(waker, cx.waker());
            drop(state);
            drop(replaced);
            wait::note(&"a blocking call");
            return Poll::Pending;
        }
        let done = std::mem::replace(&mut *state, State::Over);
        drop(state);
        match done {
            State::Done(result) => {
                Poll::Ready(result.unwrap_or_else(|payload| resume_unwind(payload)))
            }
            _ => panic!("the result of a blocking call was asked for twice"),
        }
    }

    /// Has `then` be called with the result, by a thread of the pool; the task
    /// that is being polled does not end before. With the call done, and no
    /// runtime around, it is called at once.
    pub(crate) fn leave(self, then: impl FnOnce(T) + Send + 'static) {
        if let Some((value, then)) = self.leave_to(Box::new(then)) {
            match CallPool::current() {
                // Dropping it leaves the call to the pool in turn.
                Ok(pool) => drop(pool.run(move || then(value))),
                Err(_) => then(value),
            }
        }
    }

    /// Leaves `then` to the thread that runs the call; gives it back, with the
    /// value, if that is done.
    fn leave_to(&self, then: Then<T>) -> Option<(T, Then<T>)> {
        let mut state = self.call.lock();
        if let State::Begun { waker, left, .. } = &mut *state {
            let unwanted = waker.take();
            if left.is_none() {
                *left = Some(Left {
                    then,
                    adoption: Adoption::by_current(),
                });
            }
            drop(state);
            drop(unwanted);
            return None;
        }
        let done = std::mem::replace(&mut *state, State::Over);
        drop(state);
        match done {
            State::Done(Ok(value)) => Some((value, then)),
            // A panic has had its hook; nobody is left to whom it could go on.
            _ => None,
        }
    }
}

impl<T: Send + 'static> Drop for Offload<T> {
    fn drop(&mut self) {
        drop(self.leave_to(Box::new(drop)));
    }
}

impl<T> Call<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl<T: Send> Job for Call<T> {
    fn run(&self) {
        let function = match &mut *self.lock() {
            State::Begun { function, .. } => function.take(),
            _ => None,
        };
        let Some(function) = function else { return };
        let result = catch_unwind(AssertUnwindSafe(function));
        let mut state = self.lock();
        let State::Begun { waker, left, .. } = std::mem::replace(&mut *state, State::Over) else {
            unreachable!("a call that runs is finished by its thread");
        };
        match left {
            None => {
                *state = State::Done(result);
                drop(state);
                waker.into_iter().for_each(Waker::wake);
            }
            Some(left) => {
                drop(state);
                // A panic here has nowhere to go but to the hook.
                let _ = catch_unwind(AssertUnwindSafe(|| result.map(left.then)));
                drop(left.adoption);
            }
        }
    }
}
