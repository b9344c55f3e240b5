//! Cancellation, panics and handles in bad company.

use super::helpers::{Guard, Ledger, abort, ends, is_wanted, panic_quietly, poll_times, seeded};
use futures::FutureExt;
use nimsync::prelude::*;
use nimsync::{BoxError, Runtime};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Runs something that panics, or may, on `workers`, and checks that nothing is
/// left of it and that the runtime goes on.
fn panics_in_order<R: Send + 'static>(
    workers: usize,
    root: impl AsyncFnOnce(Ledger) -> R + Send + 'static,
) -> Result<R, Box<dyn std::any::Any + Send>> {
    ends(move || {
        let name = format!("order-{}", fastrand::u64(..));
        let ledger = Ledger::new();
        let runtime = Runtime::builder()
            .workers(workers)
            .thread_name(&*name)
            .build()
            .unwrap();
        let inner = ledger.clone();
        let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(root(inner))));
        let tree = nimsync::tree().to_string();
        if tree.contains(&name) {
            // Its frames are gone, so to go on is not safe.
            abort(format_args!("a panic has left the executor:\n{tree}"));
        }
        ledger.close();
        runtime.block_on(async {
            task_group!(|g| {
                g.spawn(async { nimsync::yield_now().await });
            })
            .await
            .unwrap();
        });
        outcome
    })
}

fn local() -> Runtime {
    Runtime::local().build().unwrap()
}

fn two() -> Runtime {
    Runtime::builder().workers(2).build().unwrap()
}

/// The group took for its own what the child awaited beside it had said.
#[test]
fn a_child_that_failed_ends_the_body_that_awaits_it_and_not_the_group_beside_it() {
    ends(|| {
        local().block_on(async {
            let seen = AtomicUsize::new(0);
            let result = task_group!(policy = collect_errors, |g| {
                let failed = g.spawn(async { Err::<(), _>("no") });
                let inner = async {
                    task_group!(|g| {
                        g.spawn(async {});
                        for _ in 0..10 {
                            nimsync::yield_now().await;
                            seen.fetch_add(1, Ordering::SeqCst);
                        }
                        sleep(1.milliseconds()).await;
                    })
                    .await
                    .expect("nothing has failed in here");
                };
                futures::join!(failed, inner);
            })
            .await;
            assert!(result.is_err());
        });
    });
}

/// An eager child did the same.
#[test]
fn a_child_that_failed_does_not_end_a_child_that_is_spawned_beside_it() {
    local().block_on(async {
        let result = task_group!(policy = collect_errors, eager, |g| {
            let failed = g.spawn(async { Err::<(), _>("no") });
            let done = Arc::new(AtomicBool::new(false));
            let seen = done.clone();
            futures::join!(failed, async {
                g.spawn(async move {
                    nimsync::yield_now().await;
                    seen.store(true, Ordering::SeqCst);
                });
            });
            done
        })
        .await;
        let error = result.unwrap_err();
        assert_eq!(error.failures().len(), 1);
    });
}

/// The executor was asked for the output a second time, and panicked.
#[test]
fn a_child_that_failed_is_polled_again_while_a_shield_protects_the_body() {
    local().block_on(async {
        let saved = AtomicBool::new(false);
        let result = task_group!(policy = collect_errors, |g| {
            let failed = g.spawn(async { Err::<(), _>("no") });
            let save = shield!({
                for _ in 0..5 {
                    nimsync::yield_now().await;
                }
                saved.store(true, Ordering::SeqCst);
            });
            futures::join!(failed, save);
        })
        .await;
        assert!(result.unwrap_err().to_string().contains("no"));
        assert!(saved.load(Ordering::SeqCst));
    });
}

/// What a plain thread had seen of a failed child ended the next tree there.
#[test]
fn a_child_that_failed_and_is_awaited_outside_leaves_no_trace_there() {
    let runtime = two();
    runtime.block_on(async {
        let _ = task_group!(policy = collect_errors, |g| {
            let failed = g.spawn(async { Err::<(), _>("no") });
            while !failed.is_finished() {
                nimsync::yield_now().await;
            }
            let outside = std::thread::spawn(|| {
                assert!(failed.now_or_never().is_none());
                local().block_on(async {
                    nimsync::yield_now().await;
                    1
                })
            });
            let outside = nimsync::unblock(|| outside.join()).await;
            assert_eq!(outside.unwrap(), 1);
        })
        .await;
    });
}

