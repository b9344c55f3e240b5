//! Policies: what the failure, or the success, of a child does to the others.

use nimsync::Outcome;
use nimsync::prelude::*;
use nimsync_tests::Census;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
