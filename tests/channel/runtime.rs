//! Channels in tasks of our runtime: blocking, the budget, virtual time, cancellation.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::support::must_end;
use nimsync::{
    channel::{self, RecvError, RecvTimeoutError, SendTimeoutError},
    prelude::*,
    yield_now,
};

/// The message with which `f` panics.
fn panic_of<O>(f: impl FnOnce() -> O) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).err().expect("a panic");
    *payload.downcast::<String>().expect("a message")
}

#[nimsync::test]
async fn blocking_in_a_task_panics_and_names_the_twin() {
    let limit = Duration::from_secs(1);
    let (mut tx, mut rx) = channel::spsc::<u32>(1);
    // Even where nothing would block.
    tx.try_send(1).unwrap();
    let said = [
        panic_of(|| rx.recv_blocking()),
        panic_of(|| rx.recv_blocking_timeout(limit)),
        panic_of(|| rx.recv_many_blocking(&mut Vec::new(), 1)),
        panic_of(|| tx.send_blocking(2)),
        panic_of(|| tx.send_blocking_timeout(2, limit)),
        panic_of(|| tx.send_many_blocking([2])),
    ];
    let twins = [
        ("recv_blocking", "recv().await"),
        ("recv_blocking_timeout", "recv_timeout(..).await"),
        ("recv_many_blocking", "recv_many(..).await"),
        ("send_blocking", "send(..).await"),
        ("send_blocking_timeout", "send_timeout(..).await"),
        ("send_many_blocking", "send_many(..).await"),
    ];
    for (said, (method, twin)) in said.iter().zip(twins) {
        let expected = format!("`{method}` inside a task would block its worker; use `{twin}`");
        assert_eq!(*said, expected);
    }
    // Nothing was taken, and nothing sent.
    assert_eq!(rx.recv().await, Ok(1));
    assert!(tx.is_empty());
}

#[nimsync::test]
async fn the_other_channels_refuse_to_block_too() {
    let limit = Duration::from_secs(1);
    let (tx, rx) = channel::rendezvous::<u32>();
    let (_once, mut oneshot) = channel::oneshot::<u32>();
    let (_once, oneshot_once) = channel::oneshot::<u32>();
    let (_tx, mut broadcast) = channel::broadcast::<u32>(1);
    let (_tx, mut watch) = channel::watch(1);
    let (_tx, member) = channel::spsc::<u32>(1);
    let mut set: channel::Select<_> = [member].into_iter().collect();
    let said = [
        ("send(..).await", panic_of(|| tx.send_blocking(1))),
        (
            "send_timeout(..).await",
            panic_of(|| tx.send_blocking_timeout(1, limit)),
        ),
        ("recv().await", panic_of(|| rx.recv_blocking())),
        (
            "recv_timeout(..).await",
            panic_of(|| rx.recv_blocking_timeout(limit)),
        ),
        ("rx.await", panic_of(|| oneshot_once.recv_blocking())),
        (
            "recv_timeout(..).await",
            panic_of(|| oneshot.recv_blocking_timeout(limit)),
        ),
        ("recv().await", panic_of(|| broadcast.recv_blocking())),
        (
            "recv_timeout(..).await",
            panic_of(|| broadcast.recv_blocking_timeout(limit)),
        ),
        ("changed().await", panic_of(|| watch.changed_blocking())),
        (
            "changed_timeout(..).await",
            panic_of(|| watch.changed_blocking_timeout(limit)),
        ),
        ("recv().await", panic_of(|| set.recv_blocking())),
    ];
    for (twin, said) in said {
        assert!(said.ends_with(&format!("use `{twin}`")), "{said}");
    }
}

#[nimsync::test(flavor = "threads", workers = 1)]
async fn a_blocking_task_may_block() {
    let (tx, mut rx) = channel::mpsc(1);
    let sum = task_group!(|g| {
        let sum = g.spawn(async move {
            let mut sum = 0;
            while let Ok(value) = rx.recv().await {
                sum += value;
            }
            sum
        });
        g.spawn_blocking(move || {
            for value in 1..=100 {
                tx.send_blocking(value).unwrap();
            }
        });
        sum.await
    })
    .await
    .unwrap();
    assert_eq!(sum, 5050);
}

