//! Cancelling on the peers.

use nimsync_benches::peers::Timers;
use nimsync_benches::{Stopwatch, settle, tally};

pub(crate) fn sleepers<P: Timers>(peer: &P, n: u64) -> [f64; 2] {
    tally::reset();
    peer.in_task(async move {
        let handles: Vec<_> = (0..n).map(|_| P::spawn_sleeper()).collect();
        tally::all_started(n, P::yield_now).await;
        settle();

        let watch = Stopwatch::start();
        P::cancel_all(handles).await;
        tally::all_ended(n, P::yield_now).await;
        watch.per_op(n)
    })
}
