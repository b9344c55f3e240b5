//! How many children run at once, and where.

use nimsync::prelude::*;
use nimsync_tests::Census;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[nimsync::test]
async fn a_limit_bounds_what_runs_and_keeps_the_order() {
    let running = Arc::new(AtomicUsize::new(0));
    let order = Arc::new(Mutex::new(Vec::new()));
    task_group!(limit = 3, |g| {
        for i in 0..20 {
            let (running, order) = (running.clone(), order.clone());
            g.spawn(async move {
                assert!(running.fetch_add(1, Ordering::SeqCst) < 3);
                order.lock().unwrap().push(i);
                for _ in 0..i % 4 {
                    nimsync::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        assert_eq!((g.len(), g.running()), (20, 3));
    })
    .await
    .unwrap();
    assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
}

#[nimsync::test]
async fn a_limit_holds_for_children_in_place() {
    let running = RefCell::new(0);
    task_group!(limit = 2, |g| {
        for _ in 0..6 {
            g.spawn_local(async {
                *running.borrow_mut() += 1;
                assert!(*running.borrow() <= 2);
                nimsync::yield_now().await;
                *running.borrow_mut() -= 1;
            });
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn ready_waits_for_room() {
    task_group!(limit = 2, |g| {
        for _ in 0..10 {
            g.ready().await;
            assert!(g.len() < 2);
            g.spawn(nimsync::yield_now());
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn a_failing_group_drops_the_children_that_wait_for_room() {
    let census = Census::new();
    let error = task_group!(limit = 1, |g| {
        g.spawn(async {
            nimsync::yield_now().await;
            Err::<(), _>("first")
        });
        for _ in 0..10 {
            let alive = census.guard();
            g.spawn(async move { drop(alive) });
        }
    })
    .await;
    assert!(error.is_err());
    assert_eq!((census.born(), census.alive()), (10, 0));
}

#[nimsync::test]
async fn children_in_place_need_not_be_send_and_drive_the_body() {
    let shared = Rc::new(RefCell::new(Vec::new()));
    task_group!(|g| {
        for i in 0..3 {
            let shared = shared.clone();
            g.spawn_local(async move {
                nimsync::yield_now().await;
                shared.borrow_mut().push(i);
            });
        }
        let sum = g.spawn_local(async { shared.borrow().len() });
        sum.await;
    })
    .await
    .unwrap();
    assert_eq!(*shared.borrow(), [0, 1, 2]);
}

#[nimsync::test(workers = 2)]
async fn a_task_with_children_in_place_stays_on_its_thread() {
    task_group!(|g| {
        for _ in 0..8 {
            g.spawn(async {
                let here = std::thread::current().id();
                task_group!(|inner| {
                    for _ in 0..4 {
                        let not_send = Rc::new(here);
                        inner.spawn_local(async move {
                            for _ in 0..50 {
                                nimsync::yield_now().await;
                                assert_eq!(std::thread::current().id(), *not_send);
                            }
                        });
                    }
                })
                .await
            });
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn an_eager_group_runs_children_where_they_are_spawned() {
    let first = Arc::new(AtomicUsize::new(0));
    let seen = first.clone();
    task_group!(eager, |g| {
        g.spawn(async move {
            seen.store(1, Ordering::SeqCst);
            nimsync::yield_now().await;
        });
        assert_eq!(first.load(Ordering::SeqCst), 1);
    })
    .await
    .unwrap();
}