/// Runs `busy`, which never has to wait, beside a task that stops it.
async fn sibling_runs(busy: impl AsyncFnOnce(&AtomicBool)) {
    let stop = AtomicBool::new(false);
    task_group!(|g| {
        g.spawn_local(busy(&stop));
        g.spawn_local(async {
            // It runs again after it has run.
            for _ in 0..3 {
                yield_now().await;
            }
            stop.store(true, Ordering::Relaxed);
        });
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn a_sibling_runs_although_there_is_always_a_message() {
    let (mut tx, mut rx) = channel::spsc(1);
    sibling_runs(async |stop| {
        while !stop.load(Ordering::Relaxed) {
            tx.try_send(1).unwrap();
            rx.recv().await.unwrap();
        }
    })
    .await;
}

#[nimsync::test]
async fn a_sibling_runs_although_there_is_always_room() {
    let (tx, rx) = channel::mpmc(1);
    sibling_runs(async |stop| {
        while !stop.load(Ordering::Relaxed) {
            tx.send(1).await.unwrap();
            rx.try_recv().unwrap();
        }
    })
    .await;
}

#[nimsync::test]
async fn a_sibling_runs_although_an_arm_is_always_ready() {
    let (tx, rx) = channel::unbounded();
    sibling_runs(async |stop| {
        while !stop.load(Ordering::Relaxed) {
            tx.try_send(1).unwrap();
            select! {
                biased;
                Ok(1) = rx.recv() => {}
                () = std::future::pending() => {}
            }
        }
    })
    .await;
}

#[nimsync::test]
async fn a_sibling_runs_although_a_set_is_always_ready() {
    let (mut tx, rx) = channel::spsc(1);
    let mut set: channel::Select<_> = [rx].into_iter().collect();
    sibling_runs(async |stop| {
        while !stop.load(Ordering::Relaxed) {
            tx.try_send(1).unwrap();
            set.recv().await.unwrap();
        }
    })
    .await;
}

#[nimsync::test(start_paused = true)]
async fn limits_pass_in_virtual_time() {
    let (tx, rx) = channel::mpmc(1);
    let limit = 60.minutes();
    let begin = nimsync::now();
    assert_eq!(rx.recv_timeout(limit).await, Err(RecvTimeoutError::Timeout));
    assert_eq!(nimsync::now() - begin, limit);
    tx.send(1).await.unwrap();
    match tx.send_timeout(2, limit).await {
        Err(SendTimeoutError::Timeout(value)) => assert_eq!(value, 2),
        other => panic!("{other:?}"),
    }
    assert_eq!(nimsync::now() - begin, limit * 2);
    // What is there comes at once; the limit does not matter.
    assert_eq!(rx.recv_timeout(limit).await, Ok(1));
    assert_eq!(nimsync::now() - begin, limit * 2);
    // A value half an hour later is in time.
    task_group!(|g| {
        g.spawn_local(async {
            sleep(30.minutes()).await;
            tx.send(3).await.unwrap();
        });
        assert_eq!(rx.recv_timeout(limit).await, Ok(3));
    })
    .await
    .unwrap();
    assert_eq!(nimsync::now() - begin, limit * 2 + 30.minutes());
    tx.close();
    assert_eq!(rx.recv_timeout(limit).await, Err(RecvTimeoutError::Closed));
}

#[nimsync::test(start_paused = true)]
async fn limits_of_the_other_channels_pass_in_virtual_time() {
    let limit = 60.minutes();
    let begin = nimsync::now();
    let (tx, rx) = channel::rendezvous::<u32>();
    assert_eq!(rx.recv_timeout(limit).await, Err(RecvTimeoutError::Timeout));
    assert!(tx.send_timeout(1, limit).await.is_err());
    let (once, mut oneshot) = channel::oneshot::<u32>();
    assert!(oneshot.recv_timeout(limit).await.is_err());
    let (news, mut broadcast) = channel::broadcast::<u32>(1);
    assert!(broadcast.recv_timeout(limit).await.is_err());
    let (state, mut watch) = channel::watch(1);
    assert!(watch.changed_timeout(limit).await.is_err());
    assert_eq!(nimsync::now() - begin, limit * 5);
    // What comes in time comes.
    task_group!(|g| {
        g.spawn_local(async {
            sleep(1.minutes()).await;
            once.send(1).unwrap();
            news.send(2).unwrap();
            state.send(3).unwrap();
            tx.send_timeout(4, limit).await.unwrap();
        });
        assert_eq!(rx.recv_timeout(limit).await, Ok(4));
        assert_eq!(oneshot.recv_timeout(limit).await, Ok(1));
        assert_eq!(broadcast.recv_timeout(limit).await, Ok(2));
        assert_eq!(watch.changed_timeout(limit).await, Ok(()));
    })
    .await
    .unwrap();
    assert_eq!(nimsync::now() - begin, limit * 5 + 1.minutes());
}

#[nimsync::test(start_paused = true)]
async fn an_arm_of_select_is_a_time_limit() {
    let (tx, rx) = channel::mpmc::<u32>(1);
    let mut ticks = 0;
    task_group!(|g| {
        g.spawn_local(async {
            sleep(35.milliseconds()).await;
            tx.send(1).await.unwrap();
        });
        loop {
            select! {
                Ok(value) = rx.recv() => break assert_eq!(value, 1),
                () = sleep(10.milliseconds()) => ticks += 1,
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(ticks, 3);
}

#[nimsync::test]
async fn a_cancelled_scope_takes_nothing() {
    let (tx, rx) = channel::mpmc(1);
    let scope = CancelScope::new();
    task_group!(|g| {
        let waits = g.spawn_local(async { scope.run(rx.recv()).await.ok() });
        yield_now().await;
        assert_eq!(rx.receiver_count(), 1);
        // Sent to the one who waits, who is cancelled before it can take it.
        tx.try_send(1).unwrap();
        scope.cancel();
        // Either it was taken and is here, or it is still in the channel.
        match waits.await {
            Some(received) => assert_eq!(received, Ok(1)),
            None => assert_eq!(rx.try_recv(), Ok(1)),
        }
    })
    .await
    .unwrap();
    // A full channel: what waits for room is not sent.
    tx.try_send(2).unwrap();
    let scope = CancelScope::new();
    task_group!(|g| {
        let waits = g.spawn_local(async { scope.run(tx.send(3)).await.is_ok() });
        yield_now().await;
        scope.cancel();
        assert!(!waits.await);
    })
    .await
    .unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
    tx.close();
    assert_eq!(rx.recv().await, Err(RecvError::Closed));
}

/// Senders and receivers whose every wait may be cancelled: each value that was reported as sent is received once.
#[nimsync::test(flavor = "threads", workers = 4)]
async fn cancelled_waits_lose_no_value() {
    const EACH: usize = 500;

    let (tx, rx) = channel::mpmc::<usize>(2);
    let sent = Arc::new(AtomicUsize::new(0));
    let received = Arc::new(AtomicUsize::new(0));
    task_group!(|g| {
        for seed in 0..3 {
            let (tx, sent) = (tx.clone(), sent.clone());
            g.spawn(async move {
                let mut random = fastrand::Rng::with_seed(seed);
                for value in 1..=EACH {
                    while !sends(&tx, value, &mut random).await {}
                    sent.fetch_add(value, Ordering::Relaxed);
                }
            });
            let (rx, received) = (rx.clone(), received.clone());
            g.spawn(async move {
                let mut random = fastrand::Rng::with_seed(100 + seed);
                loop {
                    match in_scope(rx.recv(), &mut random).await {
                        Some(Ok(value)) => received.fetch_add(value, Ordering::Relaxed),
                        Some(Err(RecvError::Closed)) => break,
                        None => continue,
                    };
                }
            });
        }
        drop((tx, rx));
    })
    .await
    .unwrap();
    let all = 3 * EACH * (EACH + 1) / 2;
    assert_eq!(sent.load(Ordering::Relaxed), all);
    assert_eq!(received.load(Ordering::Relaxed), all);
}

/// Whether the value was sent before the scope was cancelled.
async fn sends(
    tx: &channel::mpmc::Sender<usize>,
    value: usize,
    random: &mut fastrand::Rng,
) -> bool {
    in_scope(tx.send(value), random)
        .await
        .is_some_and(|sent| sent.is_ok())
}

/// Runs the wait in a scope that is cancelled after a few turns of the worker.
async fn in_scope<F: Future>(wait: F, random: &mut fastrand::Rng) -> Option<F::Output> {
    let scope = CancelScope::new();
    let turns = random.u32(0..4);
    let cancel = async {
        for _ in 0..turns {
            yield_now().await;
        }
        scope.cancel();
        std::future::pending().await
    };
    let wait = scope.run(wait);
    select! {
        biased;
        done = wait => done.ok(),
        never = cancel => never,
    }
}

#[nimsync::test]
async fn default_does_not_run_while_there_is_a_message() {
    let (tx, rx) = channel::unbounded();
    for value in 0..10_000 {
        tx.try_send(value).unwrap();
    }
    let mut received = 0;
    loop {
        select! {
            Ok(_) = rx.recv() => received += 1,
            default => break,
        }
    }
    assert_eq!(received, 10_000);
}

/// The thread inside `block_on` is a worker, whose waits draw from a budget. One
/// that has left waits on its own account again.
#[test]
fn a_thread_that_has_left_a_runtime_waits_without_a_budget() {
    must_end("waits after block_on", || {
        nimsync::block_on(async {
            for _ in 0..10 {
                nimsync::yield_now().await;
            }
        });
        let (mut tx, mut rx) = channel::spsc(1);
        let sender = std::thread::spawn(move || {
            for i in 0..500 {
                // Most receives have to wait, and each wait is several polls.
                std::thread::sleep(Duration::from_micros(100));
                tx.send_blocking(i).unwrap();
            }
        });
        for i in 0..500 {
            assert_eq!(rx.recv_blocking(), Ok(i));
        }
        sender.join().unwrap();
    });
}
