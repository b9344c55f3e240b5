//! Task groups: values, errors, policies, limits, services and the rest.

use nimsync::prelude::*;
use nimsync::{BoxError, GroupOptions, Outcome, Policy, Restart};
use nimsync_tests::Census;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

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
async fn the_first_failure_cancels_the_others() {
    let census = Census::new();
    let error = task_group!(|g| {
        for _ in 0..10 {
            let alive = census.guard();
            g.spawn(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
        }
        nimsync::yield_now().await;
        g.task("bad")
            .spawn(async { Err::<(), _>(io::Error::other("no")) });
        std::future::pending::<()>().await;
    })
    .await
    .unwrap_err();
    assert_eq!((census.born(), census.alive()), (10, 0));
    assert_eq!(error.failures().len(), 1);
    assert_eq!(error.first().unwrap().name(), Some("bad"));
    assert_eq!(error.cancelled().unwrap().by.as_deref(), Some("bad"));
    assert_eq!(error.to_string(), "task `bad` failed: no");
}

#[nimsync::test]
async fn collect_errors_lets_everyone_finish() {
    let done = Arc::new(AtomicUsize::new(0));
    let error = task_group!(policy = collect_errors, |g| {
        for i in 0..6 {
            let done = done.clone();
            g.spawn(async move {
                for _ in 0..i {
                    nimsync::yield_now().await;
                }
                done.fetch_add(1, Ordering::SeqCst);
                if i % 2 == 0 {
                    Err(format!("task {i}"))
                } else {
                    Ok(())
                }
            });
        }
    })
    .await
    .unwrap_err();
    assert_eq!(done.load(Ordering::SeqCst), 6);
    assert_eq!(error.failures().len(), 3);
    assert!(error.to_string().ends_with("(and 2 more tasks failed)"));
}

#[nimsync::test]
async fn ignore_errors_counts_and_succeeds() {
    let failed = task_group!(policy = ignore_errors, |g| {
        for i in 0..4 {
            g.spawn(async move { if i == 0 { Err("one") } else { Ok(()) } });
        }
        while !g.is_empty() {
            nimsync::yield_now().await;
        }
        (g.failed(), g.completed())
    })
    .await;
    assert_eq!(failed.unwrap(), (1, 3));
}

#[nimsync::test]
async fn a_quorum_ends_the_group() {
    let census = Census::new();
    let value = task_group!(policy = quorum(2), |g| {
        for i in 0..5 {
            let alive = census.guard();
            g.spawn(async move {
                let _alive = alive;
                if i >= 2 {
                    std::future::pending::<()>().await;
                }
            });
        }
        "enough"
    })
    .await;
    assert_eq!(value.unwrap(), "enough");
    assert_eq!(census.alive(), 0);
}

#[nimsync::test]
async fn a_quorum_that_cannot_be_reached_fails() {
    let error = task_group!(policy = quorum(2), |g| {
        g.spawn(async {});
        g.spawn(async { Err::<(), _>("broken") });
    })
    .await
    .unwrap_err();
    assert_eq!(error.failures().len(), 1);
}

#[nimsync::test]
async fn a_limit_bounds_what_runs_and_keeps_the_order() {
    let running = Arc::new(AtomicUsize::new(0));
    let order = Arc::new(Mutex::new(Vec::new()));
    task_group!(limit = 3, |g| {
        for i in 0..20 {
            let (running, order) = (running.clone(), order.clone());
            g.spawn(async move {
                assert!(running.fetch_add(1, Ordering::SeqCst) < 3);
                order.lock().unwrap().push(i);
                for _ in 0..i % 4 {
                    nimsync::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        assert_eq!((g.len(), g.running()), (20, 3));
    })
    .await
    .unwrap();
    assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
}

#[nimsync::test]
async fn a_limit_holds_for_children_in_place() {
    let running = RefCell::new(0);
    task_group!(limit = 2, |g| {
        for _ in 0..6 {
            g.spawn_local(async {
                *running.borrow_mut() += 1;
                assert!(*running.borrow() <= 2);
                nimsync::yield_now().await;
                *running.borrow_mut() -= 1;
            });
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn ready_waits_for_room() {
    task_group!(limit = 2, |g| {
        for _ in 0..10 {
            g.ready().await;
            assert!(g.len() < 2);
            g.spawn(nimsync::yield_now());
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn a_failing_group_drops_the_children_that_wait_for_room() {
    let census = Census::new();
    let error = task_group!(limit = 1, |g| {
        g.spawn(async {
            nimsync::yield_now().await;
            Err::<(), _>("first")
        });
        for _ in 0..10 {
            let alive = census.guard();
            g.spawn(async move { drop(alive) });
        }
    })
    .await;
    assert!(error.is_err());
    assert_eq!((census.born(), census.alive()), (10, 0));
}

#[nimsync::test]
async fn services_end_with_the_others() {
    let census = Census::new();
    let alive = census.guard();
    task_group!(|g| {
        g.service(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        g.spawn(nimsync::yield_now());
    })
    .await
    .unwrap();
    assert_eq!(census.alive(), 0);
}

#[nimsync::test]
async fn a_failing_service_fails_the_group() {
    let error = task_group!(|g| {
        g.service(async { Err::<(), _>("listener gone") });
        std::future::pending::<()>().await;
    })
    .await;
    assert!(error.unwrap_err().to_string().contains("listener gone"));
}

#[nimsync::test]
async fn start_hands_over_what_the_child_sets() {
    task_group!(|g| {
        let port = g
            .start(|ready| async move {
                nimsync::yield_now().await;
                ready.set(8080_u16);
                std::future::pending::<()>().await;
            })
            .await;
        assert_eq!((port, g.len()), (8080, 1));
        g.cancel();
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn start_fails_with_a_child_that_fails_before() {
    let error = task_group!(|g| {
        let _: u16 = g
            .start(|_ready| async move { Err::<(), _>("port taken") })
            .await;
        unreachable!("the body ends here");
    })
    .await
    .unwrap_err();
    assert!(error.to_string().contains("port taken"));
}

#[nimsync::test]
async fn start_ends_with_a_child_that_never_sets() {
    let error = task_group!(|g| {
        let _: u16 = g.start(|ready| async move { drop(ready) }).await;
        unreachable!("the body ends here");
    })
    .await;
    assert!(error.is_err());
}

#[nimsync::test(start_paused = true)]
async fn supervise_restarts_within_its_bounds() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counter = tries.clone();
    let error = task_group!(|g| {
        g.supervise(Restart::on_failure(3, 1.minutes()), move || {
            counter.fetch_add(1, Ordering::SeqCst);
            async { Err::<(), _>("again") }
        });
    })
    .await;
    assert!(error.is_err());
    assert_eq!(
        tries.load(Ordering::SeqCst),
        4,
        "one try and three restarts"
    );
}

#[nimsync::test]
async fn clean_up_runs_after_the_children_newest_first() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let push = |what: &'static str| {
        let order = order.clone();
        async move {
            nimsync::yield_now().await;
            order.lock().unwrap().push(what);
        }
    };
    task_group!(|g| {
        g.defer(push("last"));
        g.defer(push("second"));
        g.spawn(push("child"));
    })
    .await
    .unwrap();
    assert_eq!(*order.lock().unwrap(), ["child", "second", "last"]);
}

#[nimsync::test]
async fn clean_up_runs_when_the_group_fails_and_is_not_cancelled_with_it() {
    let cleaned = Arc::new(AtomicUsize::new(0));
    let cleaned2 = cleaned.clone();
    let outcome = task_group!(|g| {
        g.defer(async move {
            for _ in 0..5 {
                nimsync::yield_now().await;
            }
            cleaned2.fetch_add(1, Ordering::SeqCst);
        });
        g.spawn(async { Err::<(), _>("no") });
    })
    .await;
    assert!(outcome.is_err());
    assert_eq!(cleaned.load(Ordering::SeqCst), 1);
}

#[nimsync::test(start_paused = true)]
async fn clean_up_that_hangs_is_given_up() {
    let before = nimsync::now();
    task_group!(|g| {
        g.defer_within(2.seconds(), std::future::pending());
    })
    .await
    .unwrap();
    assert_eq!(nimsync::now() - before, 2.seconds());
}

#[nimsync::test]
async fn outcomes_tell_how_a_child_ended() {
    let error = task_group!(policy = collect_errors, |g| {
        let done = g.spawn(async { 5 }).outcome().await;
        assert!(matches!(done, Outcome::Done(5)));
        let failed = g.task("f").spawn(async { Err::<(), _>("no") });
        assert!(matches!(failed.outcome().await, Outcome::Failed(f) if f.name() == Some("f")));
        let cancelled = g.spawn(std::future::pending::<()>());
        nimsync::yield_now().await;
        cancelled.cancel();
        assert!(cancelled.outcome().await.is_cancelled());
    })
    .await
    .unwrap_err();
    assert_eq!(error.failures().len(), 1);
}

#[nimsync::test]
async fn a_child_cancelled_on_purpose_does_not_fail_its_group() {
    let value = task_group!(|g| {
        let child = g.spawn(std::future::pending::<()>());
        nimsync::yield_now().await;
        child.cancel();
        while !child.is_finished() {
            nimsync::yield_now().await;
        }
        3
    })
    .await;
    assert_eq!(value.unwrap(), 3);
}

#[nimsync::test]
async fn awaiting_a_child_that_failed_ends_the_awaiting_one() {
    let census = Census::new();
    let reached = Arc::new(AtomicUsize::new(0));
    let (reached2, alive) = (reached.clone(), census.guard());
    let error = task_group!(policy = collect_errors, |g| {
        let bad = g.spawn(async { Err::<(), _>("bad") });
        g.spawn(async move {
            let _alive = alive;
            bad.await;
            reached2.fetch_add(1, Ordering::SeqCst);
        });
        "the body goes on"
    })
    .await
    .unwrap_err();
    assert_eq!(error.failures().len(), 1);
    assert_eq!((reached.load(Ordering::SeqCst), census.alive()), (0, 0));
}

#[nimsync::test]
async fn cancelling_the_group_by_hand_keeps_what_the_body_returned() {
    let value = task_group!(|g| {
        g.spawn(std::future::pending::<()>());
        g.cancel();
        assert!(g.is_cancelled());
        8
    })
    .await;
    assert_eq!(value.unwrap(), 8);
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
async fn children_in_place_need_not_be_send_and_drive_the_body() {
    let shared = Rc::new(RefCell::new(Vec::new()));
    task_group!(|g| {
        for i in 0..3 {
            let shared = shared.clone();
            g.spawn_local(async move {
                nimsync::yield_now().await;
                shared.borrow_mut().push(i);
            });
        }
        let sum = g.spawn_local(async { shared.borrow().len() });
        sum.await;
    })
    .await
    .unwrap();
    assert_eq!(*shared.borrow(), [0, 1, 2]);
}

#[nimsync::test(workers = 2)]
async fn a_task_with_children_in_place_stays_on_its_thread() {
    task_group!(|g| {
        for _ in 0..8 {
            g.spawn(async {
                let here = std::thread::current().id();
                task_group!(|inner| {
                    for _ in 0..4 {
                        let not_send = Rc::new(here);
                        inner.spawn_local(async move {
                            for _ in 0..50 {
                                nimsync::yield_now().await;
                                assert_eq!(std::thread::current().id(), *not_send);
                            }
                        });
                    }
                })
                .await
            });
        }
    })
    .await
    .unwrap();
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
async fn an_eager_group_runs_children_where_they_are_spawned() {
    let first = Arc::new(AtomicUsize::new(0));
    let seen = first.clone();
    task_group!(eager, |g| {
        g.spawn(async move {
            seen.store(1, Ordering::SeqCst);
            nimsync::yield_now().await;
        });
        assert_eq!(first.load(Ordering::SeqCst), 1);
    })
    .await
    .unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_timeout_ends_the_group_and_says_so() {
    let census = Census::new();
    let alive = census.guard();
    let error = task_group!(timeout = 2.seconds(), name = "slow", |g| {
        g.spawn(async move {
            let _alive = alive;
            sleep(1.minutes()).await;
        });
    })
    .await
    .unwrap_err();
    assert_eq!(census.alive(), 0);
    assert!(
        error
            .to_string()
            .starts_with("task group `slow` was cancelled: time limit of 2s reached"),
        "{error}"
    );
}

#[nimsync::test(start_paused = true)]
async fn grace_lets_children_finish_by_themselves() {
    let polite = Arc::new(AtomicUsize::new(0));
    let seen = polite.clone();
    let census = Census::new();
    let alive = census.guard();
    let before = nimsync::now();
    let error = task_group!(timeout = 1.seconds(), grace = 5.seconds(), |g| {
        g.spawn(async move {
            nimsync::cancel::current().cancelled().await;
            sleep(1.seconds()).await;
            seen.fetch_add(1, Ordering::SeqCst);
        });
        g.spawn(async move {
            let _alive = alive;
            sleep(1.minutes()).await;
        });
    })
    .await;
    assert!(error.is_err());
    assert_eq!(polite.load(Ordering::SeqCst), 1);
    assert_eq!(census.alive(), 0);
    assert_eq!(nimsync::now() - before, 6.seconds());
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
