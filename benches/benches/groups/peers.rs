//! Groups as one builds them on the peers: spawn, keep the handles, join.

use futures::stream::{FuturesUnordered, TryStreamExt};
use nimsync_benches::peers::Peer;
use nimsync_benches::tally::{self, Alive};
use nimsync_benches::work;

use crate::{FAILS, SIZE};

pub(crate) fn spawned<P: Peer>(peer: &P, groups: u64, size: u64) {
    peer.in_task(async move {
        for _ in 0..groups {
            let handles: Vec<_> = (0..size).map(|i| P::spawn(async move { i })).collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await;
            }
            assert_eq!(sum, size * (size - 1) / 2);
        }
    });
}

pub(crate) fn one_fails<P: Peer>(peer: &P, groups: u64) {
    peer.in_task(async move {
        for _ in 0..groups {
            tally::reset();
            let mut handles: Vec<_> = (0..SIZE)
                .map(|i| P::spawn(work::failing(Alive::begin(), i == FAILS)))
                .collect();
            // Not `try_join_all`, which looks at results in order and would wait for ever.
            let mut results: FuturesUnordered<_> = handles.iter_mut().collect();
            assert!(results.try_next().await.is_err());
            drop(results);
            P::cancel_all(handles).await;
            tally::all_ended(SIZE, P::yield_now).await;
        }
    });
}
