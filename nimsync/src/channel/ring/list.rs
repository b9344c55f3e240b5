//! No bound: a queue that grows, behind a lock.
//!
//! A lock of a few instructions is what a list of blocks costs as well, without blocks that stay: what was grown for a peak is given
//! back when the queue runs empty.

use std::collections::VecDeque;

use super::{PopError, PushError, Pushed, Ring};
use crate::prim::Lock;

/// Room that is kept when the queue runs empty; more is given back.
const KEPT: usize = 64;

/// The queue of `unbounded`.
pub struct List<T> {
    state: Lock<State<T>>,
}

struct State<T> {
    values: VecDeque<T>,
    promised: usize,
    closed: bool,
    /// How many values were ever taken in.
    sent: u64,
}

impl<T> List<T> {
    pub(crate) fn new() -> Self {
        List {
            state: Lock::new(State {
                values: VecDeque::new(),
                promised: 0,
                closed: false,
                sent: 0,
            }),
        }
    }

    fn pop_from(state: &mut State<T>) -> Result<(T, VecDeque<T>), PopError> {
        match state.values.pop_front() {
            Some(value) => {
                // Given back outside the lock, by the caller.
                let idle = if state.values.is_empty() && state.values.capacity() > KEPT {
                    std::mem::take(&mut state.values)
                } else {
                    VecDeque::new()
                };
                Ok((value, idle))
            }
            None if state.closed && state.promised == 0 => Err(PopError::Closed),
            None => Err(PopError::Empty),
        }
    }
}

// SAFETY: everything happens under the lock, which also is what `meet_senders` and `meet_receivers` ask for: a claim under the lock
// comes before or after the other side's last look, which takes the same lock.
unsafe impl<T> Ring for List<T> {
    type Item = T;
    type Tx = ();
    type Rx = ();
    const SOLE_SENDER: bool = false;
    const SOLE_RECEIVER: bool = false;

    fn sender(&self) {}

    fn receiver(&self) {}

    unsafe fn push(&self, (): &(), value: T) -> Result<(), (PushError, T)> {
        let mut state = self.state.lock();
        if state.closed {
            return Err((PushError::Closed, value));
        }
        state.values.push_back(value);
        state.sent += 1;
        Ok(())
    }

    unsafe fn push_many(
        &self,
        (): &(),
        values: &mut dyn Iterator<Item = T>,
        held: &mut Option<T>,
    ) -> Pushed {
        let mut count = 0;
        while let Some(value) = held.take().or_else(|| values.next()) {
            // SAFETY: our contract.
            if let Err((error, value)) = unsafe { self.push(&(), value) } {
                *held = Some(value);
                return Pushed::new(count, Some(error));
            }
            count += 1;
        }
        Pushed::new(count, None)
    }

    unsafe fn pop(&self, (): &()) -> Result<T, PopError> {
        let mut state = self.state.lock();
        let (value, idle) = Self::pop_from(&mut state)?;
        drop(state);
        drop(idle);
        Ok(value)
    }

    unsafe fn pop_many(
        &self,
        (): &(),
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Result<usize, PopError> {
        let ready = self.len().min(limit);
        buffer.reserve(ready.max(1));
        let mut count = 0;
        while count < limit {
            if buffer.len() == buffer.capacity() {
                buffer.reserve(1);
            }
            // SAFETY: our contract.
            match unsafe { self.pop(&()) } {
                Ok(value) => buffer.push(value),
                Err(_) if count > 0 => break,
                Err(error) => return Err(error),
            }
            count += 1;
        }
        Ok(count)
    }

    unsafe fn retract(&self, (): &()) -> Option<T> {
        None
    }

    unsafe fn reserve(&self, (): &()) -> Result<(), PushError> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(PushError::Closed);
        }
        state.promised += 1;
        Ok(())
    }

    unsafe fn push_reserved(&self, (): &(), value: T) {
        let mut state = self.state.lock();
        state.promised -= 1;
        state.sent += 1;
        state.values.push_back(value);
    }

    fn release_reserved(&self) {
        self.state.lock().promised -= 1;
    }

    fn close(&self) {
        self.state.lock().closed = true;
    }

    fn meet_senders(&self) {}

    fn meet_receivers(&self) {}

    fn sent(&self) -> u64 {
        self.state.lock().sent
    }

    fn len(&self) -> usize {
        self.state.lock().values.len()
    }

    fn used(&self) -> usize {
        self.len()
    }

    fn capacity(&self) -> usize {
        usize::MAX
    }
}
