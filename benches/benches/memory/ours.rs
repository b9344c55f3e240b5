//! Waiting tasks on nimsync, which their group can cancel.

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::{settle, tally, work};

use crate::usage::Usage;

pub(crate) fn sleeping(runtime: &Runtime, n: u64) -> [f64; 3] {
    waiting(runtime, n, || work::sleeper(nimsync::sleep))
}

pub(crate) fn pending(runtime: &Runtime, n: u64) -> [f64; 3] {
    waiting(runtime, n, work::pender)
}

fn waiting<F>(runtime: &Runtime, n: u64, child: impl Fn() -> F) -> [f64; 3]
where
    F: Future<Output = ()> + Send + 'static,
{
    tally::reset();
    runtime.block_on(async {
        let mut growth = [0.0; 3];
        let group = task_group!(|g| {
            let before = Usage::start();
            for _ in 0..n {
                g.spawn(child());
            }
            tally::all_started(n, nimsync::yield_now).await;
            settle();
            growth = before.growth(n);
            g.cancel();
        });
        // Whether a group that was cancelled on purpose succeeds is not the question here.
        drop(group.await);
        assert_eq!(tally::ended(), n);
        growth
    })
}
