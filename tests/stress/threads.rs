//! Threads that come to a runtime and leave it, and several runtimes at once.

use super::helpers::{Ledger, ends, seeded};
use futures::channel::oneshot;
use nimsync::prelude::*;
use nimsync::{Runtime, unblock};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Barrier, mpsc};
use std::thread::ThreadId;
use std::time::Duration;

/// The thread left the count of those that search for work as it was, and from
/// then on nobody was woken.
#[test]
fn a_scope_that_ends_while_its_thread_searches_leaves_the_others_wakeable() {
    let runtime = Arc::new(Runtime::builder().workers(2).build().unwrap());
    for _ in 0..300 {
        runtime
            .scope(|s| {
                for _ in 0..2 {
                    s.spawn(async {
                        sleep(200.microseconds()).await;
                        task_group!(|g| {
                            for _ in 0..3 {
                                g.spawn(async {});
                            }
                        })
                        .await
                        .unwrap();
                    });
                }
            })
            .unwrap();
    }
    let runtime2 = runtime.clone();
    ends(move || {
        for _ in 0..20 {
            let (sender, receiver) = oneshot::channel();
            let thread = std::thread::spawn(move || {
                // Long enough for everybody to fall asleep.
                std::thread::sleep(Duration::from_millis(3));
                sender.send(()).unwrap();
            });
            runtime2
                .block_on(async {
                    task_group!(|g| {
                        g.spawn(async { receiver.await.unwrap() });
                    })
                    .await
                })
                .unwrap();
            thread.join().unwrap();
        }
    });
}

/// What was in the queue of the first thread when it left stayed there.
#[test]
fn a_thread_that_leaves_a_local_runtime_leaves_its_queue_to_the_others() {
    ends(|| {
        for _ in 0..50 {
            let runtime = Runtime::local().build().unwrap();
            let (leave, may_leave) = oneshot::channel::<()>();
            let (entered, has_entered) = mpsc::channel();
            std::thread::scope(|s| {
                let runtime = &runtime;
                s.spawn(move || {
                    runtime.block_on(async move {
                        entered.send(()).unwrap();
                        may_leave.await.unwrap();
                        nimsync::yield_now().await;
                    });
                });
                has_entered.recv().unwrap();
                runtime
                    .block_on(async {
                        task_group!(|g| {
                            for _ in 0..50 {
                                g.spawn(async {
                                    nimsync::yield_now().await;
                                });
                            }
                            leave.send(()).unwrap();
                        })
                        .await
                    })
                    .unwrap();
            });
        }
    });
}

/// The thread had a second seat then, from which it could not reach what was in
/// the queue of the first.
#[test]
fn a_tree_inside_of_a_scope_of_the_same_runtime() {
    ends(|| {
        let runtime = Runtime::local().build().unwrap();
        let value = runtime.scope(|s| {
            let (sender, receiver) = oneshot::channel();
            let child = s.spawn(async move { sender.send(7).unwrap() });
            let value = runtime.block_on(receiver).unwrap();
            drop(child.join());
            value
        });
        assert_eq!(value.unwrap(), 7);
    });
}

/// Spawns a task that pins itself to its thread, by the hand of a plain thread.
async fn spawn_pinned(
    spawner: &nimsync::Spawner,
) -> (oneshot::Sender<()>, oneshot::Receiver<ThreadId>) {
    let (go, went) = oneshot::channel();
    let (sender, receiver) = oneshot::channel();
    let spawner = spawner.clone();
    let spawned = unblock(move || {
        spawner.spawn(async move {
            task_group!(|g| {
                g.spawn_local(async {
                    sender.send(std::thread::current().id()).unwrap();
                    went.await.unwrap();
                });
            })
            .await
        })
    });
    drop(spawned.await.unwrap());
    (go, receiver)
}

