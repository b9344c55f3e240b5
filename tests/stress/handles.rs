//! Handles and wakers on foreign threads, and after what they belong to has ended.

use super::helpers::{Boxed, Guard, Ledger, ends, poll_idly, seeded, wait_for};
use nimsync::prelude::*;
use nimsync::{Child, Runtime, unblock};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Wake, Waker};

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
