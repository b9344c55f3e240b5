//! The blocking pool: threads for calls that would hold up a worker.

use super::builder::Settings;
use super::{foreign, outside};
use crate::cancel::{Protection, current_is_ended};
use crate::task::Adoption;
use crate::wait;
use std::any::Any;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// What a thread of the pool runs.
pub(super) trait Job: Send + Sync {
    fn run(&self);
}

pub(crate) struct Pool {
    state: Mutex<State>,
    /// A job has come, or the pool is stopping.
    work: Condvar,
    /// A thread has ended.
    ended: Condvar,
    most_threads: usize,
    keep_alive: Duration,
    thread_name: String,
    stack_size: Option<usize>,
    foreign: foreign::Handle,
}

struct State {
    queue: VecDeque<Arc<dyn Job>>,
    threads: usize,
    idle: usize,
    running: usize,
    stopping: bool,
}

impl Pool {
    pub(super) fn new(settings: &Settings, foreign: foreign::Handle) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                threads: 0,
                idle: 0,
                running: 0,
                stopping: false,
            }),
            work: Condvar::new(),
            ended: Condvar::new(),
            most_threads: settings.blocking_threads,
            keep_alive: settings.blocking_keep_alive,
            thread_name: format!("{}-blocking", settings.thread_name),
            stack_size: settings.stack_size,
            foreign,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether a job is queued or running.
    pub(super) fn is_busy(&self) -> bool {
        let state = self.lock();
        state.running != 0 || !state.queue.is_empty()
    }

    pub(super) fn submit(self: &Arc<Self>, job: Arc<dyn Job>) {
        let mut state = self.lock();
        state.queue.push_back(job);
        // A thread that has been woken for an earlier job still counts as idle,
        // hence the comparison with all that is queued.
        let enough = state.idle >= state.queue.len() || state.threads == self.most_threads;
        if !enough {
            state.threads += 1;
        }
        drop(state);
        if enough {
            self.work.notify_one();
        } else if let Err(error) = self.start_thread() {
            let mut state = self.lock();
            state.threads -= 1;
            assert!(
                state.threads != 0,
                "cannot start a thread for blocking calls: {error}"
            );
        }
    }

    fn start_thread(self: &Arc<Self>) -> std::io::Result<()> {
        let mut thread = std::thread::Builder::new().name(self.thread_name.clone());
        if let Some(bytes) = self.stack_size {
            thread = thread.stack_size(bytes);
        }
        let pool = self.clone();
        thread.spawn(move || pool.run())?;
        Ok(())
    }

    /// The body of a thread.
    fn run(&self) {
        let _tokio = self.foreign.enter();
        let mut state = self.lock();
        loop {
            while let Some(job) = state.queue.pop_front() {
                state.running += 1;
                drop(state);
                job.run();
                drop(job);
                state = self.lock();
                state.running -= 1;
            }
            if state.stopping {
                break;
            }
            state.idle += 1;
            let (woken, timeout) = self
                .work
                .wait_timeout(state, self.keep_alive)
                .unwrap_or_else(|e| e.into_inner());
            state = woken;
            state.idle -= 1;
            if timeout.timed_out() && state.queue.is_empty() {
                break;
            }
        }
        state.threads -= 1;
        drop(state);
        self.ended.notify_all();
    }

    /// Lets the threads end; tells whether all did by `deadline`.
    pub(super) fn stop(&self, deadline: Instant) -> bool {
        let mut state = self.lock();
        state.stopping = true;
        self.work.notify_all();
        while state.threads != 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = match self.ended.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        true
    }
}

/// Runs `call` on the blocking pool and waits for what it returns.
///
/// # Cancel safety
///
/// A call that has not begun is withdrawn when the future is dropped or
/// cancelled. One that has begun cannot be stopped: cancellation waits for it,
/// as for a shield; if the future is dropped all the same, its result is lost,
/// but the task does not end before the call has.
///
/// # Panics
///
/// If `call` panics, with its payload.
///
/// # Examples
///
/// ```
/// nimsync::block_on(async {
///     let text = nimsync::unblock(|| std::fs::read_to_string("Cargo.toml")).await;
///     assert!(text.unwrap().contains("[package]"));
/// });
/// ```
pub fn unblock<T, F>(call: F) -> Unblock<T, F>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Unblock {
        state: UnblockState::New(Some(call)),
    }
}

/// The future of [`unblock`].
#[must_use = "the call is made when the future is awaited"]
pub struct Unblock<T: Send + 'static, F: FnOnce() -> T + Send + 'static> {
    state: UnblockState<T, F>,
}