/// Two trees: a task of the one is run, and pinned, by the thread of the other,
/// which then leaves.
fn a_thread_leaves_with_a_foreign_task_pinned_to_it(guest: bool) {
    ends(move || {
        let runtime = Runtime::local().build().unwrap();
        let (entered, has_entered) = mpsc::channel();
        let (enter, may_enter) = mpsc::channel();
        let (leave, may_leave) = oneshot::channel::<()>();
        std::thread::scope(|s| {
            let runtime = &runtime;
            let leaver = s.spawn(move || {
                may_enter.recv().unwrap();
                runtime.block_on(async {
                    entered.send(std::thread::current().id()).unwrap();
                    may_leave.await.unwrap();
                });
            });
            // Whoever enters first has the seat, the other is a guest.
            let let_in = || {
                enter.send(()).unwrap();
                has_entered.recv().unwrap()
            };
            let leaver_id = (!guest).then(let_in);
            let stay = async {
                let leaver_id = leaver_id.unwrap_or_else(let_in);
                task_group!(|g| {
                    let spawner = g.spawner();
                    let mut held = Vec::new();
                    loop {
                        let (go, here) = spawn_pinned(&spawner).await;
                        held.push(go);
                        // Keeps this thread from taking it.
                        std::thread::sleep(Duration::from_millis(10));
                        if here.await == Ok(leaver_id) {
                            break;
                        }
                    }
                    leave.send(()).unwrap();
                    // Pinned tasks may keep their thread, but not for ever.
                    sleep(20.milliseconds()).await;
                    for go in held {
                        go.send(()).unwrap();
                    }
                })
                .await
                .unwrap();
            };
            runtime.block_on(stay);
            leaver.join().unwrap();
        });
    });
}

/// It hung, as nobody looked at what is pinned to a seat without a thread.
#[test]
fn a_task_pinned_to_the_first_seat_goes_on_when_its_thread_leaves() {
    a_thread_leaves_with_a_foreign_task_pinned_to_it(false);
}

/// Whoever woke the task panicked, as the guest's seat was gone.
#[test]
fn a_task_pinned_to_a_guest_goes_on_when_that_leaves() {
    a_thread_leaves_with_a_foreign_task_pinned_to_it(true);
}

#[test]
fn several_threads_are_inside_one_runtime_at_once() {
    seeded(3, |seed| {
        for workers in [1, 2] {
            let ledger = Ledger::new();
            let runtime = Runtime::builder().workers(workers).build().unwrap();
            let barrier = Barrier::new(3);
            std::thread::scope(|s| {
                for thread in 0..3 {
                    let (runtime, ledger, barrier) = (&runtime, &ledger, &barrier);
                    s.spawn(move || {
                        let mut rng = fastrand::Rng::with_seed(seed ^ thread);
                        barrier.wait();
                        for _ in 0..20 {
                            let not_send = Rc::new(());
                            runtime
                                .block_on(async {
                                    task_group!(|g| {
                                        for _ in 0..rng.usize(..12) {
                                            let guard = ledger.guard();
                                            let mut rng = rng.fork();
                                            g.spawn(async move {
                                                let _guard = guard;
                                                nimsync::yield_now().await;
                                                if rng.bool() {
                                                    sleep(rng.u64(..200).microseconds()).await;
                                                }
                                            });
                                        }
                                        nimsync::yield_now().await;
                                    })
                                    .await
                                })
                                .unwrap();
                            drop(not_send);
                        }
                    });
                }
            });
            ledger.close();
        }
    });
}

#[test]
fn a_runtime_inside_a_blocking_call_of_another() {
    let outer = Runtime::builder().workers(2).build().unwrap();
    let inner = Arc::new(Runtime::builder().workers(2).build().unwrap());
    let ledger = Ledger::new();
    outer
        .block_on(async {
            task_group!(|g| {
                for _ in 0..4 {
                    let (inner, guard) = (inner.clone(), ledger.guard());
                    g.spawn_blocking(move || {
                        inner
                            .block_on(async {
                                task_group!(|g| {
                                    g.spawn(async move {
                                        let _guard = guard;
                                        sleep(1.milliseconds()).await;
                                    });
                                })
                                .await
                            })
                            .unwrap();
                    });
                }
            })
            .await
        })
        .unwrap();
    ledger.close();
}

#[test]
fn blocking_on_another_runtime_inside_a_task_is_refused() {
    let (a, b) = (
        Runtime::local().build().unwrap(),
        Runtime::local().build().unwrap(),
    );
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        a.block_on(async { b.block_on(async {}) })
    }));
    let payload = outcome.expect_err("it would block the worker");
    assert!(
        payload
            .downcast_ref::<String>()
            .unwrap()
            .contains("inside a task")
    );
    a.block_on(async {});
    b.block_on(async {});
}
