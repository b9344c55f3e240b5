//! Scopes, deadlines, shields, the last poll, and races.

use nimsync::cancel::{CancelReason, checkpoint};
use nimsync::prelude::*;
use nimsync_tests::Census;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

#[nimsync::test]
async fn a_ready_value_is_handed_over_although_the_scope_is_cancelled() {
    let scope = CancelScope::new();
    scope.cancel();
    assert_eq!(scope.run(async { 7 }).await.unwrap(), 7);
}

#[nimsync::test]
async fn cancelling_is_a_level() {
    let scope = CancelScope::new();
    scope.cancel_with("early");
    let outcome = scope.run(std::future::pending::<()>()).await;
    assert_eq!(
        outcome.unwrap_err().reason,
        CancelReason::Message("early".into())
    );
    assert!(
        scope.run(sleep(1.minutes())).await.is_err(),
        "a later wait, too"
    );
    scope.cancelled().await;
}

#[nimsync::test]
async fn a_cancelled_task_is_polled_once_more_and_can_react() {
    let reacted = Arc::new(AtomicUsize::new(0));
    let seen = reacted.clone();
    task_group!(|g| {
        let child = g.spawn(async move {
            let scope = CancelScope::new();
            let cancelled = scope.run(std::future::pending::<()>()).await.unwrap_err();
            assert_eq!(cancelled.origin().reason, CancelReason::Manual);
            seen.fetch_add(1, Ordering::SeqCst);
            shield!({
                nimsync::yield_now().await;
                seen.fetch_add(1, Ordering::SeqCst);
            })
            .await;
            // The first suspension without a shield is the end.
            nimsync::yield_now().await;
            seen.fetch_add(100, Ordering::SeqCst);
        });
        nimsync::yield_now().await;
        child.cancel();
    })
    .await
    .unwrap();
    assert_eq!(reacted.load(Ordering::SeqCst), 2);
}

#[nimsync::test]
async fn a_child_that_was_never_polled_is_dropped_unpolled() {
    let census = Census::new();
    let (alive, polled) = (census.guard(), Arc::new(AtomicUsize::new(0)));
    let seen = polled.clone();
    task_group!(|g| {
        let child = g.spawn(async move {
            let _alive = alive;
            seen.fetch_add(1, Ordering::SeqCst);
        });
        child.cancel();
    })
    .await
    .unwrap();
    assert_eq!((census.alive(), polled.load(Ordering::SeqCst)), (0, 0));
}

#[nimsync::test]
async fn cancelling_goes_down_the_tree_and_says_where_it_came_from() {
    let outer = CancelScope::new();
    let seen = outer
        .run(async {
            let inner = CancelScope::new();
            outer.cancel_with(CancelReason::Shutdown);
            inner.run(std::future::pending::<()>()).await.unwrap_err()
        })
        .await
        .unwrap();
    assert_eq!(seen.reason, CancelReason::Shutdown);
    assert!(seen.above.is_some());
    assert!(seen.origin().at.file().ends_with("cancel.rs"));
}

#[nimsync::test]
async fn an_inner_scope_alone_leaves_the_outer_one_running() {
    let outer = CancelScope::new();
    let outcome = outer
        .run(async {
            let inner = CancelScope::new();
            inner.cancel();
            assert!(inner.run(nimsync::yield_now()).await.is_err());
            nimsync::yield_now().await;
            "still here"
        })
        .await;
    assert_eq!(outcome.unwrap(), "still here");
    assert!(outer.active());
}

#[nimsync::test]
async fn checks_and_checkpoints_fail_in_a_cancelled_scope() {
    let scope = CancelScope::new();
    let outcome = scope
        .run(async {
            checkpoint().await?;
            nimsync::cancel::current().check()?;
            scope.cancel_with("enough");
            let error = checkpoint().await.unwrap_err();
            assert!(nimsync::cancel::current().check().is_err());
            Err::<(), _>(error)
        })
        .await
        .expect("it ended by itself");
    assert!(outcome.unwrap_err().to_string().contains("enough"));
}

#[nimsync::test(start_paused = true)]
async fn a_grace_period_asks_before_it_ends() {
    let scope = CancelScope::new();
    let before = nimsync::now();
    scope.cancel_after(3.seconds());
    assert!(!scope.active());
    scope.cancelled().await;
    assert_eq!(nimsync::now(), before);
    assert!(scope.run(sleep(1.minutes())).await.is_err());
    assert_eq!(nimsync::now() - before, 3.seconds());
}

