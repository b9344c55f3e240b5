//! Services, children that report when they are ready, restarts, and clean-up.

use nimsync::Restart;
use nimsync::prelude::*;
use nimsync_tests::Census;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

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
