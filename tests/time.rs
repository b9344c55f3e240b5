//! Sleeping, virtual time, and tests that can never go on.

use nimsync::prelude::*;
use nimsync::{Runtime, sleep_until};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[nimsync::test(start_paused = true)]
async fn virtual_time_passes_by_itself() {
    let real = Instant::now();
    let before = nimsync::now();
    sleep(Duration::from_secs(3600 * 24 * 365)).await;
    assert_eq!(
        nimsync::now() - before,
        Duration::from_secs(3600 * 24 * 365)
    );
    assert!(
        real.elapsed() < Duration::from_secs(3600),
        "not a real year"
    );
}

#[nimsync::test(start_paused = true)]
async fn sleepers_wake_in_the_order_of_their_deadlines() {
    let order = Mutex::new(Vec::new());
    let begin = nimsync::now();
    task_group!(|g| {
        for ms in [50, 10, 3000, 10, 1, 70_000, 999] {
            let order = &order;
            g.spawn_local(async move {
                sleep(ms.milliseconds()).await;
                order
                    .lock()
                    .unwrap()
                    .push((ms, (nimsync::now() - begin).as_millis()));
            });
        }
    })
    .await
    .unwrap();
    let expected = [1, 10, 10, 50, 999, 3000, 70_000].map(|ms| (ms, ms as u128));
    assert_eq!(*order.lock().unwrap(), expected);
}

#[nimsync::test]
async fn a_sleep_never_ends_early() {
    for micros in [0, 1, 50, 900, 3_000] {
        let before = Instant::now();
        sleep(micros.microseconds()).await;
        assert!(before.elapsed() >= micros.microseconds());
    }
}

#[nimsync::test(start_paused = true)]
async fn deadlines_in_the_past_and_far_away() {
    sleep_until(Instant::now() - Duration::from_secs(1)).await;
    let forever = with_timeout!(1.seconds(), sleep(Duration::MAX)).await;
    assert!(forever.is_err());
}

#[nimsync::test(start_paused = true)]
async fn a_sleep_that_was_dropped_wakes_nobody() {
    let before = nimsync::now();
    for _ in 0..100 {
        let sleep = with_timeout!(1.milliseconds(), sleep(1.minutes()));
        assert!(sleep.await.is_err());
    }
    assert_eq!(nimsync::now() - before, 100.milliseconds());
}

#[test]
fn ten_thousand_sleeps_on_real_time() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    runtime
        .block_on(async {
            task_group!(|g| {
                for i in 0..10_000_u64 {
                    g.spawn(sleep(Duration::from_micros(i % 5_000)));
                }
            })
            .await
        })
        .unwrap();
}

fn stuck<F: Future>(future: F) -> String {
    let runtime = Runtime::local().paused_clock().build().unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(future)));
    match outcome {
        Ok(_) => panic!("it was not stuck"),
        Err(payload) => *payload.downcast::<String>().expect("a message"),
    }
}

#[test]
fn a_test_that_can_never_go_on_ends_with_the_tree() {
    let report = stuck(async {
        task_group!(name = "pair", |g| {
            g.task("left").spawn(nimsync::cancel::current().cancelled());
            g.task("right").spawn(async {
                task_group!(name = "inner", |g| {
                    g.spawn(std::future::pending::<()>());
                })
                .await
            });
        })
        .await
    });
    assert!(report.starts_with("stuck: no task can run"), "{report}");
    for line in [
        "group `pair` (time.rs:",
        "task `left` (time.rs:",
        "waits for cancellation",
        "task `right`",
        "waits for the children of a group",
        "group `inner`",
    ] {
        assert!(report.contains(line), "`{line}` is missing in:\n{report}");
    }
}

#[test]
fn a_stuck_test_runs_its_destructors() {
    let census = nimsync_tests::Census::new();
    let alive = census.guard();
    stuck(async {
        task_group!(|g| {
            g.spawn(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
        })
        .await
    });
    assert_eq!(census.alive(), 0);
}

#[test]
fn a_message_from_a_plain_thread_is_waited_for() {
    let runtime = Runtime::local().paused_clock().build().unwrap();
    let value = runtime.block_on(async {
        let (sender, receiver) = futures::channel::oneshot::channel();
        let thread = std::thread::spawn(move || sender.send(5));
        let value = receiver.await;
        thread.join().unwrap().unwrap();
        value
    });
    assert_eq!(value, Ok(5));
}

#[test]
fn blocking_calls_hold_virtual_time() {
    let runtime = Runtime::local().paused_clock().build().unwrap();
    runtime.block_on(async {
        let before = nimsync::now();
        let value = with_timeout!(
            1.minutes(),
            nimsync::unblock(|| {
                std::thread::sleep(Duration::from_millis(20));
                5
            })
        )
        .await;
        assert_eq!(value, Ok(5));
        assert_eq!(nimsync::now(), before);
    });
}