/// A scope that was cancelled held on to its shields while it had its lock, and
/// the last to let go of a shield takes that lock.
#[test]
fn a_shield_ends_while_the_scope_around_it_is_cancelled() {
    seeded(2, |seed| {
        let runtime = two();
        let mut rng = fastrand::Rng::with_seed(seed);
        runtime.block_on(async {
            for _ in 0..300 {
                let turns = rng.usize(..100);
                let started = Arc::new(AtomicBool::new(false));
                let _ = task_group!(|g| {
                    let scope = CancelScope::new();
                    let (inner, started2) = (scope.clone(), started.clone());
                    g.spawn(async move {
                        let shields = async {
                            started2.store(true, Ordering::SeqCst);
                            while inner.active() {
                                shield!(async {}).await;
                            }
                        };
                        let _ = inner.run(shields).await;
                    });
                    // A second in the queue makes another worker come for the first.
                    g.spawn(async {});
                    wait_a_while_for(&started);
                    for _ in 0..turns {
                        std::hint::spin_loop();
                    }
                    scope.cancel();
                })
                .await;
            }
        });
    });
}

/// Gives another worker time to set `flag`, though not for ever: this one may
/// have to do it itself.
fn wait_a_while_for(flag: &AtomicBool) {
    for _ in 0..200 {
        if flag.load(Ordering::SeqCst) {
            return;
        }
        std::thread::yield_now();
    }
}

/// A task was dropped after a poll that had begun before it was cancelled, or
/// before the scopes in it had been told, and could not react.
#[test]
fn a_task_that_is_cancelled_from_another_thread_hears_of_it_in_its_last_poll() {
    seeded(2, |seed| {
        let runtime = two();
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut how = 0;
        runtime.block_on(async {
            for round in 0..400 {
                how += 1;
                let waits = rng.usize(..50);
                let started = Arc::new(AtomicBool::new(false));
                let heard = Arc::new(AtomicBool::new(false));
                let _ = task_group!(|g| {
                    let (started2, heard2) = (started.clone(), heard.clone());
                    let work = async move {
                        let scope = CancelScope::new();
                        started2.store(true, Ordering::SeqCst);
                        let outcome = scope
                            .run(async {
                                loop {
                                    nimsync::yield_now().await;
                                }
                            })
                            .await;
                        let _: Result<(), _> = outcome;
                        heard2.store(true, Ordering::SeqCst);
                    };
                    let child = if how % 3 == 2 {
                        g.service(work)
                    } else {
                        g.spawn(work)
                    };
                    // A second in the queue makes another worker come for the first.
                    g.spawn(async {});
                    wait_a_while_for(&started);
                    for _ in 0..waits {
                        std::hint::spin_loop();
                    }
                    match how % 3 {
                        0 => g.cancel(),
                        1 => child.cancel(),
                        _ => {}
                    }
                })
                .await;
                let (started, heard) =
                    (started.load(Ordering::SeqCst), heard.load(Ordering::SeqCst));
                assert_eq!(started, heard, "round {round}, way {}", how % 3);
            }
        });
    });
}

/// Each further failure began the grace period anew.
#[nimsync::test(start_paused = true)]
async fn a_second_cancellation_does_not_lengthen_the_grace_of_the_first() {
    let begin = nimsync::now();
    let scope = CancelScope::new();
    scope.cancel_after(10.milliseconds());
    sleep(5.milliseconds()).await;
    scope.cancel_after(1.minutes());
    assert!(scope.run(pending::<()>()).await.is_err());
    assert!(
        nimsync::now() - begin < 1.seconds(),
        "{:?}",
        nimsync::now() - begin
    );
}

/// A later grace period that is over first counts.
#[nimsync::test(start_paused = true)]
async fn a_second_cancellation_shortens_the_grace_of_the_first() {
    let begin = nimsync::now();
    let scope = CancelScope::new();
    scope.cancel_after(1.minutes());
    scope.cancel_after(10.milliseconds());
    assert!(scope.run(pending::<()>()).await.is_err());
    assert!(
        nimsync::now() - begin < 1.seconds(),
        "{:?}",
        nimsync::now() - begin
    );
}

