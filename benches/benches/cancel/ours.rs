//! Cancelling a nimsync group.

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::{Stopwatch, settle, tally, work};

pub(crate) fn sleepers(runtime: &Runtime, n: u64) -> [f64; 2] {
    tally::reset();
    runtime.block_on(async {
        let mut watch = Stopwatch::start();
        let group = task_group!(|g| {
            for _ in 0..n {
                g.spawn(work::sleeper(nimsync::sleep));
            }
            tally::all_started(n, nimsync::yield_now).await;
            settle();

            watch = Stopwatch::start();
            g.cancel();
        });
        // Whether a group that was cancelled on purpose succeeds is not the question here.
        drop(group.await);
        let spent = watch.per_op(n);
        assert_eq!(tally::ended(), n);
        spent
    })
}
