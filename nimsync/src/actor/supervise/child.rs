//! A child, as its supervisor sees it.

use super::super::addr::Link;
use super::super::control::{HALT, KILL, START, STOP};
use super::policy::Restarts;
use std::sync::Arc;
use std::time::Instant;

/// Where a child stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Halted,
    Running,
    /// Halted, and to be started then.
    Waiting(Instant),
    Ended,
}

pub(super) struct Child {
    pub(super) link: Arc<dyn Link>,
    pub(super) standing: Standing,
    pub(super) restarts: Restarts,
}

impl Child {
    pub(super) fn new(link: Arc<dyn Link>) -> Self {
        Self {
            link,
            standing: Standing::Halted,
            restarts: Restarts::default(),
        }
    }

    pub(super) fn start(&self) {
        self.link.control().order(START);
    }

    pub(super) fn halt(&self) {
        self.link.control().order(HALT);
    }

    pub(super) fn stop(&self, kill: bool) {
        // A stop as well, so that the kill is known to be for good.
        let orders = if kill { STOP | KILL } else { STOP };
        self.link.control().order(orders);
    }
}
