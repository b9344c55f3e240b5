//! Parallel children that borrow: `rt.scope(..)` and `task_group!(own(..), ..)`.

use nimsync::prelude::*;
use nimsync::{Outcome, Runtime};
use nimsync_tests::Census;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

#[test]
fn a_scope_lends_to_parallel_children() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let mut numbers: Vec<u64> = (0..1_000).collect();
    let sum = runtime
        .scope(|s| {
            let children: Vec<_> = numbers
                .chunks_mut(100)
                .map(|part| {
                    s.spawn(async move {
                        nimsync::yield_now().await;
                        part.iter_mut().for_each(|n| *n += 1);
                        part.iter().sum::<u64>()
                    })
                })
                .collect();
            children
                .into_iter()
                .map(|child| child.join().done().unwrap())
                .sum::<u64>()
        })
        .unwrap();
    assert_eq!(sum, numbers.iter().sum::<u64>());
    assert_eq!(sum, (1..=1_000).sum::<u64>());
}

#[test]
fn a_scope_waits_for_children_that_nobody_joins() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let count = AtomicUsize::new(0);
    runtime
        .scope(|s| {
            for _ in 0..100 {
                s.spawn(async {
                    nimsync::yield_now().await;
                    count.fetch_add(1, Ordering::SeqCst);
                });
            }
        })
        .unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 100);
}

#[test]
fn a_failure_in_a_scope_is_its_result() {
    let runtime = Runtime::local().build().unwrap();
    let census = Census::new();
    let error = runtime.scope(|s| {
        let alive = census.guard();
        s.spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        let failed = s.spawn(async { Err::<(), _>("no") }).join();
        assert!(matches!(failed, Outcome::Failed(_)));
    });
    assert!(error.unwrap_err().to_string().ends_with("failed: no"));
    assert_eq!(census.alive(), 0);
}

#[test]
fn a_panic_in_a_scope_comes_after_its_children() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let census = Census::new();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.scope(|s| {
            let alive = census.guard();
            s.spawn(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
            panic!("in the body");
        })
    }));
    assert!(outcome.is_err());
    assert_eq!(census.alive(), 0);
}

#[nimsync::test(workers = 2)]
async fn an_owned_environment_is_lent_in_parallel_and_comes_back() {
    let rows: Vec<u64> = (0..1_000).collect();
    let name = String::from("rows");
    let (total, (rows, name)) = task_group!(own(rows, name), |g| {
        let mut children = Vec::new();
        for part in rows.chunks_mut(250) {
            let name: &str = name;
            children.push(g.spawn(async move {
                nimsync::yield_now().await;
                part.iter_mut().for_each(|n| *n += name.len() as u64);
                nimsync::yield_now().await;
                part.iter().sum::<u64>()
            }));
        }
        let mut total = 0;
        for child in children {
            total += child.await;
        }
        total
    })
    .await;
    assert_eq!(total.unwrap(), rows.iter().sum::<u64>());
    assert_eq!((rows[0], rows[999], name.as_str()), (4, 1_003, "rows"));
}

#[nimsync::test(start_paused = true)]
async fn an_owned_group_has_services_names_and_room() {
    let rows = vec![1, 2, 3];
    let (result, (rows,)) = task_group!(own(rows), limit = 1, |g| {
        let (first, rest) = rows.split_at_mut(1);
        let ticks = g.service(async move {
            loop {
                first[0] += 1;
                sleep(1.minutes()).await;
            }
        });
        for row in rest {
            g.ready().await;
            let child = g.task("doubler").spawn(async move {
                sleep(1.seconds()).await;
                *row *= 2;
            });
            assert_eq!(child.name(), Some("doubler"));
        }
        drop(ticks);
    })
    .await;
    result.unwrap();
    assert_eq!(rows, [2, 4, 6]);
}

#[nimsync::test]
async fn the_environment_comes_back_from_a_group_that_failed() {
    let rows = vec![1, 2, 3];
    let (result, (rows,)) = task_group!(own(rows), policy = collect_errors, |g| {
        for row in rows.iter_mut() {
            g.spawn(async move {
                *row *= 2;
                if *row == 4 { Err("four") } else { Ok(()) }
            });
        }
    })
    .await;
    assert!(result.is_err());
    assert_eq!(rows, [2, 4, 6]);
}

/// The environment lives as long as a child that borrows from it, whatever
/// becomes of the group's future.
#[nimsync::test]
async fn an_owned_group_that_is_polled_once_and_forgotten_keeps_its_environment() {
    struct Canary(Arc<AtomicUsize>);
    impl Drop for Canary {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let progress = Arc::new(AtomicUsize::new(0));
    let canary = Canary(dropped.clone());
    let (dropped2, progress2) = (dropped.clone(), progress.clone());
    let mut group = Box::pin(task_group!(own(canary), |g| {
        let canary = &*canary;
        g.spawn(async move {
            for _ in 0..100 {
                assert_eq!(canary.0.load(Ordering::SeqCst), 0, "used after its end");
                progress2.fetch_add(1, Ordering::SeqCst);
                nimsync::yield_now().await;
            }
        });
        std::future::pending::<()>().await;
    }));
    std::future::poll_fn(|cx| {
        assert!(group.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    std::mem::forget(group);
    while progress.load(Ordering::SeqCst) < 100 {
        nimsync::yield_now().await;
    }
    assert_eq!(
        dropped2.load(Ordering::SeqCst),
        0,
        "the forgotten future owns it"
    );
}

#[nimsync::test(workers = 2)]
async fn an_owned_group_that_is_dropped_frees_its_environment_after_its_children() {
    let census = Census::new();
    let inner = census.clone();
    task_group!(|g| {
        g.spawn(async move {
            let environment = inner.guard();
            let mut group = Box::pin(task_group!(own(environment), |g| {
                let environment = &*environment;
                for _ in 0..10 {
                    g.spawn(async move {
                        let _borrowed = environment;
                        shield!(nimsync::yield_now()).await;
                        std::future::pending::<()>().await;
                    });
                }
                std::future::pending::<()>().await;
            }));
            std::future::poll_fn(|cx| {
                assert!(group.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            nimsync::yield_now().await;
            drop(group);
        });
    })
    .await
    .unwrap();
    assert_eq!(census.alive(), 0);
}