enum UnblockState<T, F> {
    New(Option<F>),
    Submitted {
        call: Arc<Call<T, F>>,
        /// From when the call has begun, or may have.
        _protection: Protection,
    },
    Withdrawn,
}

// The function is moved out when it is called, and nothing else of it is used.
impl<T: Send + 'static, F: FnOnce() -> T + Send + 'static> Unpin for Unblock<T, F> {}

struct Call<T, F> {
    state: Mutex<CallState<T, F>>,
}

enum CallState<T, F> {
    Queued {
        call: F,
        waker: Waker,
    },
    Running {
        waker: Waker,
        /// Of the task that waits for the call though its future was dropped.
        adoption: Option<Adoption>,
    },
    Done(Result<T, Box<dyn Any + Send>>),
    /// Withdrawn, or its result was taken.
    Empty,
}

impl<T, F> Call<T, F> {
    fn lock(&self) -> MutexGuard<'_, CallState<T, F>> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl<T, F> Job for Call<T, F>
where
    F: FnOnce() -> T + Send,
    T: Send,
{
    fn run(&self) {
        let call = {
            let mut state = self.lock();
            match std::mem::replace(&mut *state, CallState::Empty) {
                CallState::Queued { call, waker } => {
                    *state = CallState::Running {
                        waker,
                        adoption: None,
                    };
                    call
                }
                _ => return,
            }
        };
        let result = catch_unwind(AssertUnwindSafe(call));
        let mut state = self.lock();
        match std::mem::replace(&mut *state, CallState::Done(result)) {
            CallState::Running {
                waker,
                adoption: None,
            } => {
                drop(state);
                waker.wake();
            }
            CallState::Running {
                adoption: Some(adoption),
                ..
            } => {
                let unwanted = std::mem::replace(&mut *state, CallState::Empty);
                drop(state);
                // A panic in the destructor of a result that nobody wants has
                // nowhere to go but to the panic hook, which has had it.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(unwanted)));
                drop(adoption);
            }
            _ => unreachable!("a running call is finished by its thread"),
        }
    }
}

impl<T, F> Future for Unblock<T, F>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut self.state {
            UnblockState::Withdrawn => {}
            UnblockState::New(call) => {
                let shared = outside::here();
                let Some(function) = call.take() else {
                    unreachable!("the state is changed below");
                };
                let call = Arc::new(Call {
                    state: Mutex::new(CallState::Queued {
                        call: function,
                        waker: cx.waker().clone(),
                    }),
                });
                self.state = UnblockState::Submitted {
                    call: call.clone(),
                    _protection: Protection::here(),
                };
                shared.pool.submit(call);
            }
            UnblockState::Submitted { call, .. } => {
                let mut state = call.lock();
                match &mut *state {
                    CallState::Queued { .. } if current_is_ended() => {
                        // Not begun, so it need not be: without the protection
                        // the task is dropped after this poll.
                        let withdrawn = std::mem::replace(&mut *state, CallState::Empty);
                        drop(state);
                        drop(withdrawn);
                        self.state = UnblockState::Withdrawn;
                    }
                    CallState::Queued { waker, .. } | CallState::Running { waker, .. } => {
                        let known = waker.will_wake(cx.waker());
                        let before = (!known).then(|| std::mem::replace(waker, cx.waker().clone()));
                        drop(state);
                        drop(before);
                    }
                    CallState::Done(_) => {
                        let done = std::mem::replace(&mut *state, CallState::Empty);
                        drop(state);
                        let CallState::Done(result) = done else {
                            unreachable!("just looked");
                        };
                        return Poll::Ready(
                            result.unwrap_or_else(|payload| resume_unwind(payload)),
                        );
                    }
                    CallState::Empty => panic!("`unblock` was polled after it had ended"),
                }
            }
        }
        wait::note(&"a blocking call");
        Poll::Pending
    }
}

impl<T: Send + 'static, F: FnOnce() -> T + Send + 'static> Drop for Unblock<T, F> {
    fn drop(&mut self) {
        let UnblockState::Submitted { call, .. } = &self.state else {
            return;
        };
        let mut state = call.lock();
        match &mut *state {
            CallState::Running { adoption, .. } => *adoption = Adoption::by_current(),
            _ => {
                let left = std::mem::replace(&mut *state, CallState::Empty);
                drop(state);
                drop(left);
            }
        }
    }
}
