//! What is lent, left behind, dropped half way or forgotten: nothing outlives the
//! scope that it belongs to.

#![expect(
    clippy::async_yields_async,
    reason = "groups are handed out on purpose"
)]

use super::helpers::{Boxed, Guard, Ledger, panic_quietly, poll_times, seeded};
use futures::channel::oneshot;
use nimsync::Runtime;
use nimsync::prelude::*;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn a_scope_lends_what_it_lends_until_the_last_child_is_gone() {
    seeded(10, |seed| {
        let runtime = Runtime::builder().workers(4).build().unwrap();
        let mut rng = fastrand::Rng::with_seed(seed);
        for _ in 0..20 {
            let ledger = Ledger::new();
            let numbers: Vec<AtomicUsize> = (0..64).map(|_| AtomicUsize::new(0)).collect();
            let ends_with = rng.u8(..4);
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let (numbers, ledger) = (&numbers, &ledger);
                runtime.scope(|s| {
                    for number in numbers {
                        let guard = ledger.guard();
                        let joined = rng.u8(..8);
                        let mut rng = rng.fork();
                        let child = s.spawn(async move {
                            let _guard = guard;
                            for _ in 0..rng.usize(..4) {
                                nimsync::yield_now().await;
                                number.fetch_add(1, Ordering::Relaxed);
                            }
                            if rng.u8(..40) == 0 {
                                panic_quietly();
                            }
                            // Borrows beyond its end.
                            Some((number, ledger.guard()))
                        });
                        match joined {
                            0 => drop(child.join()),
                            1 => std::mem::drop(child),
                            _ => {}
                        }
                    }
                    match ends_with {
                        0 => s.cancel(),
                        1 => panic_quietly(),
                        _ => {}
                    }
                })
            }));
            drop(outcome);
            ledger.close();
        }
    });
}

#[test]
fn owned_groups_are_dropped_and_forgotten_half_way() {
    seeded(5, |seed| {
        struct Canary(AtomicUsize, Guard);
        impl Drop for Canary {
            fn drop(&mut self) {
                self.0.store(usize::MAX / 2, Ordering::SeqCst);
                let _: &Guard = &self.1;
            }
        }
        let ledger = Ledger::new();
        let runtime = Runtime::builder().workers(4).build().unwrap();
        let mut rng = fastrand::Rng::with_seed(seed);
        runtime.block_on(async {
            for _ in 0..50 {
                let canaries: Vec<_> = (0..8)
                    .map(|_| Canary(AtomicUsize::new(0), ledger.guard()))
                    .collect();
                let body = rng.fork();
                let group = Box::pin(task_group!(own(canaries, body), |g| {
                    let canaries: &[Canary] = canaries;
                    for canary in canaries {
                        let mut rng = body.fork();
                        g.spawn(async move {
                            for _ in 0..rng.usize(..20) {
                                nimsync::yield_now().await;
                                let seen = canary.0.fetch_add(1, Ordering::SeqCst);
                                assert!(seen < 1_000, "it was dropped");
                            }
                        });
                    }
                    if body.bool() {
                        pending::<()>().await;
                    }
                }));
                let times = rng.usize(..6);
                let group = poll_times(times, group).await;
                drop(group);
            }
        });
        ledger.close();
    });
}

/// The tree ended while a group that had been moved out of it went on.
#[test]
fn a_group_that_leaves_block_on_as_its_result_leaves_no_task_behind() {
    let ledger = Ledger::new();
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let guard = ledger.guard();
    let group = runtime.block_on(async {
        let group: Boxed<()> = Box::pin(async move {
            let _ = task_group!(|g| {
                g.spawn(async move {
                    let _guard = guard;
                    loop {
                        nimsync::yield_now().await;
                    }
                });
                pending::<()>().await;
            })
            .await;
        });
        poll_times(1, group).await
    });
    assert_eq!(
        ledger.alive(),
        0,
        "`block_on` has returned, so no task is left"
    );
    drop(group);
}

/// As above, with a future that is forgotten.
#[test]
fn a_group_that_is_forgotten_leaves_no_task_behind() {
    let ledger = Ledger::new();
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let guard = ledger.guard();
    runtime.block_on(async {
        let group: Boxed<()> = Box::pin(async move {
            let _ = task_group!(|g| {
                g.spawn(async move {
                    let _guard = guard;
                    loop {
                        nimsync::yield_now().await;
                    }
                });
                pending::<()>().await;
            })
            .await;
        });
        std::mem::forget(poll_times(1, group).await);
    });
    assert_eq!(
        ledger.alive(),
        0,
        "`block_on` has returned, so no task is left"
    );
}

/// The task waited for them, at its end; the group whose body had dropped them
/// did not.
#[test]
fn the_nearest_group_waits_for_the_children_of_a_group_dropped_in_its_body() {
    let ledger = Ledger::new();
    let guard = ledger.guard();
    Runtime::local().build().unwrap().block_on(async {
        task_group!(|_g| {
            let inner = Box::pin(async move {
                task_group!(|g| {
                    g.spawn(shield!({
                        let _guard = guard;
                        for _ in 0..50 {
                            nimsync::yield_now().await;
                        }
                    }));
                    pending::<()>().await;
                })
                .await
            });
            let inner = poll_times(3, inner).await;
            drop(inner);
        })
        .await
        .unwrap();
        assert_eq!(
            ledger.alive(),
            0,
            "the group has ended before what was below it"
        );
    });
}

/// An error that nobody wants is dropped before its group ends.
#[test]
fn an_ignored_error_is_dropped_before_its_group_ends() {
    #[derive(Debug)]
    struct Slow(Arc<AtomicBool>, Arc<AtomicBool>);
    impl std::fmt::Display for Slow {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("slow")
        }
    }
    impl std::error::Error for Slow {}
    impl Drop for Slow {
        fn drop(&mut self) {
            // Gives the group time to end too early.
            for _ in 0..20 {
                if self.0.load(Ordering::SeqCst) {
                    self.1.store(true, Ordering::SeqCst);
                    return;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
    let (over, too_late) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let slow = Slow(over.clone(), too_late.clone());
    runtime.block_on(async {
        task_group!(policy = ignore_errors, |g| {
            let (sender, receiver) = oneshot::channel();
            g.spawn(async move {
                sender.send(()).unwrap();
                Err::<(), _>(slow)
            });
            // Not on the worker whose thread has to see the end of the group.
            std::thread::sleep(Duration::from_millis(1));
            receiver.await.unwrap();
        })
        .await
        .unwrap();
        over.store(true, Ordering::SeqCst);
    });
    drop(runtime);
    assert!(
        !too_late.load(Ordering::SeqCst),
        "the group ended before it"
    );
}

/// It went with the task's allocation, after the group had been told.
#[test]
fn the_value_of_a_task_local_is_gone_when_block_on_returns() {
    task_local! { static KEY: Arc<()>; }
    let runtime = Runtime::builder().workers(2).build().unwrap();
    for _ in 0..3_000 {
        let value = Arc::new(());
        runtime.block_on(async {
            KEY.scope(value.clone(), async {
                task_group!(|g| {
                    g.spawn(async {});
                    g.spawn(async {});
                })
                .await
                .unwrap();
            })
            .await;
        });
        assert_eq!(Arc::strong_count(&value), 1, "somebody still has it");
    }
}