#[nimsync::test(start_paused = true)]
async fn a_grace_period_says_why() {
    let scope = CancelScope::new();
    scope.cancel_after_with(3.seconds(), CancelReason::Signal);
    let why = scope.run(sleep(1.minutes())).await.unwrap_err();
    assert_eq!(why.reason, CancelReason::Signal);
}

/// A task may cancel its own scope, and ends with it.
#[nimsync::test(start_paused = true)]
async fn a_task_that_cancels_its_own_scope_ends() {
    let outcome = task_group!(|g| {
        let now = g.spawn(async {
            nimsync::cancel::current().cancel();
            sleep(1.minutes()).await;
        });
        let later = g.spawn(async {
            let group = task_group!(|g| {
                g.spawn(sleep(1.minutes()));
            });
            nimsync::cancel::current().cancel_after(2.seconds());
            let _ = group.await;
            sleep(1.minutes()).await;
        });
        (now.outcome().await, later.outcome().await)
    })
    .await
    .unwrap();
    assert!(outcome.0.is_cancelled());
    assert!(outcome.1.is_cancelled());
}

#[nimsync::test(start_paused = true)]
async fn a_timeout_says_its_limit() {
    let before = nimsync::now();
    let error = with_timeout!(2.seconds(), sleep(1.minutes()))
        .await
        .unwrap_err();
    assert_eq!(nimsync::now() - before, 2.seconds());
    assert_eq!(error.to_string(), "not done within 2s");
    assert_eq!(error.limit(), Some(2.seconds()));
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);
}

#[nimsync::test(start_paused = true)]
async fn of_nested_limits_the_earlier_wins() {
    let outer = with_timeout!(1.seconds(), with_timeout!(1.minutes(), sleep(2.minutes()))).await;
    assert!(outer.is_err());
    let inner = with_timeout!(1.minutes(), with_timeout!(1.seconds(), sleep(2.minutes()))).await;
    assert!(inner.expect("the outer limit is not reached").is_err());
    let deadline = nimsync::now() + 1.seconds();
    let both = with_deadline!(deadline, with_timeout!(1.minutes(), sleep(2.minutes()))).await;
    assert!(both.is_err());
}

#[nimsync::test]
async fn a_deadline_in_the_past_still_allows_for_one_poll() {
    let past = Instant::now() - 1.seconds();
    assert_eq!(with_deadline!(past, async { 5 }).await.unwrap(), 5);
    assert!(with_deadline!(past, sleep(1.minutes())).await.is_err());
    let error = task_group!(deadline = past, |g| {
        g.spawn(sleep(1.minutes()));
    })
    .await
    .unwrap_err();
    assert!(error.to_string().contains("deadline reached"), "{error}");
}

#[nimsync::test(start_paused = true)]
async fn a_block_in_a_timeout_may_use_the_question_mark() {
    async fn step() -> Result<u32, io::Error> {
        nimsync::yield_now().await;
        Ok(4)
    }
    let value = with_timeout!(2.seconds(), {
        step().await?;
        step().await
    })
    .await;
    assert_eq!(value.unwrap().unwrap(), 4);
}

#[nimsync::test(start_paused = true)]
async fn a_timeout_over_a_group_returns_when_its_children_are_gone() {
    let census = Census::new();
    let alive = census.guard();
    let slow = async {
        task_group!(|g| {
            g.spawn(async move {
                let _alive = alive;
                shield!(sleep(5.seconds())).await;
                sleep(1.minutes()).await;
            });
        })
        .await
    };
    let before = nimsync::now();
    assert!(with_timeout!(1.seconds(), slow).await.is_err());
    assert_eq!(census.alive(), 0, "the shielded child was waited for");
    assert_eq!(nimsync::now() - before, 5.seconds());
}

#[nimsync::test(start_paused = true)]
async fn a_shield_protects_until_it_ends() {
    let scope = CancelScope::new();
    let mut steps = Vec::new();
    let before = nimsync::now();
    let outcome = task_group!(|g| {
        g.spawn_local(async {
            sleep(1.seconds()).await;
            scope.cancel();
        });
        scope
            .run(async {
                shield!(async { sleep(3.seconds()).await }).await;
                steps.push("saved");
                sleep(1.seconds()).await;
                steps.push("never");
            })
            .await
            .is_err()
    })
    .await;
    assert!(outcome.unwrap());
    assert_eq!(steps, ["saved"]);
    assert_eq!(nimsync::now() - before, 3.seconds());
}

