//! Panics in children, bodies and destructors.

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_tests::Census;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn message(payload: Box<dyn std::any::Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&'static str>().unwrap().to_string(),
    }
}

/// Runs a future that is expected to panic; returns what the panic said.
fn panics<F: Future>(workers: usize, future: F) -> String {
    let runtime = Runtime::builder().workers(workers).build().unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(future)));
    match outcome {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => message(payload),
    }
}

struct PanicOnDrop(&'static str);

impl Drop for PanicOnDrop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("{}", self.0);
        }
    }
}

#[test]
fn a_panic_in_a_child_cancels_joins_and_goes_on_in_the_parent() {
    for workers in [1, 2] {
        let census = Census::new();
        let said = panics(workers, async {
            task_group!(|g| {
                for _ in 0..10 {
                    let alive = census.guard();
                    g.spawn(async move {
                        let _alive = alive;
                        std::future::pending::<()>().await;
                    });
                }
                nimsync::yield_now().await;
                g.spawn(async { panic!("payload {}", 7) });
                std::future::pending::<()>().await;
            })
            .await
        });
        assert_eq!(said, "payload 7");
        assert_eq!((census.born(), census.alive()), (10, 0));
    }
}

#[nimsync::test]
async fn a_payload_arrives_intact() {
    let outcome = futures::FutureExt::catch_unwind(AssertUnwindSafe(task_group!(|g| {
        g.spawn(async { std::panic::panic_any(42_u64) });
    })))
    .await;
    assert_eq!(*outcome.unwrap_err().downcast::<u64>().unwrap(), 42);
}

#[test]
fn a_panic_in_a_child_in_place_goes_on_in_the_parent() {
    let said = panics(1, async {
        task_group!(|g| {
            g.spawn_local(async { panic!("in place") });
            std::future::pending::<()>().await;
        })
        .await
    });
    assert_eq!(said, "in place");
}

#[test]
fn a_body_that_panics_joins_its_children_first() {
    let census = Census::new();
    let said = panics(2, async {
        task_group!(|g| {
            let alive = census.guard();
            g.spawn(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
            if g.len() == 1 {
                panic!("body");
            }
        })
        .await
    });
    assert_eq!(said, "body");
    assert_eq!((census.born(), census.alive()), (1, 0));
}

#[test]
fn a_panic_at_the_root_leaves_block_on() {
    assert_eq!(panics(1, async { panic!("root") }), "root");
}

#[test]
fn the_runtime_goes_on_after_a_panic() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    for i in 0..5 {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                task_group!(|g| {
                    g.spawn(async move { panic!("round {i}") });
                })
                .await
            })
        }));
        assert_eq!(message(outcome.unwrap_err()), format!("round {i}"));
        assert_eq!(runtime.block_on(async { i }), i);
    }
}

#[test]
fn a_destructor_that_panics_during_cancellation_is_a_panic_of_the_task() {
    for workers in [1, 2] {
        let census = Census::new();
        let said = panics(workers, async {
            task_group!(|g| {
                for i in 0..4 {
                    let alive = census.guard();
                    g.spawn(async move {
                        let _alive = alive;
                        let _bomb = (i == 1).then(|| PanicOnDrop("in the destructor"));
                        std::future::pending::<()>().await;
                    });
                }
                nimsync::yield_now().await;
                g.cancel();
            })
            .await
        });
        assert_eq!(said, "in the destructor");
        assert_eq!(census.alive(), 0);
    }
}

#[test]
fn a_result_whose_destructor_panics_is_a_panic_of_the_task() {
    let said = panics(1, async {
        task_group!(|g| {
            g.spawn(async { Some(PanicOnDrop("unwanted result")) });
        })
        .await
    });
    assert_eq!(said, "unwanted result");
}

#[test]
fn a_body_whose_destructor_panics_when_it_is_cut_off() {
    let said = panics(1, async {
        task_group!(|g| {
            let _bomb = PanicOnDrop("body's local");
            g.cancel();
            std::future::pending::<()>().await;
        })
        .await
    });
    assert_eq!(said, "body's local");
}

#[test]
fn of_several_panics_the_first_goes_on() {
    let said = panics(1, async {
        task_group!(|g| {
            for i in 0..3 {
                g.spawn(async move { panic!("number {i}") });
            }
        })
        .await
    });
    assert_eq!(said, "number 0");
}

#[test]
fn a_panic_in_clean_up_goes_on_in_the_parent() {
    let said = panics(1, async {
        task_group!(|g| {
            g.defer(async { panic!("clean-up") });
        })
        .await
    });
    assert_eq!(said, "clean-up");
}

#[test]
fn a_panic_in_a_blocking_call_goes_on_in_its_task() {
    let said = panics(1, async {
        nimsync::unblock(|| panic!("blocking call")).await
    });
    assert_eq!(said, "blocking call");
}
