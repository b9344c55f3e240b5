//! How programs of actors come to an end: what happens in them is counted, or
//! an actor has a result.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::channel::oneshot::{Receiver, Sender, channel};
use futures::lock::Mutex;

/// Held by those who report that something has happened.
#[derive(Clone, Debug)]
pub struct Finish(Arc<Count>);

/// Waits for the reports.
pub type Finished = Receiver<()>;

#[derive(Debug)]
struct Count {
    left: AtomicU64,
    last: Mutex<Option<Sender<()>>>,
}

/// Returns what reports, and what waits until there were `reports`.
pub fn finish(reports: u64) -> (Finish, Finished) {
    let (last, finished) = channel();
    let count = Count {
        left: AtomicU64::new(reports),
        last: Mutex::new(Some(last)),
    };
    (Finish(Arc::new(count)), finished)
}

impl Finish {
    /// Reports.
    pub fn arrive(&self) {
        // AcqRel: what was done before any report is visible after the last.
        if self.0.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let mut last = self.0.last.try_lock().expect("the last is alone");
            let last = last.take().expect("there is one last report");
            // Who waits may have gone.
            let _ = last.send(());
        }
    }
}

/// Held by the actor that has the result.
#[derive(Debug)]
pub struct Report<T>(Option<Sender<T>>);

/// Returns what reports a result, and what waits for it.
pub fn report<T>() -> (Report<T>, Receiver<T>) {
    let (report, reported) = channel();
    (Report(Some(report)), reported)
}

impl<T> Report<T> {
    /// Reports, once.
    pub fn send(&mut self, result: T) {
        let report = self.0.take().expect("there is one result");
        // Who waits may have gone.
        let _ = report.send(result);
    }
}
