//! Cancelling tokio's `JoinSet`.

use nimsync_benches::peers::{Peer, Tokio};
use nimsync_benches::{Stopwatch, settle, tally, work};
use tokio::task::JoinSet;

pub(crate) fn sleepers(tokio: &Tokio, n: u64) -> [f64; 2] {
    tally::reset();
    tokio.in_task(async move {
        let mut set: JoinSet<()> = (0..n).map(|_| work::sleeper(tokio::time::sleep)).collect();
        tally::all_started(n, tokio::task::yield_now).await;
        settle();

        let watch = Stopwatch::start();
        set.shutdown().await;
        let spent = watch.per_op(n);
        assert_eq!(tally::ended(), n);
        spent
    })
}
