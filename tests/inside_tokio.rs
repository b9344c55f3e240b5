//! Groups, scopes, channels, streams and actors in tasks of tokio.

#![allow(unreachable_pub, reason = "visible methods are messages")]

use futures::stream;
use nimsync::prelude::*;
use nimsync::{BoxError, GroupError};
use nimsync_tests::Census;
use std::panic::catch_unwind;
use std::time::Duration;

/// Runs a future as a task of tokio's two runtimes.
fn in_tokio<F, A>(task: F)
where
    F: Fn() -> A,
    A: Future<Output = ()> + Send + 'static,
{
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let single = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for runtime in [threads, single] {
        if let Err(error) = runtime.block_on(runtime.spawn(task())) {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

#[test]
fn a_group_has_children_values_and_errors() {
    in_tokio(|| async {
        let sum = task_group!(|g| {
            let children: Vec<_> = (0..100).map(|i| g.spawn(async move { i })).collect();
            let mut sum = 0;
            for child in children {
                sum += child.await;
            }
            sum
        });
        assert_eq!(sum.await.unwrap(), 4950);

        let census = Census::new();
        let counted = census.clone();
        let failed: Result<(), GroupError> = task_group!(|g| {
            let alive = counted.guard();
            g.spawn(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
            g.spawn(async { Err::<(), _>("no tea") });
        })
        .await;
        assert!(failed.unwrap_err().to_string().contains("no tea"));
        assert_eq!((census.born(), census.alive()), (1, 0));
    });
}

#[test]
fn a_panic_of_a_child_comes_out_of_the_group() {
    let ended = catch_unwind(|| {
        in_tokio(|| async {
            task_group!(|g| {
                g.spawn(async { panic!("out of tea") });
            })
            .await
            .unwrap();
        });
    });
    let payload = ended.unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"out of tea"));
}

#[test]
fn children_find_the_tokio_runtime_of_their_group() {
    in_tokio(|| async {
        let here = tokio::runtime::Handle::current().id();
        task_group!(|g| {
            g.spawn(async move {
                assert_eq!(tokio::runtime::Handle::current().id(), here);
                tokio::time::sleep(1.milliseconds()).await;
                // And so do theirs.
                task_group!(|g| {
                    g.spawn(async move {
                        tokio::spawn(async {}).await?;
                        assert_eq!(tokio::runtime::Handle::current().id(), here);
                        Ok::<_, BoxError>(())
                    });
                })
                .await
            });
        })
        .await
        .unwrap();
    });
}

#[test]
fn aborting_the_task_cancels_the_children() {
    in_tokio(|| async {
        let census = Census::new();
        let (counted, cleaned) = (census.clone(), Census::new());
        let clean_up = cleaned.clone();
        let task = tokio::spawn(async move {
            task_group!(|g| {
                for _ in 0..10 {
                    let alive = counted.guard();
                    g.spawn(async move {
                        let _alive = alive;
                        task_group!(|g| {
                            g.spawn(std::future::pending::<()>());
                        })
                        .await
                    });
                }
                g.defer(async move { drop(clean_up.guard()) });
                std::future::pending::<()>().await;
            })
            .await
            .unwrap();
        });
        while census.born() != 10 {
            tokio::task::yield_now().await;
        }
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        nimsync::outside::idle().await;
        assert_eq!((census.alive(), cleaned.born()), (0, 1));
    });
}

#[test]
fn a_lost_race_cancels_the_children() {
    in_tokio(|| async {
        let census = Census::new();
        let counted = census.clone();
        let group = task_group!(|g| {
            let alive = counted.guard();
            g.spawn(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
        });
        let late = tokio::time::timeout(Duration::from_millis(1), group);
        assert!(late.await.is_err());
        nimsync::outside::idle().await;
        assert_eq!(census.alive(), 0);
    });
}

#[test]
fn time_limits_scopes_and_shields() {
    in_tokio(|| async {
        let late = with_timeout!(1.milliseconds(), std::future::pending::<()>()).await;
        assert!(late.is_err());
        let timed = task_group!(timeout = 1.milliseconds(), |g| {
            g.spawn(std::future::pending::<()>());
        });
        assert!(timed.await.is_err());

        let scope = CancelScope::new();
        let stop = scope.clone();
        let (cancelled, ()) = futures::join!(scope.run(std::future::pending::<()>()), async {
            sleep(1.milliseconds()).await;
            stop.cancel_with("enough");
        });
        assert!(cancelled.unwrap_err().to_string().contains("enough"));

        let scope = CancelScope::new();
        scope.cancel();
        let saved = scope.run(async {
            shield!(async {
                tokio::time::sleep(1.milliseconds()).await;
                "saved"
            })
            .await
        });
        assert_eq!(saved.await.unwrap(), "saved");
    });
}

#[test]
fn blocking_calls() {
    in_tokio(|| async {
        assert_eq!(nimsync::unblock(|| 42).await, 42);
        let answer = task_group!(|g| { g.spawn_blocking(|| 42).await });
        assert_eq!(answer.await.unwrap(), 42);
    });
}

#[test]
fn channels_select_and_streams() {
    in_tokio(|| async {
        let (tx, rx) = channel::mpsc(1);
        let mut producers = Vec::new();
        for i in 0..10 {
            let tx = tx.clone();
            producers.push(tokio::spawn(async move { tx.send(i).await.is_ok() }));
        }
        drop(tx);
        let mut rx = rx;
        let mut sum = 0;
        loop {
            select! {
                value = rx.recv() => match value {
                    Ok(value) => sum += value,
                    Err(_) => break,
                },
                () = sleep(1.minutes()) => panic!("nothing came"),
            }
        }
        assert_eq!(sum, 45);
        for producer in producers {
            assert!(producer.await.unwrap());
        }

        let squares = stream::iter(0..100_u64).par_map(4, async |n| {
            tokio::task::yield_now().await;
            n * n
        });
        let squares: Vec<_> = squares.collect().await;
        assert_eq!(squares, (0..100).map(|n| n * n).collect::<Vec<_>>());
    });
}

#[actor]
struct Counter {
    n: u64,
}

#[actor]
impl Counter {
    pub fn add(&mut self, n: u64) -> u64 {
        self.n += n;
        self.n
    }
}

#[test]
fn actors() {
    in_tokio(|| async {
        let system = ActorSystem::new();
        let counter = system.spawn(Counter { n: 1 });
        let asked = counter.clone();
        let told = tokio::spawn(async move { asked.add(1).tell().await.is_ok() });
        assert!(told.await.unwrap());
        assert_eq!(counter.add(40).await.unwrap(), 42);
        system.stop().await.unwrap();
    });
}

#[test]
fn children_in_place_on_a_thread_of_their_own() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut log = Vec::new();
        task_group!(|g| {
            g.spawn_local(async {
                tokio::time::sleep(1.milliseconds()).await;
                log.push("borrowed");
            });
            g.spawn(async { sleep(1.milliseconds()).await });
        })
        .await
        .unwrap();
        assert_eq!(log, ["borrowed"]);
    });
}

#[test]
fn a_plain_thread_may_poll_a_group_too() {
    let answer = futures::executor::block_on(async {
        task_group!(|g| { g.spawn(async { 42 }).await }).await
    });
    assert_eq!(answer.unwrap(), 42);
    let mapped = stream::iter(0..3).par_map(1, |n| async move { n + 1 });
    let mapped: Vec<_> = futures::executor::block_on_stream(mapped).collect();
    assert_eq!(mapped, [1, 2, 3]);
    assert_eq!(futures::executor::block_on(nimsync::unblock(|| 42)), 42);
}