#[nimsync::test(start_paused = true)]
async fn a_scope_inside_a_shield_can_be_cancelled() {
    let outer = CancelScope::new();
    outer.cancel();
    let outcome = outer
        .run(shield!(async {
            let inner = CancelScope::new();
            assert!(
                inner.active(),
                "the shield keeps it from being born cancelled"
            );
            inner.cancel();
            inner.run(sleep(1.minutes())).await.is_err()
        }))
        .await;
    assert!(outcome.unwrap());
}

#[nimsync::test(start_paused = true)]
async fn a_shield_holds_inside_foreign_combinators_that_poll_only_what_was_woken() {
    let scope = CancelScope::new();
    let saved = Arc::new(AtomicUsize::new(0));
    let futures: futures::stream::FuturesUnordered<_> = (0..40)
        .map(|i| {
            let saved = saved.clone();
            async move {
                if i == 0 {
                    shield!(sleep(3.seconds())).await;
                    saved.fetch_add(1, Ordering::SeqCst);
                } else {
                    sleep(1.minutes()).await;
                }
            }
        })
        .collect();
    let outcome = task_group!(|g| {
        g.spawn_local(async {
            sleep(1.seconds()).await;
            scope.cancel();
        });
        use futures::StreamExt;
        scope.run(futures.collect::<Vec<_>>()).await.is_err()
    })
    .await;
    assert!(outcome.unwrap());
    assert_eq!(saved.load(Ordering::SeqCst), 1);
}

#[nimsync::test(start_paused = true)]
async fn a_race_yields_the_first_and_ends_the_others() {
    let census = Census::new();
    let alive = census.guard();
    let winner = race!(
        async {
            sleep(2.seconds()).await;
            "slow"
        },
        {
            let _alive = alive;
            sleep(1.minutes()).await;
            "slower"
        },
        async {
            sleep(1.seconds()).await;
            "fast"
        }
    )
    .await;
    assert_eq!((winner, census.alive()), ("fast", 0));
}

#[nimsync::test(start_paused = true)]
async fn a_race_waits_for_the_groups_of_its_losers() {
    let census = Census::new();
    let alive = census.guard();
    let before = nimsync::now();
    race!(sleep(1.seconds()), async {
        task_group!(|g| {
            g.spawn(async move {
                let _alive = alive;
                shield!(sleep(4.seconds())).await;
            });
        })
        .await
        .ok();
    })
    .await;
    assert_eq!(census.alive(), 0);
    assert_eq!(nimsync::now() - before, 4.seconds());
}

#[nimsync::test(start_paused = true)]
async fn first_ok_skips_failures() {
    let value = first_ok!(
        async { Err("down") },
        async {
            sleep(1.seconds()).await;
            Ok(1)
        },
        async {
            sleep(2.seconds()).await;
            Ok(2)
        }
    )
    .await;
    assert_eq!(value, Ok(1));
    let none = first_ok!(async { Err::<(), _>("a") }, async {
        sleep(1.seconds()).await;
        Err("b")
    })
    .await;
    assert_eq!(none, Err("b"), "the last to fail");
}

#[nimsync::test]
async fn a_scope_works_from_other_threads() {
    let scope = CancelScope::new();
    let remote = scope.clone();
    let thread = std::thread::spawn(move || remote.cancel_with("from outside"));
    let outcome = scope.run(sleep(1.minutes())).await;
    thread.join().unwrap();
    assert!(outcome.unwrap_err().to_string().contains("from outside"));
}

#[nimsync::test(workers = 2)]
async fn a_scope_reaches_the_tasks_below_it() {
    let census = Census::new();
    let scope = CancelScope::new();
    let inside = scope.run(async {
        task_group!(|g| {
            for _ in 0..20 {
                let alive = census.guard();
                g.spawn(async move {
                    let _alive = alive;
                    std::future::pending::<()>().await;
                });
            }
            nimsync::yield_now().await;
            scope.cancel();
        })
        .await
    });
    let _ = inside.await;
    assert_eq!((census.born(), census.alive()), (20, 0));
}
