//! Borrowed values, children in place, handles and wakers on foreign threads,
//! and several threads or runtimes at once.

#![expect(
    clippy::async_yields_async,
    reason = "groups are handed out on purpose"
)]

use super::helpers::{Guard, Ledger, ends, panic_quietly, poll_idly, poll_times, seeded, wait_for};
use futures::channel::oneshot;
use nimsync::prelude::*;
use nimsync::{Child, GroupError, Runtime, unblock};
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::task::{Poll, Wake, Waker};
use std::thread::ThreadId;
use std::time::Duration;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

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

#[test]
fn handles_are_dropped_awaited_and_cancelled_on_other_threads() {
    seeded(2, |seed| {
        let ledger = Ledger::new();
        let runtime = Runtime::builder().workers(2).build().unwrap();
        let (handles, received) = mpsc::channel::<(u8, Child<Option<Guard>>)>();
        let received = Arc::new(Mutex::new(received));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let received = received.clone();
                std::thread::spawn(move || {
                    loop {
                        let next = received.lock().unwrap().recv();
                        let Ok((what, child)) = next else { return };
                        match what {
                            0 => drop(child),
                            1 => {
                                child.cancel();
                                drop(child);
                            }
                            2 => drop(wait_for(child.outcome())),
                            3 => {
                                let mut outcome = Box::pin(child.outcome());
                                let _ = poll_idly(&mut outcome);
                            }
                            _ => {
                                while !child.is_finished() {
                                    child.cancel();
                                    std::thread::yield_now();
                                }
                                assert!(child.name().is_none());
                            }
                        }
                    }
                })
            })
            .collect();
        let mut rng = fastrand::Rng::with_seed(seed);
        runtime.block_on(async {
            for _ in 0..400 {
                task_group!(|g| {
                    for _ in 0..rng.usize(1..6) {
                        let guard = ledger.guard();
                        let yields = rng.usize(..3);
                        let child = g.spawn(async move {
                            for _ in 0..yields {
                                nimsync::yield_now().await;
                            }
                            Some(guard)
                        });
                        handles.send((rng.u8(..5), child)).unwrap();
                    }
                })
                .await
                .unwrap();
            }
        });
        drop(handles);
        for thread in threads {
            thread.join().unwrap();
        }
        ledger.close();
    });
}

/// A handle reached for the scope of its group, which had ended meanwhile.
#[test]
fn cancelling_a_child_while_its_group_ends() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let (handles, received) = mpsc::channel::<Child<()>>();
    let thread = std::thread::spawn(move || {
        for child in received {
            child.cancel();
        }
    });
    runtime.block_on(async {
        for _ in 0..20_000 {
            task_group!(|g| {
                handles.send(g.spawn(async {})).unwrap();
            })
            .await
            .unwrap();
        }
    });
    drop(handles);
    thread.join().unwrap();
}

#[test]
fn wakers_outlive_their_tasks_and_their_runtime() {
    let wakers: Arc<Mutex<Vec<Waker>>> = Arc::default();
    let note = |wakers: &Arc<Mutex<Vec<Waker>>>| {
        let wakers = wakers.clone();
        std::future::poll_fn(move |cx| {
            wakers.lock().unwrap().push(cx.waker().clone());
            Poll::Ready(())
        })
    };
    for workers in [1, 2, 4] {
        let ledger = Ledger::new();
        let runtime = Runtime::builder().workers(workers).build().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let noise = {
            let (wakers, stop) = (wakers.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let some = wakers.lock().unwrap().clone();
                    some.iter().for_each(Waker::wake_by_ref);
                    std::thread::yield_now();
                }
            })
        };
        for _ in 0..20 {
            runtime
                .block_on(async {
                    note(&wakers).await;
                    task_group!(|g| {
                        for _ in 0..5 {
                            let (wakers, guard) = (wakers.clone(), ledger.guard());
                            g.spawn(async move {
                                let _guard = guard;
                                note(&wakers).await;
                                nimsync::yield_now().await;
                            });
                        }
                        let wakers = &wakers;
                        g.spawn_local(async move {
                            nimsync::yield_now().await;
                            note(wakers).await;
                        });
                    })
                    .await
                })
                .unwrap();
            if wakers.lock().unwrap().len() > 100 {
                wakers.lock().unwrap().drain(..50).for_each(Waker::wake);
            }
        }
        drop(runtime);
        stop.store(true, Ordering::SeqCst);
        noise.join().unwrap();
        ledger.close();
    }
    for waker in wakers.lock().unwrap().drain(..) {
        waker.wake_by_ref();
        waker.wake();
    }
}

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

/// FAILS: it hangs, as nobody looks at what is pinned to a seat without a thread.
#[test]
fn a_task_pinned_to_the_first_seat_goes_on_when_its_thread_leaves() {
    a_thread_leaves_with_a_foreign_task_pinned_to_it(false);
}

/// FAILS: whoever wakes the task panics, as the guest's seat is gone.
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

/// Eager children ran where they were spawned, even on a plain thread without
/// timers, where everything that they awaited panicked.
#[test]
fn an_eager_group_takes_children_from_plain_threads() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    runtime
        .block_on(async {
            task_group!(eager, |g| {
                let spawner = g.spawner();
                let thread = std::thread::spawn(move || {
                    spawner
                        .spawn(async {
                            sleep(1.microseconds()).await;
                            task_group!(|g| {
                                g.spawn_local(async { nimsync::yield_now().await });
                            })
                            .await
                        })
                        .is_ok()
                });
                let spawned = unblock(move || thread.join()).await;
                assert!(spawned.unwrap());
            })
            .await
        })
        .unwrap();
}

/// FAILS: the tree ends while a group that was moved out of it goes on.
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

/// FAILS: as above, with a future that is forgotten.
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

/// FAILS: the task waits for them, at its end; the group whose body dropped
/// them does not.
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

/// A waker whose destructor drops a sleep, as the wakers of simple executors
/// do, whose tasks are their own wakers.
#[test]
fn a_waker_may_own_what_it_wakes() {
    struct Task(#[allow(dead_code, reason = "owned")] Mutex<Option<Boxed<()>>>);
    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }
    ends(|| {
        Runtime::local().build().unwrap().block_on(async {
            let mut inner: Boxed<()> = Box::pin(sleep(1.minutes()));
            assert!(poll_idly(&mut inner).is_pending());
            let waker = Waker::from(Arc::new(Task(Mutex::new(Some(inner)))));
            let mut outer = Box::pin(sleep(1.minutes()));
            let mut cx = std::task::Context::from_waker(&waker);
            assert!(outer.as_mut().poll(&mut cx).is_pending());
            drop(waker);
            // Replaces the waker, and so drops the task, and so its sleep.
            assert!(poll_idly(&mut outer).is_pending());

            let scope = CancelScope::new();
            let mut inner: Boxed<()> = {
                let scope = scope.clone();
                Box::pin(async move { scope.cancelled().await })
            };
            assert!(poll_idly(&mut inner).is_pending());
            let waker = Waker::from(Arc::new(Task(Mutex::new(Some(inner)))));
            let mut outer = Box::pin(scope.cancelled());
            let mut cx = std::task::Context::from_waker(&waker);
            assert!(outer.as_mut().poll(&mut cx).is_pending());
            drop(waker);
            assert!(poll_idly(&mut outer).is_pending());
        });
    });
}
