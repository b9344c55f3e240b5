//! The runtime: building, blocking, shutting down, spreading work.

use nimsync::cancel::CancelReason;
use nimsync::prelude::*;
use nimsync::{Runtime, unblock};
use nimsync_tests::Census;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

#[test]
fn threads_are_named_after_the_runtime() {
    let runtime = Runtime::builder()
        .workers(3)
        .thread_name("svc")
        .stack_size(1 << 20)
        .build()
        .unwrap();
    let names = Arc::new(Mutex::new(HashSet::new()));
    let barrier = Arc::new(Barrier::new(3));
    runtime
        .block_on(async {
            task_group!(|g| {
                for _ in 0..3 {
                    let (names, barrier) = (names.clone(), barrier.clone());
                    g.spawn(async move {
                        let name = std::thread::current().name().map(str::to_owned);
                        names.lock().unwrap().insert(name);
                        barrier.wait();
                    });
                }
            })
            .await
        })
        .unwrap();
    let names = names.lock().unwrap();
    assert!(names.contains(&Some("svc-1".to_owned())) && names.contains(&Some("svc-2".to_owned())));
}

#[test]
fn the_root_need_not_be_send() {
    let not_send = std::rc::Rc::new(5);
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let value = runtime.block_on(async {
        let here = std::thread::current().id();
        for _ in 0..100 {
            nimsync::yield_now().await;
            assert_eq!(std::thread::current().id(), here);
        }
        *not_send
    });
    assert_eq!(value, 5);
}

#[test]
fn several_threads_may_be_inside_one_runtime() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                for _ in 0..10 {
                    runtime
                        .block_on(async {
                            task_group!(|g| {
                                for _ in 0..20 {
                                    let count = count.clone();
                                    g.spawn(async move {
                                        sleep(100.microseconds()).await;
                                        count.fetch_add(1, Ordering::SeqCst);
                                    });
                                }
                            })
                            .await
                        })
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(count.load(Ordering::SeqCst), 800);
}

#[test]
fn a_local_runtime_with_several_threads_inside() {
    let runtime = Runtime::local().build().unwrap();
    std::thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| {
                runtime
                    .block_on(async {
                        task_group!(|g| {
                            for i in 0..10 {
                                g.spawn(sleep(Duration::from_micros(i * 300)));
                            }
                        })
                        .await
                    })
                    .unwrap();
            });
        }
    });
}

#[test]
fn a_foreign_thread_wakes_a_task() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    for _ in 0..200 {
        let (sender, receiver) = futures::channel::oneshot::channel();
        let thread = std::thread::spawn(move || sender.send(1).unwrap());
        assert_eq!(runtime.block_on(receiver), Ok(1));
        thread.join().unwrap();
    }
}

#[test]
fn work_is_stolen_from_a_worker_that_is_stuck() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let released = Arc::new(AtomicBool::new(false));
    runtime
        .block_on(async {
            task_group!(|g| {
                let (release, wait) = (released.clone(), released.clone());
                // Whichever worker runs this one is stuck until the other has
                // run the second, which was queued behind it.
                g.spawn(async move {
                    while !wait.load(Ordering::SeqCst) {
                        std::thread::yield_now();
                    }
                });
                g.spawn(async move { release.store(true, Ordering::SeqCst) });
                // The body's own thread takes one of the two.
            })
            .await
        })
        .unwrap();
}

#[test]
fn a_task_woken_by_a_worker_that_is_stuck_is_run_by_another() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let released = Arc::new(AtomicBool::new(false));
    runtime
        .block_on(async {
            let (sender, receiver) = futures::channel::oneshot::channel();
            task_group!(|g| {
                let (release, wait) = (released.clone(), released.clone());
                g.spawn(async move {
                    receiver.await.unwrap();
                    release.store(true, Ordering::SeqCst);
                });
                g.spawn(async move {
                    nimsync::yield_now().await;
                    sender.send(()).unwrap();
                    while !wait.load(Ordering::SeqCst) {
                        std::thread::yield_now();
                    }
                });
            })
            .await
        })
        .unwrap();
}

