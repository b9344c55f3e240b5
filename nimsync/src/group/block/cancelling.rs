//! How a group's children are cancelled, and how the scope above reaches them.

use super::super::ledger::Adopter;
use super::Block;
use crate::cancel::{CancelReason, Cancelled, OnCancel};
use crate::task::{Node, describe_below};
use crate::tree::{GroupReport, TaskKind};
use std::task::Waker;
use std::time::Duration;

/// Tasks that are woken for a cancellation before others get at the lock.
const BATCH: usize = 64;

impl OnCancel for Block {
    fn on_cancel(&self, ended: bool) {
        let mut from = 0;
        // A group that was asked to end only wakes its core; its children are
        // woken by their own scopes.
        while ended && self.wake_cancelled(&mut from) {}
        let waker = self.state.lock().waker.clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn adopt(&self) {
        self.state.lock().orphans += 1;
    }

    fn abandon(&self) {
        {
            let mut state = self.state.lock();
            if state.abandoned || state.left.is_some() || (state.joining && state.closed) {
                return;
            }
            state.abandoned = true;
        }
        let cause = Cancelled::at(CancelReason::GroupDropped, None, self.opened_at);
        self.scope.cancel(cause);
        let Some(this) = self.this.upgrade() else {
            return;
        };
        this.leave_to(Adopter::task());
    }

    fn release(&self) {
        let (waker, last) = {
            let mut state = self.state.lock();
            state.orphans -= 1;
            let empty = state.is_empty();
            let wake = empty && state.joining;
            let waker = if wake { state.waker.take() } else { None };
            (waker, state.is_over())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        if last {
            // SAFETY: nobody is left to wait for, and the core is gone.
            unsafe { self.end_without_core() };
        }
    }

    fn describe(&self, depth: usize) -> GroupReport {
        let now = self.shared.timers().clock().nanos();
        let tasks = {
            let state = self.state.lock();
            let nodes = state.tasks.iter().map(|(_, node)| node.get());
            nodes
                .map(|node| node.describe(kind_of(node), now))
                .collect()
        };
        let cancelled = self.scope.is_asked().then(|| self.scope.cause()).flatten();
        let due = match (self.options.deadline, self.options.timeout) {
            (Some(at), _) => Some(at.saturating_duration_since(self.shared.timers().clock().now())),
            (None, Some(limit)) => {
                let spent = Duration::from_nanos(now.saturating_sub(self.opened));
                Some(limit.saturating_sub(spent))
            }
            (None, None) => None,
        };
        GroupReport {
            age: Duration::from_nanos(now.saturating_sub(self.opened)),
            due,
            name: self.options.name.clone(),
            opened_at: self.opened_at,
            cancelled: cancelled.map(ToString::to_string),
            tasks: describe_below(tasks, depth),
            groups: self.scope.describe(depth),
        }
    }
}

fn kind_of(node: &Node) -> TaskKind {
    if node.is_shielded() {
        TaskKind::Deferred
    } else if node.is_service() {
        TaskKind::Service
    } else if node.is_in_place() {
        TaskKind::InPlace
    } else {
        TaskKind::Parallel
    }
}

impl Block {
    /// Cancels and wakes the next tasks from key `from` on; `false` if there
    /// were none.
    fn wake_cancelled(&self, from: &mut usize) -> bool {
        let mut in_place = Vec::new();
        let more = {
            let state = self.state.lock();
            let end = from.saturating_add(BATCH);
            for key in *from..end.min(state.tasks.capacity()) {
                let Some(node) = state.tasks.get(key) else {
                    continue;
                };
                let node = node.get();
                if node.is_shielded() || node.is_cancelled() {
                    continue;
                }
                node.set_cancelled();
                if node.is_in_place() {
                    // Its waking may run a foreign waker.
                    in_place.push(node.waker().clone());
                } else {
                    // Under the lock, which keeps the node alive: it only
                    // pushes to a queue of the runtime.
                    node.wake();
                }
            }
            *from = end;
            end < state.tasks.capacity()
        };
        in_place.into_iter().for_each(Waker::wake);
        more
    }

    /// Cancels the children that are left once a quorum has been reached.
    pub(in crate::group) fn cancel_rest(&self) {
        self.cancel_each(|node| !node.is_shielded());
    }

    /// Cancels the services, once.
    pub(super) fn cancel_services(&self) {
        self.cancel_each(Node::is_service);
    }

    /// Cancels those tasks one by one that are not cancelled yet.
    fn cancel_each(&self, wanted: impl Fn(&Node) -> bool) {
        let mut found = Vec::new();
        {
            let state = self.state.lock();
            for (_, place) in &state.tasks {
                let node = place.get();
                if wanted(node) && !node.is_cancelled() {
                    found.push((*place, node.waker().clone()));
                }
            }
        }
        for (node, waker) in found {
            let cause = Cancelled::at(CancelReason::Done, None, self.opened_at);
            node.get().cancel(cause);
            // It has kept the node alive.
            drop(waker);
        }
    }

    /// Makes every child in place want its last poll, in which it is dropped.
    pub(in crate::group) fn doom_in_place(&self) {
        let mut wakers = Vec::new();
        let mut waited = Vec::new();
        {
            let mut state = self.state.lock();
            for (_, node) in &state.tasks {
                let node = node.get();
                if node.is_in_place() {
                    node.doom();
                    wakers.push(node.waker().clone());
                }
            }
            // Those that wait for room do not get it in time: who has it may be
            // busy yet, and nobody polls them later.
            for runnable in std::mem::take(&mut state.queued) {
                if runnable.metadata().is_in_place() {
                    state.running += 1;
                    waited.push(runnable);
                } else {
                    state.queued.push_back(runnable);
                }
            }
        }
        waited
            .into_iter()
            .for_each(|runnable| self.queue_in_place(runnable, false));
        wakers.into_iter().for_each(Waker::wake);
    }
}
