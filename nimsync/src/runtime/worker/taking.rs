//! Where a worker finds the task that it runs next.

use super::{MOST_NEXT, Worker};
use crate::stats::{self, Counter};
use crate::task::{Batch, Runnable};
use crossbeam_deque::{Steal, Worker as Deque};

impl Worker {
    // Inlined into the loop: it is a part of each hop from task to task.
    #[inline(always)]
    pub(super) fn next_here(&self) -> Option<Runnable> {
        let place = self.place();
        if self.injector_first.get() {
            self.injector_first.set(false);
            if let Some(runnable) = self.next_injected() {
                return Some(runnable);
            }
        }
        // A pinned task never runs twice while others wait, so that two of them
        // that wake each other do not keep the rest from running.
        if self.deque_was_last.get()
            && let Some(runnable) = self.next_pinned(false)
        {
            self.deque_was_last.set(false);
            return Some(runnable);
        }
        self.deque_was_last.set(true);
        if self.next_in_a_row.get() < MOST_NEXT
            && let Some(runnable) = place.take_next()
        {
            self.next_in_a_row.set(self.next_in_a_row.get() + 1);
            return Some(runnable);
        }
        self.next_in_a_row.set(0);
        if let Some(runnable) = self.deque.as_ref().and_then(Deque::pop) {
            self.taken.set(self.taken.get() + 1);
            return Some(runnable);
        }
        self.next_pinned(true)
            .or_else(|| place.take_next())
            .or_else(|| self.next_injected())
    }

    /// Finds something to run where there is nothing here.
    #[inline(never)]
    pub(super) fn next_elsewhere(&self, batch: &mut Batch) -> Option<Runnable> {
        // What the batch wakes comes before what others have queued.
        batch.flush();
        self.next_here().or_else(|| self.search())
    }

    fn next_injected(&self) -> Option<Runnable> {
        // Asking first: an attempt to steal from an empty queue costs a fence.
        if self.shared.injector.is_empty() {
            return None;
        }
        loop {
            let stolen = match &self.deque {
                Some(deque) => self.shared.injector.steal_batch_and_pop(deque),
                None => self.shared.injector.steal(),
            };
            match stolen {
                Steal::Success(runnable) => return Some(runnable),
                Steal::Empty => return None,
                Steal::Retry => {}
            }
        }
    }

    /// Looks for work in the queues of others.
    fn search(&self) -> Option<Runnable> {
        let Some(deque) = &self.deque else {
            return self.steal_one();
        };
        if !self.is_searching() {
            if !self.shared.idle.start_searching() {
                return None;
            }
            self.set_searching(true);
        }
        let seats = &self.shared.seats;
        let first = fastrand::usize(..seats.len());
        let others = (0..seats.len())
            .map(|i| (first + i) % seats.len())
            .filter(|&i| i != self.number);
        let mut again = true;
        while std::mem::take(&mut again) {
            for i in others.clone() {
                match seats[i].stealer.steal_batch_and_pop(deque) {
                    Steal::Success(runnable) => {
                        stats::count(Counter::Steals, 1);
                        return Some(runnable);
                    }
                    Steal::Empty => {}
                    Steal::Retry => again = true,
                }
            }
        }
        self.next_injected()
    }

    /// Takes a task from another seat, for a guest. That seat may be this very
    /// thread's, which has entered the runtime twice.
    fn steal_one(&self) -> Option<Runnable> {
        self.shared.seats.iter().find_map(|seat| {
            loop {
                match seat.stealer.steal() {
                    Steal::Success(runnable) => {
                        stats::count(Counter::Steals, 1);
                        return Some(runnable);
                    }
                    Steal::Empty => return None,
                    Steal::Retry => {}
                }
            }
        })
    }

    /// Takes the next task that is pinned here, if it is its turn.
    #[inline]
    fn next_pinned(&self, deque_is_empty: bool) -> Option<Runnable> {
        // What is queued here is held: most workers hold nothing, and need not look.
        if self.held.get() == 0 && !deque_is_empty {
            return None;
        }
        if self.pinned.borrow().is_empty() && self.place().pinned.is_empty() {
            return None;
        }
        self.pop_pinned(deque_is_empty)
    }

    #[inline(never)]
    fn pop_pinned(&self, deque_is_empty: bool) -> Option<Runnable> {
        // Asking first: an attempt to pop from an empty queue costs a fence.
        let remote = &self.place().pinned;
        while !remote.is_empty()
            && let Some(runnable) = remote.pop()
        {
            self.pin(runnable, false);
        }
        let mut pinned = self.pinned.borrow_mut();
        let (_, turn) = pinned.front()?;
        if deque_is_empty || *turn <= self.taken.get() {
            return pinned.pop_front().map(|(runnable, _)| runnable);
        }
        None
    }
}
