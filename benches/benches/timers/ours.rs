//! nimsync's timers.

use std::future::ready;
use std::pin::pin;

use futures::poll;
use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::ours::in_task;
use nimsync_benches::work::{self, HOUR};

pub(crate) fn timeout_ready(runtime: &Runtime, n: u64) {
    let sum = runtime.block_on(async {
        let mut sum = 0;
        for i in 0..n {
            let value = nimsync::timeout(HOUR, ready(i)).await;
            sum += value.expect("it is ready");
        }
        sum
    });
    assert_eq!(sum, n * (n - 1) / 2);
}

pub(crate) fn sleep_dropped(runtime: &Runtime, n: u64) {
    runtime.block_on(async {
        for _ in 0..n {
            let sleep = pin!(nimsync::sleep(HOUR));
            assert!(poll!(sleep).is_pending());
        }
    });
}

pub(crate) fn timeout_yield(runtime: &Runtime, tasks: u64, times: u64) {
    check_sum(runtime, tasks, times, move || {
        let timeout = || async { nimsync::timeout(HOUR, nimsync::yield_now()).await.ok() };
        work::timeouts(times, timeout)
    });
}

pub(crate) fn sleep_fires(runtime: &Runtime, tasks: u64, times: u64) {
    check_sum(runtime, tasks, times, move || {
        work::sleeps(times, nimsync::sleep)
    });
}

fn check_sum<C, F>(runtime: &Runtime, tasks: u64, times: u64, child: C)
where
    C: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = u64> + Send + 'static,
{
    in_task(runtime, async move {
        let sum = task_group!(|g| {
            let children: Vec<_> = (0..tasks).map(|_| g.spawn(child())).collect();
            let mut sum = 0;
            for child in children {
                sum += child.await;
            }
            sum
        });
        assert_eq!(sum.await.expect("no task fails"), tasks * times);
    });
}
