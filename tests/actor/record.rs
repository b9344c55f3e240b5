//! What happened, in order.

use nimsync::prelude::*;
use std::sync::{Arc, Mutex};

/// What most tests begin with: a record, and a system whose actors write into it.
pub(super) fn set_up() -> (Record, ActorSystem) {
    (Record::default(), ActorSystem::new())
}

#[derive(Clone, Debug, Default)]
pub(super) struct Record(Arc<Mutex<Vec<String>>>);

impl Record {
    pub(super) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
