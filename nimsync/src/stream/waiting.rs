//! Senders that wait for room, in the order in which they came.

use crate::wait;
use std::collections::VecDeque;
use std::task::Waker;

/// The place of a sender in the line.
pub(super) type Ticket = u64;

/// Senders that wait for room; kept under the lock of the buffer.
///
/// Who is woken keeps its place until it has got its room or gives up: a call
/// that has not waited may be faster, and then its turn comes again first.
#[derive(Default)]
pub(super) struct Waiting {
    line: VecDeque<Entry>,
    next: Ticket,
}

struct Entry {
    ticket: Ticket,
    /// `None` while a wake-up is under way.
    waker: Option<Waker>,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    fn position(&self, ticket: Ticket) -> Option<usize> {
        self.line
            .binary_search_by_key(&ticket, |entry| entry.ticket)
            .ok()
    }

    /// Puts a sender into the line, or gives it its new waker where it stands.
    ///
    /// Returns the waker that it replaces, to be dropped outside of the lock.
    #[must_use]
    pub(super) fn stand(&mut self, ticket: &mut Option<Ticket>, waker: &Waker) -> Option<Waker> {
        let place = ticket.and_then(|ticket| self.position(ticket));
        if let Some(place) = place {
            return wait::replace_waker(&mut self.line[place].waker, waker);
        }
        *ticket = Some(self.next);
        self.line.push_back(Entry {
            ticket: self.next,
            waker: Some(waker.clone()),
        });
        self.next += 1;
        None
    }

    /// Takes a sender out. Returns what has to be dropped outside of the lock, or
    /// says that it had been woken, so that its wake-up has to be used or passed on.
    pub(super) fn leave(&mut self, ticket: &mut Option<Ticket>) -> Left {
        let place = ticket.take().and_then(|ticket| self.position(ticket));
        match place.and_then(|place| self.line.remove(place)) {
            None => Left::NotThere,
            Some(Entry {
                waker: Some(waker), ..
            }) => Left::Waiting(waker),
            Some(_) => Left::Woken,
        }
    }

    /// Takes the waker of the first who is not woken yet.
    pub(super) fn wake_one(&mut self) -> Option<Waker> {
        self.line.iter_mut().find_map(|entry| entry.waker.take())
    }

    /// Takes all wakers.
    pub(super) fn wake_all(&mut self) -> Vec<Waker> {
        self.line
            .iter_mut()
            .filter_map(|entry| entry.waker.take())
            .collect()
    }
}

/// What a sender was when it left the line.
pub(super) enum Left {
    NotThere,
    /// It had not been woken: its waker.
    Waiting(#[expect(dead_code, reason = "kept to be dropped outside of the lock")] Waker),
    /// It had been woken.
    Woken,
}