/// The first clean-up that panicked was the last that ran.
#[test]
fn a_panic_in_clean_up_does_not_keep_the_rest_from_running() {
    let cleaned = Arc::new(AtomicUsize::new(0));
    let inner = cleaned.clone();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        local().block_on(async {
            task_group!(|g| {
                for i in 0..3 {
                    let cleaned = inner.clone();
                    g.defer(async move {
                        cleaned.fetch_add(1, Ordering::SeqCst);
                        if i == 2 {
                            panic_quietly();
                        }
                    });
                }
            })
            .await
        })
    }));
    assert!(is_wanted(&*outcome.unwrap_err()));
    assert_eq!(cleaned.load(Ordering::SeqCst), 3);
}

/// An error whose conversion panics.
#[derive(Debug)]
struct Bad;

#[derive(Debug)]
struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic_quietly();
        }
    }
}

impl From<Bad> for BoxError {
    fn from(_: Bad) -> Self {
        panic_quietly()
    }
}

/// The panic left the worker instead of the task.
#[test]
fn a_panic_in_the_conversion_of_an_error_is_a_panic_of_the_task() {
    for on_the_body in [false, true] {
        for workers in [1, 2] {
            let outcome = panics_in_order(workers, async move |ledger| {
                task_group!(|g| {
                    let guard = ledger.guard();
                    g.spawn(async move {
                        let _guard = guard;
                        pending::<()>().await;
                    });
                    if !on_the_body {
                        g.spawn(async { Err::<(), _>(Bad) });
                        pending::<()>().await;
                    }
                    Err::<(), _>(Bad)
                })
                .await
                .is_ok()
            });
            assert!(is_wanted(&*outcome.unwrap_err()));
        }
    }
}

/// A value and the future that returned it, both with such a destructor.
struct Returns(
    Option<PanicsWhenDropped>,
    #[allow(dead_code, reason = "dropped")] PanicsWhenDropped,
);

impl Future for Returns {
    type Output = Option<PanicsWhenDropped>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::task::Poll::Ready(self.0.take())
    }
}

impl Unpin for Returns {}

/// The second panic left the worker.
#[test]
fn a_future_and_its_value_may_both_panic_when_they_are_dropped() {
    for workers in [1, 2] {
        let outcome = panics_in_order(workers, async |_| {
            task_group!(|g| {
                g.spawn(Returns(Some(PanicsWhenDropped), PanicsWhenDropped));
            })
            .await
            .is_ok()
        });
        assert!(is_wanted(&*outcome.unwrap_err()));
    }
}

#[derive(Debug)]
struct DropsBadly(#[allow(dead_code, reason = "dropped")] PanicsWhenDropped);

impl std::fmt::Display for DropsBadly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an error that panics when it is dropped")
    }
}

impl std::error::Error for DropsBadly {}

/// The panic left the worker, and the group waited for ever.
#[test]
fn an_ignored_error_may_panic_when_it_is_dropped() {
    for workers in [1, 2] {
        let outcome = panics_in_order(workers, async |ledger| {
            task_group!(policy = ignore_errors, |g| {
                let guard = ledger.guard();
                g.spawn(async {
                    let _guard = guard;
                    Err::<(), _>(DropsBadly(PanicsWhenDropped))
                });
            })
            .await
            .is_ok()
        });
        // It is a panic of the task; to swallow it would be right as well.
        drop(outcome);
    }
}

/// As above, in a group that nobody is left to tell.
#[test]
fn an_error_of_a_group_that_was_dropped_may_panic_when_it_is_dropped() {
    for workers in [1, 2] {
        let outcome = panics_in_order(workers, async |_| {
            let group = Box::pin(async {
                task_group!(policy = collect_errors, |g| {
                    g.spawn(async { Err::<(), _>(DropsBadly(PanicsWhenDropped)) });
                    g.spawn(async {
                        shield!({
                            for _ in 0..10 {
                                nimsync::yield_now().await;
                            }
                        })
                        .await;
                    });
                    pending::<()>().await;
                })
                .await
            });
            let group = poll_times(5, group).await;
            drop(group);
        });
        drop(outcome);
    }
}

