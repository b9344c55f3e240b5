//! Children in place: the thread they stay on, and who drops them.

#![expect(
    clippy::async_yields_async,
    reason = "groups are handed out on purpose"
)]

use super::helpers::{Boxed, Ledger, ends, poll_times, seeded};
use futures::channel::oneshot;
use nimsync::prelude::*;
use nimsync::{GroupError, Runtime};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread::ThreadId;

/// Notices when it is dropped on another thread than where it was made.
struct Here {
    thread: ThreadId,
    moved: Arc<AtomicBool>,
    _not_send: Rc<()>,
}

impl Here {
    fn new(moved: &Arc<AtomicBool>) -> Self {
        Self {
            thread: std::thread::current().id(),
            moved: moved.clone(),
            _not_send: Rc::new(()),
        }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        if std::thread::current().id() != self.thread {
            self.moved.store(true, Ordering::SeqCst);
        }
    }
}

/// A group with a child in place that holds something which is not `Send`.
fn group_with_a_child_in_place(moved: &Arc<AtomicBool>) -> Boxed<Result<(), GroupError>> {
    let moved = moved.clone();
    Box::pin(async move {
        task_group!(|g| {
            g.spawn_local(async {
                let _here = Here::new(&moved);
                loop {
                    nimsync::yield_now().await;
                }
            });
            pending::<()>().await;
        })
        .await
    })
}

#[test]
fn children_in_place_are_not_dropped_on_the_thread_that_polls_their_group_by_mistake() {
    let moved = Arc::new(AtomicBool::new(false));
    let group = Runtime::local()
        .build()
        .unwrap()
        .block_on(async { poll_times(1, group_with_a_child_in_place(&moved)).await });
    ends(move || {
        let other = Runtime::local().build().unwrap();
        let outcome = catch_unwind(AssertUnwindSafe(|| other.block_on(group)));
        let payload = outcome.expect_err("the group is on the wrong thread");
        let message = payload.downcast_ref::<String>().expect("a message");
        assert!(message.contains("moved to another thread"), "{message}");
    });
    assert!(!moved.load(Ordering::SeqCst), "dropped where it may not be");
}

#[test]
fn children_in_place_are_not_dropped_on_the_thread_that_drops_their_group_by_mistake() {
    let moved = Arc::new(AtomicBool::new(false));
    let group = Runtime::local()
        .build()
        .unwrap()
        .block_on(async { poll_times(1, group_with_a_child_in_place(&moved)).await });
    ends(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| drop(group)));
        assert!(outcome.is_err());
    });
    assert!(!moved.load(Ordering::SeqCst), "dropped where it may not be");
}

/// The group remembered its first host, and wrote to it after that had ended.
#[test]
fn a_group_outlives_the_task_in_which_it_spawned_in_place() {
    Runtime::local().build().unwrap().block_on(async {
        task_group!(|g| {
            let (sender, receiver) = oneshot::channel();
            g.spawn(async move {
                let (go, went) = oneshot::channel::<()>();
                let group: Boxed<()> = Box::pin(async move {
                    task_group!(|g| {
                        g.spawn_local(async {});
                        went.await.unwrap();
                    })
                    .await
                    .unwrap();
                });
                let group = poll_times(2, group).await;
                assert!(sender.send((group, go)).is_ok());
            });
            let (group, go) = receiver.await.unwrap();
            for _ in 0..5 {
                nimsync::yield_now().await;
            }
            go.send(()).unwrap();
            group.await;
        })
        .await
        .unwrap();
    });
}

/// The group that ended first unpinned the task for the other one as well.
#[test]
fn two_groups_with_children_in_place_in_one_task_pin_it_until_both_have_ended() {
    async fn in_place(rounds: usize) {
        let count = AtomicUsize::new(0);
        task_group!(|g| {
            g.spawn_local(async {
                let rc = Rc::new(());
                for _ in 0..rounds {
                    nimsync::yield_now().await;
                    count.fetch_add(Rc::strong_count(&rc), Ordering::Relaxed);
                }
            });
        })
        .await
        .unwrap();
        assert_eq!(count.into_inner(), rounds);
    }
    let runtime = Runtime::builder().workers(4).build().unwrap();
    runtime
        .block_on(async {
            task_group!(|g| {
                for i in 0..64 {
                    g.spawn(async move {
                        futures::join!(in_place(i % 70), in_place(2_000), in_place(i % 50));
                    });
                }
            })
            .await
        })
        .unwrap();
}

