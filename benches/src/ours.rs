//! What nimsync's side of several benches needs.

use nimsync::Runtime;
use nimsync::prelude::*;

use crate::WORKERS;

/// Starts nimsync's runtime.
pub fn start() -> Runtime {
    Runtime::builder()
        .workers(WORKERS)
        .build()
        .expect("the runtime starts")
}

/// Runs `future` in a task of its own, as `Peer::in_task` does.
pub fn in_task<F>(runtime: &Runtime, future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let (done, end) = nimsync::channel::oneshot();
    runtime.block_on(async {
        let group = task_group!(|g| {
            g.spawn(async move {
                // The receiver is there for as long as the group.
                let _ = done.send(future.await);
            });
        });
        group.await.expect("the task succeeds");
        end.await.expect("the task has sent it")
    })
}

/// Sums up what it is told; the actor of most small cases.
#[actor]
#[derive(Debug, Default)]
pub struct Counter {
    sum: u64,
}

#[actor]
impl Counter {
    /// Adds a number, and returns the sum.
    pub fn add(&mut self, by: u64) -> u64 {
        self.sum += by;
        self.sum
    }

    /// Returns the sum.
    pub fn get(&self) -> u64 {
        self.sum
    }
}