/// A payload whose destructor panics, when it is not the first.
#[test]
fn a_payload_may_panic_when_it_is_dropped() {
    for workers in [1, 2] {
        let outcome = panics_in_order(workers, async |_| {
            task_group!(policy = collect_errors, |g| {
                for _ in 0..3 {
                    g.spawn(async {
                        shield!(nimsync::yield_now()).await;
                        std::panic::resume_unwind(Box::new(PanicsWhenDropped));
                    });
                }
            })
            .await
            .is_ok()
        });
        std::mem::forget(outcome.unwrap_err());
    }
}

/// Several panics in one poll: the future, then the body that drops the group.
#[test]
fn a_panic_in_the_destructor_of_a_result_of_the_root() {
    let outcome = panics_in_order(1, async |_| {
        task_group!(|g| {
            drop(g.spawn_local(async { Some(PanicsWhenDropped) }));
            Some(PanicsWhenDropped)
        })
        .await
        .map(|_| ())
        .is_ok()
    });
    assert!(is_wanted(&*outcome.unwrap_err()));
}

/// A body whose last wish is to spawn, from a destructor.
#[test]
fn a_destructor_spawns_into_the_group_that_is_dropped() {
    struct Spawns<'a, 'g>(&'a nimsync::TaskGroup<'g>, Ledger);
    impl Drop for Spawns<'_, '_> {
        fn drop(&mut self) {
            let (a, b, c) = (self.1.guard(), self.1.guard(), self.1.guard());
            drop(self.0.spawn(async move { drop(a) }));
            drop(self.0.spawn_local(async move { drop(b) }));
            self.0.defer(async move { drop(c) });
        }
    }
    ends(|| {
        for times in 1..4 {
            let ledger = Ledger::new();
            local().block_on(async {
                let group = Box::pin(async {
                    task_group!(limit = 2, |g| {
                        let spawns = Spawns(g, ledger.clone());
                        let inner = ledger.clone();
                        g.spawn_local(async move {
                            let _spawns = Spawns(g, inner);
                            pending::<()>().await;
                        });
                        pending::<()>().await;
                        drop(spawns);
                    })
                    .await
                });
                drop(poll_times(times, group).await);
            });
            ledger.close();
        }
    });
}

#[test]
fn scopes_are_cancelled_and_watched_from_other_threads() {
    seeded(3, |seed| {
        let runtime = two();
        let ledger = Ledger::new();
        let scopes: Arc<Mutex<Vec<CancelScope>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let canceller = {
            let (scopes, stop) = (scopes.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let scope = scopes.lock().unwrap().pop();
                    match scope {
                        Some(scope) => {
                            scope.cancel();
                            assert!(scope.cancelled().now_or_never().is_some());
                        }
                        None => std::thread::yield_now(),
                    }
                    let _ = nimsync::tree().to_string();
                }
            })
        };
        let mut rng = fastrand::Rng::with_seed(seed);
        runtime.block_on(async {
            task_group!(|g| {
                for _ in 0..30 {
                    let (mut rng, scopes, ledger) = (rng.fork(), scopes.clone(), ledger.clone());
                    g.spawn(async move {
                        for _ in 0..10 {
                            let scope = CancelScope::new();
                            let inner = CancelScope::new();
                            scopes.lock().unwrap().push(scope.clone());
                            let guard: Guard = ledger.guard();
                            let protect = rng.usize(..4);
                            let work = inner.run(async {
                                let _guard = guard;
                                for _ in 0..protect {
                                    shield!(nimsync::yield_now()).await;
                                }
                                task_group!(|g| {
                                    for _ in 0..3 {
                                        let guard = ledger.guard();
                                        g.spawn(async move {
                                            let _guard = guard;
                                            pending::<()>().await;
                                        });
                                    }
                                    g.spawn_local(sleep(Duration::from_secs(60)));
                                })
                                .await
                            });
                            let _ = scope.run(work).await;
                        }
                    });
                }
            })
            .await
            .unwrap();
        });
        stop.store(true, Ordering::SeqCst);
        canceller.join().unwrap();
        scopes.lock().unwrap().clear();
        ledger.close();
    });
}
