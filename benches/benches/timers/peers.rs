//! Timers of the peers.

use std::future::ready;
use std::pin::pin;

use futures::poll;
use nimsync_benches::peers::Timers;
use nimsync_benches::work::HOUR;

pub(crate) fn timeout_ready<P: Timers>(peer: &P, n: u64) {
    let sum = peer.block_on(async {
        let mut sum = 0;
        for i in 0..n {
            sum += P::timeout(HOUR, ready(i)).await.expect("it is ready");
        }
        sum
    });
    assert_eq!(sum, n * (n - 1) / 2);
}

pub(crate) fn sleep_dropped<P: Timers>(peer: &P, n: u64) {
    peer.block_on(async {
        for _ in 0..n {
            let sleep = pin!(P::sleep(HOUR));
            assert!(poll!(sleep).is_pending());
        }
    });
}

pub(crate) fn timeout_yield<P: Timers>(peer: &P, tasks: u64, times: u64) {
    let in_time = sum_of(peer, tasks, move || P::spawn_timeouts(times));
    assert_eq!(in_time, tasks * times);
}

pub(crate) fn sleep_fires<P: Timers>(peer: &P, tasks: u64, times: u64) {
    let slept = sum_of(peer, tasks, move || P::spawn_sleeps(times));
    assert_eq!(slept, tasks * times);
}

fn sum_of<P, S>(peer: &P, tasks: u64, spawn: S) -> u64
where
    P: Timers,
    S: Fn() -> P::Handle<u64> + Send + 'static,
{
    peer.in_task(async move {
        let handles: Vec<_> = (0..tasks).map(|_| spawn()).collect();
        let mut sum = 0;
        for handle in handles {
            sum += handle.await;
        }
        sum
    })
}
