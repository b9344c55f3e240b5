//! Where jobs wait for workers, and results for the consumer.

use super::limit::{Limit, Window};
use crate::prim::Lock;
use crate::wait;
use std::collections::VecDeque;
use std::task::Waker;
use std::thread::available_parallelism;
use std::time::Duration;

/// Where jobs wait for workers, and results for the consumer.
pub(super) struct Hub<J, R> {
    state: Lock<State<J, R>>,
    /// Workers that are to be active.
    cores: usize,
    ordered: bool,
    /// Tells whether a result ends all.
    ends: fn(&R) -> bool,
}

struct State<J, R> {
    jobs: VecDeque<(u64, J)>,
    /// The results that have not been taken; where the order is kept, those from number
    /// `first` on, with gaps.
    results: VecDeque<Option<R>>,
    first: u64,
    window: Window,
    running: usize,
    workers: usize,
    active: usize,
    /// Active workers that have been woken or spawned and have not looked for a job yet.
    looking: usize,
    /// Workers that rest, by number.
    idle: Vec<(usize, Waker)>,
    next_worker: usize,
    consumer: Option<Waker>,
    /// The consumer was woken, and has not come yet.
    called: bool,
    /// No more jobs come, or those that wait are not wanted any more.
    closed: bool,
}

/// What is to be done for a worker more, outside of the lock.
#[must_use]
pub(super) enum More {
    Nothing,
    Wake(Waker),
    /// A worker with this number.
    Spawn(usize),
}

/// What a worker does next.
pub(super) enum Step<J> {
    Run(u64, J),
    /// Its waker is kept.
    Rest,
    End,
}

/// What comes after a job.
pub(super) struct Finished<J> {
    pub(super) step: Step<J>,
    /// To be woken.
    pub(super) consumer: Option<Waker>,
    /// Whether the worker should let others run first.
    pub(super) give_way: bool,
}

impl<J, R> Hub<J, R> {
    pub(super) fn new(limit: Limit, ordered: bool, ends: fn(&R) -> bool) -> Self {
        Self {
            state: Lock::new(State {
                jobs: VecDeque::new(),
                results: VecDeque::new(),
                first: 0,
                window: Window::new(limit),
                running: 0,
                workers: 0,
                active: 0,
                looking: 0,
                next_worker: 0,
                idle: Vec::new(),
                consumer: None,
                called: false,
                closed: false,
            }),
            cores: available_parallelism().map_or(1, usize::from),
            ordered,
            ends,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.state.lock().window.width()
    }

    pub(super) fn measures(&self) -> bool {
        self.state.lock().window.measures()
    }

    /// Brings jobs. To be followed by [`Self::staff`] until it wants nothing more.
    pub(super) fn bring(&self, jobs: &mut Vec<(u64, J)>) {
        let mut state = self.state.lock();
        state.jobs.extend(jobs.drain(..));
    }

    /// Finds out whether a worker more should be active, and counts it as such.
    pub(super) fn staff(&self) -> More {
        let mut state = self.state.lock();
        self.staff_locked(&mut state)
    }

    fn staff_locked(&self, state: &mut State<J, R>) -> More {
        let enough = state.jobs.len() <= state.looking || state.active >= self.cores;
        let width = state.window.width();
        if enough || state.running >= width {
            return More::Nothing;
        }
        let more = match state.idle.pop() {
            Some((_, waker)) => More::Wake(waker),
            None if state.workers < width => {
                state.workers += 1;
                state.next_worker += 1;
                More::Spawn(state.next_worker)
            }
            None => return More::Nothing,
        };
        state.active += 1;
        state.looking += 1;
        more
    }

    /// Takes the first job for a worker that was spawned or woken; `None` if it was woken by
    /// somebody else, and rests on.
    ///
    /// A `patient` worker is one whose last job waited. The next is likely to wait as well, so
    /// it does not count as active, which saves saying so when that happens.
    pub(super) fn first_job(
        &self,
        worker: usize,
        patient: bool,
        waker: &Waker,
    ) -> Option<(Step<J>, More)> {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let mut idle = state.idle.iter_mut();
        if let Some((_, known)) = idle.find(|(number, _)| *number == worker) {
            let old = (!known.will_wake(waker)).then(|| std::mem::replace(known, waker.clone()));
            drop(guard);
            drop(old);
            return None;
        }
        state.looking -= 1;
        let step = Self::next_locked(state, true, worker, waker);
        let more = if patient && matches!(step, Step::Run(..)) {
            state.active -= 1;
            self.staff_locked(state)
        } else {
            More::Nothing
        };
        Some((step, more))
    }

    /// `counted` says whether the worker counts as active.
    fn next_locked(
        state: &mut State<J, R>,
        counted: bool,
        worker: usize,
        waker: &Waker,
    ) -> Step<J> {
        if state.running < state.window.width()
            && let Some((number, job)) = state.jobs.pop_front()
        {
            state.running += 1;
            return Step::Run(number, job);
        }
        state.active -= usize::from(counted);
        if state.closed && state.jobs.is_empty() {
            state.workers -= 1;
            return Step::End;
        }
        state.idle.push((worker, waker.clone()));
        Step::Rest
    }

    /// Says that the job of an active worker waits.
    pub(super) fn waits(&self) -> More {
        let mut state = self.state.lock();
        state.active -= 1;
        self.staff_locked(&mut state)
    }

    /// Leaves a result, and takes the next job. `counted` says whether the worker counts as
    /// active from now on.
    pub(super) fn finish(
        &self,
        number: u64,
        result: R,
        latency: Option<Duration>,
        (was_active, counted): (bool, bool),
        (worker, waker): (usize, &Waker),
    ) -> Finished<J> {
        let ends = (self.ends)(&result);
        let mut unwanted = VecDeque::new();
        let mut guard = self.state.lock();
        let state = &mut *guard;
        state.running -= 1;
        if counted && !was_active {
            state.active += 1;
        }
        if let Some(latency) = latency {
            state.window.learn(latency, state.running);
        }
        if self.ordered {
            let place = (number - state.first) as usize;
            if state.results.len() <= place {
                state.results.resize_with(place + 1, || None);
            }
            state.results[place] = Some(result);
        } else {
            state.results.push_back(Some(result));
        }
        if ends {
            state.closed = true;
            unwanted = std::mem::take(&mut state.jobs);
        }
        let step = Self::next_locked(state, counted, worker, waker);
        let consumer = match state.results.front() {
            Some(Some(_)) => state.consumer.take(),
            _ => None,
        };
        state.called |= consumer.is_some();
        // The consumer is to bring more jobs before they are used up. It may be queued behind
        // this worker, on the same thread.
        let few = state.jobs.len() <= state.window.width() / 2;
        let give_way = few && std::mem::take(&mut state.called);
        drop(guard);
        drop(unwanted);
        Finished {
            step,
            consumer,
            give_way,
        }
    }

    /// Takes all results that are due; keeps the waker if there is none.
    pub(super) fn results(&self, taken: &mut VecDeque<R>, waker: &Waker) {
        let mut state = self.state.lock();
        state.called = false;
        let before = taken.len();
        while let Some(Some(_)) = state.results.front() {
            taken.extend(state.results.pop_front().flatten());
            state.first += 1;
        }
        if taken.len() == before {
            let old = wait::replace_waker(&mut state.consumer, waker);
            drop(state);
            drop(old);
        }
    }

    /// Says that no more jobs come: workers that rest end.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        // They look for jobs, find none, and end.
        state.active += idle.len();
        state.looking += idle.len();
        drop(state);
        idle.into_iter().for_each(|(_, waker)| waker.wake());
    }
}
