//! The no-orphan rule.

use nimsync::prelude::*;
use nimsync::{Runtime, unblock};
use nimsync_tests::Census;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

/// Polls a future once and drops it.
async fn poll_once<F: Future>(future: F) {
    let mut future = Box::pin(future);
    std::future::poll_fn(|cx| {
        let _ = future.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
}

#[test]
fn nothing_is_running_after_block_on() {
    let census = Census::new();
    let runtime = Runtime::builder().workers(2).build().unwrap();
    runtime.block_on(async {
        poll_once(task_group!(|g| {
            for _ in 0..50 {
                let alive = census.guard();
                g.spawn(async move {
                    let _alive = alive;
                    shield!({
                        for _ in 0..20 {
                            nimsync::yield_now().await;
                        }
                    })
                    .await;
                    std::future::pending::<()>().await;
                });
            }
            for _ in 0..3 {
                nimsync::yield_now().await;
            }
            std::future::pending::<()>().await;
        }))
        .await;
    });
    assert_eq!((census.born(), census.alive()), (50, 0));
}

#[nimsync::test]
async fn a_task_does_not_end_before_the_children_of_a_group_that_it_dropped() {
    let census = Census::new();
    let inner = census.clone();
    task_group!(|g| {
        let task = g.spawn(async move {
            let alive = inner.guard();
            poll_once(task_group!(|g| {
                g.spawn(async move {
                    let _alive = alive;
                    shield!({
                        for _ in 0..10 {
                            nimsync::yield_now().await;
                        }
                    })
                    .await;
                });
                nimsync::yield_now().await;
                nimsync::yield_now().await;
                std::future::pending::<()>().await;
            }))
            .await;
            "dropped half way"
        });
        assert_eq!(task.await, "dropped half way");
        assert_eq!(census.alive(), 0);
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn destructors_of_grandchildren_run_before_the_parent_goes_on() {
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    struct Note(&'static str, Arc<std::sync::Mutex<Vec<&'static str>>>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    let (a, b, c) = (
        Note("parent", order.clone()),
        Note("child", order.clone()),
        Note("grandchild", order.clone()),
    );
    task_group!(|g| {
        let task = g.spawn(async move {
            let _a = a;
            task_group!(|g| {
                g.spawn(async move {
                    let _b = b;
                    task_group!(|g| {
                        g.spawn(async move {
                            let _c = c;
                            std::future::pending::<()>().await;
                        });
                    })
                    .await
                });
            })
            .await
        });
        for _ in 0..5 {
            nimsync::yield_now().await;
        }
        task.cancel();
        task.outcome().await;
        order.lock().unwrap().push("joined");
    })
    .await
    .unwrap();
    let order = order.lock().unwrap();
    assert_eq!(order.last(), Some(&"joined"));
    assert_eq!(order.len(), 4);
}

#[nimsync::test]
async fn clean_up_runs_when_the_group_is_dropped_half_way() {
    let cleaned = Arc::new(AtomicUsize::new(0));
    task_group!(|g| {
        let cleaned2 = cleaned.clone();
        let task = g.spawn(async move {
            poll_once(task_group!(|g| {
                g.defer(async move {
                    nimsync::yield_now().await;
                    cleaned2.fetch_add(1, Ordering::SeqCst);
                });
                std::future::pending::<()>().await;
            }))
            .await;
        });
        task.await;
        assert_eq!(cleaned.load(Ordering::SeqCst), 1);
    })
    .await
    .unwrap();
}

#[test]
fn the_loser_of_a_select_leaves_nothing_behind() {
    let census = Census::new();
    Runtime::local().build().unwrap().block_on(async {
        let group = async {
            task_group!(|g| {
                for _ in 0..10 {
                    let alive = census.guard();
                    g.spawn(async move {
                        let _alive = alive;
                        std::future::pending::<()>().await;
                    });
                }
            })
            .await
        };
        let other = async {
            nimsync::yield_now().await;
        };
        futures::future::select(Box::pin(group), Box::pin(other)).await;
    });
    assert_eq!((census.born(), census.alive()), (10, 0));
}

#[nimsync::test]
async fn a_blocking_call_that_runs_is_waited_for() {
    let ended = Arc::new(AtomicBool::new(false));
    let (began_tx, began_rx) = std::sync::mpsc::channel();
    let (go_tx, go_rx) = std::sync::mpsc::channel::<()>();
    let seen = ended.clone();
    task_group!(|g| {
        let child = g.spawn(async move {
            unblock(move || {
                began_tx.send(()).unwrap();
                go_rx.recv().unwrap();
                seen.store(true, Ordering::SeqCst);
            })
            .await;
        });
        nimsync::yield_now().await;
        began_rx.recv().unwrap();
        child.cancel();
        nimsync::yield_now().await;
        assert!(!child.is_finished());
        go_tx.send(()).unwrap();
    })
    .await
    .unwrap();
    assert!(ended.load(Ordering::SeqCst));
}

#[test]
fn a_blocking_call_whose_future_was_dropped_is_waited_for() {
    let ended = Arc::new(AtomicBool::new(false));
    let seen = ended.clone();
    let (began_tx, began_rx) = std::sync::mpsc::channel();
    let (go_tx, go_rx) = std::sync::mpsc::channel::<()>();
    Runtime::local().build().unwrap().block_on(async move {
        let mut call = Box::pin(unblock(move || {
            began_tx.send(()).unwrap();
            go_rx.recv().unwrap();
            seen.store(true, Ordering::SeqCst);
        }));
        std::future::poll_fn(|cx| {
            assert!(call.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        began_rx.recv().unwrap();
        drop(call);
        go_tx.send(()).unwrap();
    });
    assert!(ended.load(Ordering::SeqCst));
}

#[test]
fn a_blocking_call_that_has_not_begun_is_withdrawn() {
    let runtime = Runtime::local().blocking_threads(1).build().unwrap();
    let second = Arc::new(AtomicBool::new(false));
    let seen = second.clone();
    runtime.block_on(async {
        let (began_tx, began_rx) = std::sync::mpsc::channel();
        let (go_tx, go_rx) = std::sync::mpsc::channel::<()>();
        task_group!(|g| {
            g.spawn_blocking(move || {
                began_tx.send(()).unwrap();
                go_rx.recv().unwrap();
            });
            nimsync::yield_now().await;
            began_rx.recv().unwrap();
            let waiting = g.spawn_blocking(move || seen.store(true, Ordering::SeqCst));
            nimsync::yield_now().await;
            waiting.cancel();
            assert!(waiting.outcome().await.is_cancelled());
            go_tx.send(()).unwrap();
        })
        .await
        .unwrap();
    });
    assert!(!second.load(Ordering::SeqCst));
}

#[nimsync::test]
async fn an_unwanted_value_is_dropped_before_the_group_ends() {
    let census = Census::new();
    for _ in 0..100 {
        let alive = census.guard();
        task_group!(|g| {
            g.spawn(async move { Some(alive) });
        })
        .await
        .unwrap();
        assert_eq!(census.alive(), 0);
    }
}