#[test]
fn children_in_place_stay_put_under_migration_pressure() {
    seeded(3, |seed| {
        let moved = Arc::new(AtomicBool::new(false));
        let runtime = Runtime::builder().workers(4).build().unwrap();
        let mut rng = fastrand::Rng::with_seed(seed);
        runtime.block_on(async {
            task_group!(|g| {
                for _ in 0..40 {
                    let (moved, mut rng) = (moved.clone(), rng.fork());
                    g.spawn(async move {
                        for _ in 0..rng.usize(1..4) {
                            nimsync::yield_now().await;
                            let (to_its_end, limit) = (rng.bool(), rng.u64(..300));
                            let group = task_group!(|g| {
                                for _ in 0..3 {
                                    let mut rng = rng.fork();
                                    let moved = &moved;
                                    g.spawn_local(async move {
                                        let here = Here::new(moved);
                                        for _ in 0..rng.usize(..30) {
                                            if rng.u8(..8) == 0 {
                                                sleep(rng.u64(..100).microseconds()).await;
                                            }
                                            nimsync::yield_now().await;
                                            let now = std::thread::current().id();
                                            assert_eq!(now, here.thread);
                                        }
                                    });
                                }
                                for _ in 0..5 {
                                    g.spawn(async {
                                        nimsync::yield_now().await;
                                    });
                                }
                            });
                            if to_its_end {
                                group.await.unwrap();
                            } else {
                                let _ = with_timeout!(limit.microseconds(), group).await;
                            }
                        }
                    });
                }
            })
            .await
            .unwrap();
        });
        assert!(!moved.load(Ordering::SeqCst));
    });
}

/// It was neither in the queue of the group nor could it get there: the one
/// place was taken by a parallel child.
#[test]
fn a_child_in_place_that_waits_for_room_is_dropped_with_its_group() {
    ends(|| {
        let ledger = Ledger::new();
        let guard = ledger.guard();
        Runtime::local().build().unwrap().block_on(async {
            let group = Box::pin(async {
                task_group!(limit = 1, |g| {
                    g.spawn(pending::<()>());
                    g.spawn_local(async move {
                        let _guard = guard;
                        pending::<()>().await;
                    });
                    pending::<()>().await;
                })
                .await
            });
            let group = poll_times(1, group).await;
            drop(group);
            assert_eq!(ledger.alive(), 0, "it outlives its group");
        });
    });
}

/// A waker that was between "scheduled" and "queued" hid the child from the
/// group that dropped it.
#[test]
fn a_child_in_place_that_is_being_woken_is_dropped_with_its_group() {
    ends(|| {
        let slot: Arc<Mutex<Option<Waker>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let wakers: Vec<_> = (0..4)
            .map(|_| {
                let (slot, stop) = (slot.clone(), stop.clone());
                std::thread::spawn(move || {
                    while !stop.load(Ordering::SeqCst) {
                        let waker = slot.lock().unwrap().clone();
                        if let Some(waker) = waker {
                            waker.wake();
                        }
                        std::thread::yield_now();
                    }
                })
            })
            .collect();
        let ledger = Ledger::new();
        Runtime::local().build().unwrap().block_on(async {
            for _ in 0..5_000 {
                let guard = ledger.guard();
                let slot = &slot;
                let group = Box::pin(async move {
                    task_group!(|g| {
                        g.spawn_local(async move {
                            let _guard = guard;
                            std::future::poll_fn(|cx| {
                                *slot.lock().unwrap() = Some(cx.waker().clone());
                                Poll::<()>::Pending
                            })
                            .await;
                        });
                        pending::<()>().await;
                    })
                    .await
                });
                let group = poll_times(2, group).await;
                drop(group);
                assert_eq!(ledger.alive(), 0, "it outlives its group");
            }
        });
        stop.store(true, Ordering::SeqCst);
        for thread in wakers {
            thread.join().unwrap();
        }
    });
}