#[test]
fn a_sleeping_runtime_that_gets_stuck_is_looked_after() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    let released = Arc::new(AtomicBool::new(false));
    runtime
        .block_on(async {
            task_group!(|g| {
                for round in 0..20 {
                    // Long enough for both workers to sleep without a limit.
                    sleep(20.milliseconds()).await;
                    let (release, wait) = (released.clone(), released.clone());
                    released.store(false, Ordering::SeqCst);
                    g.spawn(async move {
                        release.store(true, Ordering::SeqCst);
                    });
                    if round % 2 == 0 {
                        // Out of the next-task slot, into the queue.
                        g.spawn(async {});
                    }
                    // This poll goes on until the child has run elsewhere.
                    while !wait.load(Ordering::SeqCst) {
                        std::thread::yield_now();
                    }
                }
            })
            .await
        })
        .unwrap();
}

#[test]
fn blocking_calls_run_beside_each_other_within_their_bound() {
    let runtime = Runtime::builder()
        .workers(1)
        .blocking_threads(4)
        .build()
        .unwrap();
    let running = Arc::new(AtomicUsize::new(0));
    let barrier = Arc::new(Barrier::new(4));
    runtime
        .block_on(async {
            task_group!(|g| {
                for _ in 0..16 {
                    let (running, barrier) = (running.clone(), barrier.clone());
                    g.spawn_blocking(move || {
                        assert!(running.fetch_add(1, Ordering::SeqCst) < 4);
                        barrier.wait();
                        running.fetch_sub(1, Ordering::SeqCst);
                        barrier.wait();
                    });
                }
            })
            .await
        })
        .unwrap();
}

/// Each call protects its task while it runs; the next one is not begun.
#[test]
fn a_loop_of_blocking_calls_can_be_cancelled() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    runtime.block_on(async {
        task_group!(|g| {
            g.service(async {
                loop {
                    unblock(std::thread::yield_now).await;
                }
            });
            unblock(std::thread::yield_now).await;
        })
        .await
        .unwrap();
    });
}

#[test]
fn an_unblocked_call_returns_its_value() {
    assert_eq!(nimsync::block_on(async { unblock(|| 6 * 7).await }), 42);
}

#[test]
fn shutdown_cancels_what_is_running() {
    let runtime = Arc::new(Runtime::builder().workers(2).build().unwrap());
    let census = Census::new();
    let (began_tx, began_rx) = std::sync::mpsc::channel();
    let inside = runtime.clone();
    let inner = census.clone();
    let thread = std::thread::spawn(move || {
        inside.block_on(async move {
            let alive = inner.guard();
            let outcome = CancelScope::new()
                .run(async {
                    task_group!(|g| {
                        g.spawn(async move {
                            let _alive = alive;
                            began_tx.send(()).unwrap();
                            std::future::pending::<()>().await;
                        });
                    })
                    .await
                })
                .await;
            match outcome {
                Ok(group) => group
                    .unwrap_err()
                    .cancelled()
                    .unwrap()
                    .origin()
                    .reason
                    .clone(),
                Err(cancelled) => cancelled.origin().reason.clone(),
            }
        })
    });
    began_rx.recv().unwrap();
    // The other thread gives its reference back when `block_on` returns, so the
    // runtime is cancelled through its handle first.
    runtime.shutdown();
    assert_eq!(thread.join().unwrap(), CancelReason::Shutdown);
    assert_eq!(census.alive(), 0);
    let runtime = Arc::into_inner(runtime).unwrap();
    assert!(runtime.shutdown_timeout(5.seconds()));
}

#[test]
fn dropping_a_runtime_waits_for_blocking_calls() {
    let ended = Arc::new(AtomicBool::new(false));
    let seen = ended.clone();
    let runtime = Runtime::local().build().unwrap();
    runtime.block_on(async move {
        unblock(move || seen.store(true, Ordering::SeqCst)).await;
    });
    drop(runtime);
    assert!(ended.load(Ordering::SeqCst));
}

#[test]
fn the_root_of_the_free_block_on_comes_from_where_it_was_called() {
    let line = line!() + 1;
    let tree = nimsync::block_on(async { nimsync::tree().to_string() });
    assert!(tree.contains(&format!("runtime.rs:{line}")), "{tree}");
}
