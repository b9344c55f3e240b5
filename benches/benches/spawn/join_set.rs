//! Spawning into tokio's `JoinSet`.

use nimsync_benches::peers::{Peer, Tokio};
use tokio::task::JoinSet;

pub(crate) fn from_root(tokio: &Tokio, n: u64) {
    tokio.block_on(spawn_and_join(n));
}

pub(crate) fn from_task(tokio: &Tokio, n: u64) {
    tokio.in_task(spawn_and_join(n));
}

async fn spawn_and_join(n: u64) {
    let mut set: JoinSet<u64> = (0..n).map(|i| async move { i }).collect();
    let mut sum = 0;
    while let Some(result) = set.join_next().await {
        sum += result.expect("no task fails");
    }
    assert_eq!(sum, n * (n - 1) / 2);
}
