//! What happened, in order.

use std::sync::{Arc, Mutex};

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
