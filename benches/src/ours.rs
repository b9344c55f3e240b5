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
pub fn in_task(runtime: &Runtime, future: impl Future<Output = ()> + Send + 'static) {
    runtime
        .block_on(async { task_group!(|g| { g.spawn(future).await }).await })
        .expect("the task succeeds");
}
