//! Children that run within their parent's task. These peers need no runtime.

use futures::stream::{FuturesUnordered, StreamExt, TryStreamExt};
use futures_concurrency::future::{FutureGroup, Join, TryJoin};
use futures_lite::future::block_on;
use nimsync_benches::tally::{self, Alive};
use nimsync_benches::work;

use crate::{FAILS, SIZE};

fn check(sum: u64, size: u64) {
    assert_eq!(sum, size * (size - 1) / 2);
}

pub(crate) fn unordered(groups: u64, size: u64) {
    block_on(async {
        for _ in 0..groups {
            let children: FuturesUnordered<_> = (0..size).map(|i| async move { i }).collect();
            let sum = children.fold(0, async |sum, value| sum + value).await;
            check(sum, size);
        }
    });
}

pub(crate) fn join(groups: u64, size: u64) {
    block_on(async {
        for _ in 0..groups {
            let children: Vec<_> = (0..size).map(|i| async move { i }).collect();
            let values = children.join().await;
            check(values.iter().sum(), size);
        }
    });
}

pub(crate) fn future_group(groups: u64, size: u64) {
    block_on(async {
        for _ in 0..groups {
            let children: FutureGroup<_> = (0..size).map(|i| async move { i }).collect();
            let sum = children.fold(0, async |sum, value| sum + value).await;
            check(sum, size);
        }
    });
}

pub(crate) fn moro(groups: u64, size: u64) {
    block_on(async {
        for _ in 0..groups {
            let sum = moro::async_scope!(|scope| {
                let children: Vec<_> = (0..size).map(|i| scope.spawn(async move { i })).collect();
                let mut sum = 0;
                for child in children {
                    sum += child.await;
                }
                sum
            });
            check(sum.await, size);
        }
    });
}

pub(crate) fn unordered_one_fails(groups: u64) {
    block_on(async {
        for _ in 0..groups {
            tally::reset();
            let mut children: FuturesUnordered<_> = (0..SIZE)
                .map(|i| work::failing(Alive::begin(), i == FAILS))
                .collect();
            assert!(children.try_next().await.is_err());
            drop(children);
            assert_eq!(tally::ended(), SIZE);
        }
    });
}

pub(crate) fn try_join_one_fails(groups: u64) {
    block_on(async {
        for _ in 0..groups {
            tally::reset();
            let children: Vec<_> = (0..SIZE)
                .map(|i| work::failing(Alive::begin(), i == FAILS))
                .collect();
            assert!(children.try_join().await.is_err());
            assert_eq!(tally::ended(), SIZE);
        }
    });
}

pub(crate) fn moro_one_fails(groups: u64) {
    block_on(async {
        for _ in 0..groups {
            tally::reset();
            // As `async_scope!`, with a body that gives the scope away by value.
            let outcome = moro::scope_fn(|scope| {
                Box::pin(async move {
                    for i in 0..SIZE {
                        let child = work::failing(Alive::begin(), i == FAILS);
                        scope.spawn(async move {
                            if let Err(error) = child.await {
                                scope.terminate(Err(error)).await
                            }
                        });
                    }
                    Ok(())
                })
            });
            assert!(outcome.await.is_err());
            assert_eq!(tally::ended(), SIZE);
        }
    });
}
