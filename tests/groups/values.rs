//! What children and bodies return, and the ways to open a group and to spawn.

use nimsync::prelude::*;
use nimsync::{BoxError, GroupOptions, Policy};
use nimsync_tests::Census;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

async fn fetch(n: u32) -> Result<String, io::Error> {
    nimsync::yield_now().await;
    Ok(format!("page {n}"))
}

#[nimsync::test]
async fn the_example_of_the_contract_works() {
    async fn audit() -> u32 {
        7
    }
    let mut log = Vec::new();
    let total = task_group!(|g| {
        let a = g.spawn(fetch(1));
        let b = g.spawn(async move { fetch(22).await });
        g.spawn_local(async {
            log.push(audit().await);
        });
        g.spawn_blocking(|| std::fs::read("Cargo.toml"));
        g.spawn(async {
            fetch(3).await?;
        });
        a.await.len() + b.await.len()
    })
    .await;
    assert_eq!(total.unwrap(), 13);
    assert_eq!(log, [7]);
}

#[nimsync::test(workers = 4)]
async fn children_run_in_parallel() {
    // Each child waits until all have begun, which a single worker could not do.
    let barrier = Arc::new(std::sync::Barrier::new(3));
    task_group!(|g| {
        for _ in 0..3 {
            let barrier = barrier.clone();
            g.spawn(async move {
                barrier.wait();
            });
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn a_body_without_a_value_may_use_the_question_mark() {
    let outcome = task_group!(|g| {
        g.spawn(fetch(1));
        let _: u32 = "no number".parse()?;
    })
    .await;
    let error = outcome.unwrap_err();
    assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    assert!(
        error
            .to_string()
            .starts_with("the body of the group failed: ")
    );
}

#[nimsync::test]
async fn children_may_have_different_error_types() {
    let error = task_group!(policy = collect_errors, |g| {
        g.task("io")
            .spawn(async { Err::<(), _>(io::Error::other("disk")) });
        g.task("text").spawn(async { Err::<(), _>("words") });
        g.task("any")
            .spawn(async { Err::<(), _>(anyhow::anyhow!("anyhow")) });
        g.task("fine").spawn(async { 5 });
    })
    .await
    .unwrap_err();
    let mut names: Vec<_> = error.failures().iter().map(|f| f.name().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["any", "io", "text"]);
    assert_eq!(
        error.downcast_ref::<io::Error>().unwrap().to_string(),
        "disk"
    );
    // The text of the error is in that of the group.
    let boxed: BoxError = error.into();
    assert!(boxed.source().is_none());
}

#[nimsync::test]
async fn a_chain_that_is_printed_has_nothing_twice() {
    let error = task_group!(|g| {
        g.task("load").spawn(async {
            let read = || nimsync::fs::read("/no/such/file");
            let bytes = nimsync::retry(nimsync::Retry::times(0), read).await;
            bytes.map_err(anyhow::Error::from)?;
            Ok::<_, anyhow::Error>(())
        });
    });
    let error = anyhow::Error::from(error.await.unwrap_err()).context("starting");
    assert_eq!(
        format!("{error:#}"),
        "starting: task `load` failed: gave up after 1 attempt: read `/no/such/file`: \
         No such file or directory (os error 2)"
    );
}

#[nimsync::test]
async fn groups_nest_in_any_mixture() {
    let mut total = 0;
    task_group!(|outer| {
        outer.spawn_local(async {
            total += task_group!(|inner| {
                let a = inner.spawn(async {
                    task_group!(|g| { g.spawn(async { 2 }).await })
                        .await
                        .unwrap()
                });
                let b = outer.spawn(async { 3 });
                a.await + b.await
            })
            .await
            .unwrap();
        });
    })
    .await
    .unwrap();
    assert_eq!(total, 5);
}

#[nimsync::test]
async fn a_group_can_be_opened_without_the_macro() {
    let options = GroupOptions::new()
        .policy(Policy::CollectErrors)
        .name("plain");
    let error = TaskGroup::run(options, async |g| {
        g.spawn(async { Err::<(), _>("no") });
        "value"
    })
    .await
    .unwrap_err();
    assert_eq!(error.name(), Some("plain"));
}

#[nimsync::test]
async fn the_group_can_be_passed_to_functions() {
    async fn feed(g: &TaskGroup<'_>, count: &Arc<AtomicUsize>) {
        for _ in 0..3 {
            let count = count.clone();
            g.spawn(async move { count.fetch_add(1, Ordering::SeqCst) });
        }
    }
    let count = Arc::new(AtomicUsize::new(0));
    task_group!(|g| { feed(g, &count).await }).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[nimsync::test]
async fn a_spawner_works_from_children_and_as_futures_spawn() {
    use futures::task::SpawnExt;
    let count = Arc::new(AtomicUsize::new(0));
    let seen = count.clone();
    let kept = task_group!(|g| {
        let spawner = g.spawner();
        let kept = spawner.clone();
        g.spawn(async move {
            let inner = seen.clone();
            spawner
                .spawn(async move { inner.fetch_add(1, Ordering::SeqCst) })
                .unwrap();
            SpawnExt::spawn(&spawner, async move {
                seen.fetch_add(1, Ordering::SeqCst);
            })?;
        });
        Ok(kept)
    })
    .await
    .unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let census = Census::new();
    let alive = census.guard();
    let refused = kept.spawn(async move { drop(alive) });
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the task group has ended and takes no more children"
    );
    assert_eq!(census.alive(), 0);
}

#[nimsync::test]
async fn foreign_combinators_work_inside() {
    use futures::future::{join, join_all, select};
    let sum = task_group!(|g| {
        let (a, b) = join(g.spawn(async { 1 }), g.spawn(async { 2 })).await;
        let many = join_all((0..50).map(|i| g.spawn(async move { i }))).await;
        let quick = g.spawn(async { 10 });
        let slow = g.spawn(std::future::pending::<i32>());
        let picked = select(quick, slow).await.factor_first().0;
        g.cancel();
        a + b + many.len() as i32 + picked
    })
    .await;
    assert_eq!(sum.unwrap(), 63);
}

#[nimsync::test]
async fn ten_thousand_nested_groups_end() {
    fn nest(depth: u32, census: Census) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(async move {
            let _alive = census.guard();
            if depth == 0 {
                return;
            }
            task_group!(|g| {
                g.spawn(nest(depth - 1, census.clone()));
            })
            .await
            .unwrap();
        })
    }
    let census = Census::new();
    nest(10_000, census.clone()).await;
    assert_eq!((census.born(), census.alive()), (10_001, 0));
}

#[nimsync::test]
async fn ten_thousand_nested_groups_are_cancelled() {
    fn nest(depth: u32, census: Census) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(async move {
            let _alive = census.guard();
            if depth == 0 {
                std::future::pending::<()>().await;
            }
            task_group!(|g| {
                g.spawn(nest(depth - 1, census.clone()));
            })
            .await
            .unwrap();
        })
    }
    let census = Census::new();
    let scope = CancelScope::new();
    let outcome = {
        let census = census.clone();
        task_group!(|g| {
            g.spawn_local(async {
                while census.born() < 10_001 {
                    nimsync::yield_now().await;
                }
                scope.cancel();
            });
            scope.run(nest(10_000, census.clone())).await.is_err()
        })
        .await
    };
    assert!(outcome.unwrap());
    assert_eq!((census.born(), census.alive()), (10_001, 0));
}
