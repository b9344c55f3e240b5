//! Groups by tokio's `JoinSet`.

use nimsync_benches::peers::{Peer, Tokio};
use nimsync_benches::tally::{self, Alive};
use nimsync_benches::work;
use tokio::task::JoinSet;

use crate::{FAILS, SIZE};

pub(crate) fn spawned(tokio: &Tokio, groups: u64, size: u64) {
    tokio.in_task(async move {
        for _ in 0..groups {
            let mut set: JoinSet<u64> = (0..size).map(|i| async move { i }).collect();
            let mut sum = 0;
            while let Some(result) = set.join_next().await {
                sum += result.expect("no task panics");
            }
            assert_eq!(sum, size * (size - 1) / 2);
        }
    });
}

pub(crate) fn one_fails(tokio: &Tokio, groups: u64) {
    tokio.in_task(async move {
        for _ in 0..groups {
            tally::reset();
            let mut set: JoinSet<_> = (0..SIZE)
                .map(|i| work::failing(Alive::begin(), i == FAILS))
                .collect();
            let first = set.join_next().await.expect("the set is not empty");
            assert!(first.expect("no task panics").is_err());
            set.shutdown().await;
            assert_eq!(tally::ended(), SIZE);
        }
    });
}
