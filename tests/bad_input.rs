//! What is asked for by mistake has a defined outcome, and says what is wrong.

use nimsync::prelude::*;
use nimsync::{BuildError, GroupOptions, Policy, Runtime};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Waker};

fn panic_of(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("a panic");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&'static str>().unwrap().to_string(),
    }
}

fn poll_outside<F: Future>(future: F) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn zero_workers() {
    let error = Runtime::builder().workers(0).build().unwrap_err();
    assert!(matches!(error, BuildError::NoWorkers));
    assert_eq!(error.to_string(), "a runtime needs at least one worker");
}

#[test]
fn too_many_workers() {
    let error = Runtime::builder().workers(1 << 20).build().unwrap_err();
    assert!(error.to_string().contains("1048576 workers"));
}

#[test]
fn zero_threads_for_blocking_calls() {
    let error = Runtime::builder().blocking_threads(0).build().unwrap_err();
    assert!(matches!(error, BuildError::NoBlockingThreads));
}

#[test]
fn a_paused_clock_with_many_workers() {
    let error = Runtime::builder()
        .workers(2)
        .paused_clock()
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("one worker"));
}

#[test]
fn a_limit_of_zero() {
    let said = panic_of(|| drop(GroupOptions::new().limit(0)));
    assert!(said.contains("limit of zero would never run anything"));
}

#[test]
fn a_quorum_of_zero() {
    let said = panic_of(|| drop(GroupOptions::new().policy(Policy::Quorum(0))));
    assert!(said.contains("quorum of zero"));
}

#[test]
fn block_on_inside_a_task() {
    let said = panic_of(|| nimsync::block_on(async { nimsync::block_on(async {}) }));
    assert!(
        said.contains("`block_on` was called inside a task"),
        "{said}"
    );
    assert!(said.contains("`.await` the future instead"), "{said}");
}

#[test]
fn a_blocking_scope_inside_a_task() {
    let runtime = Runtime::local().build().unwrap();
    let said = panic_of(|| {
        runtime.block_on(async { runtime.scope(|_| ()).unwrap() });
    });
    assert!(
        said.contains("`Runtime::scope` was called inside a task"),
        "{said}"
    );
}

#[test]
fn a_sleep_outside_of_any_runtime_is_a_sleep() {
    use futures::executor::block_on;
    let before = std::time::Instant::now();
    block_on(async {
        sleep(5.milliseconds()).await;
        let long = with_timeout!(1.milliseconds(), sleep(1.minutes())).await;
        assert!(long.is_err());
        let scope = CancelScope::new();
        scope.cancel_after(2.milliseconds());
        assert!(scope.run(sleep(1.minutes())).await.is_err());
    });
    assert!(before.elapsed() >= 8.milliseconds());
}

#[test]
fn a_negative_duration() {
    assert!(
        panic_of(|| {
            let _ = (-1).seconds();
        })
        .contains("cannot be negative")
    );
}

#[test]
fn what_needs_no_runtime_works_without() {
    let scope = CancelScope::new();
    scope.cancel();
    assert!(!scope.active());
    poll_outside(async {
        assert!(scope.run(std::future::pending::<()>()).await.is_err());
        assert_eq!(with_timeout!(1.seconds(), async { 3 }).await, Ok(3));
        assert_eq!(race!(async { 1 }, std::future::pending()).await, 1);
        nimsync::yield_now().await;
    });
}

#[test]
fn a_future_with_children_in_place_that_changes_the_thread() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let mut group = Box::pin(async {
        task_group!(|g| {
            g.spawn_local(async {
                nimsync::yield_now().await;
            });
        })
        .await
    });
    runtime.block_on(async {
        std::future::poll_fn(|cx| {
            assert!(group.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    });
    let said = std::thread::scope(|s| {
        let thread = s.spawn(|| panic_of(|| drop(runtime.block_on(group))));
        thread.join().unwrap()
    });
    assert!(said.contains("was moved to another thread"), "{said}");
}
