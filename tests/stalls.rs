//! The watchdog: polls that do not end, and programs in which nothing happens.

use nimsync::prelude::*;
use nimsync::{Doing, Runtime, Stall};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

fn watched(name: &str) -> (Runtime, Receiver<Stall>) {
    let (tx, rx) = channel();
    let runtime = Runtime::builder()
        .workers(2)
        .thread_name(name)
        .watchdog(20.milliseconds())
        .on_stall(move |stall| drop(tx.send(stall.clone())))
        .build();
    (runtime.unwrap(), rx)
}

#[test]
fn a_task_that_blocks_its_worker_is_named() {
    let (runtime, stalls) = watched("blocked");
    let (release, held) = channel::<()>();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            runtime.block_on(async move {
                task_group!(|g| {
                    g.task("careless").spawn(async move {
                        // Held until it has been reported.
                        let _ = held.recv();
                    });
                })
                .await
                .unwrap();
            });
        });
        let stall = stalls.recv().unwrap();
        assert_eq!(stall.name.as_deref(), Some("careless"));
        assert!(stall.spawned_at.file().ends_with("stalls.rs"));
        assert_eq!(stall.runtime, "blocked");
        assert!(stall.lasted >= 20.milliseconds());
        if cfg!(target_os = "linux") {
            assert_eq!(stall.doing, Some(Doing::Locked));
            assert!(stall.to_string().contains("waits for a lock"), "{stall}");
        }
        // And again when it is twice as old.
        let later = stalls.recv().unwrap();
        assert!(later.task == stall.task && later.lasted >= stall.lasted * 2);
        drop(release);
    });
    let slow = runtime.slow_polls();
    assert!(
        slow.iter()
            .any(|poll| poll.name.as_deref() == Some("careless"))
    );
}

#[test]
fn a_task_that_computes_is_told_from_one_that_blocks() {
    let (runtime, stalls) = watched("computes");
    // On a busy machine a thread that computes may get little of a processor,
    // so it goes on until a report says what it does.
    runtime.block_on(async move {
        task_group!(|g| {
            g.task("eager").spawn(async move {
                let give_up = Instant::now() + 20.seconds();
                let mut number = 1u64;
                while Instant::now() < give_up {
                    for _ in 0..100_000 {
                        number = std::hint::black_box(number.wrapping_mul(31));
                    }
                    if let Ok(stall) = stalls.try_recv()
                        && stall.doing == Some(Doing::Computing)
                    {
                        return;
                    }
                }
                panic!("a task that computes was never told from one that blocks");
            });
        })
        .await
        .unwrap();
    });
}

/// Runs a task that blocks its worker again and again, within one poll, until a
/// report says how.
#[cfg(target_os = "linux")]
fn until_reported(name: &'static str, mut block: impl FnMut() + Send + 'static, doing: Doing) {
    let (runtime, stalls) = watched(name);
    let stall = runtime.block_on(async move {
        task_group!(|g| {
            let task = g.task(name).spawn(async move {
                loop {
                    block();
                    let mut reports = stalls.try_iter();
                    // The worker may have been held up by others before it began.
                    if let Some(stall) = reports.find(|stall| stall.doing == Some(doing)) {
                        return stall.to_string();
                    }
                }
            });
            task.await
        })
        .await
        .unwrap()
    });
    assert!(stall.contains(&format!("task `{name}`")), "{stall}");
    assert!(
        stall.contains(&format!(": it {doing}; {}", doing.advice())),
        "{stall}"
    );
    let slow = runtime.slow_polls();
    let ours = slow.iter().find(|poll| poll.name.as_deref() == Some(name));
    assert_eq!(ours.unwrap().doing, Some(doing));
}

#[test]
#[cfg(target_os = "linux")]
fn a_task_that_sleeps_with_its_worker_is_told_so() {
    let sleep = || std::thread::sleep(Duration::from_millis(5));
    until_reported("sleeps", sleep, Doing::Sleeping);
}

#[test]
#[cfg(target_os = "linux")]
fn a_task_that_waits_for_a_lock_is_told_so() {
    use std::sync::{Arc, Mutex};

    let lock = Arc::new(Mutex::new(()));
    let (other, ended) = (lock.clone(), Arc::new(()));
    let alive = Arc::downgrade(&ended);
    // Has the lock nearly always.
    let holder = std::thread::spawn(move || {
        while alive.strong_count() != 0 {
            let held = other.lock().unwrap();
            std::thread::sleep(Duration::from_millis(5));
            drop(held);
            std::thread::yield_now();
        }
    });
    let wait = move || {
        let _ended = &ended;
        drop(lock.lock().unwrap());
    };
    until_reported("locks", wait, Doing::Locked);
    holder.join().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_task_that_reads_a_socket_of_std_is_told_the_call() {
    use std::io::Read;
    use std::os::unix::net::UnixStream;

    let (mut ours, _theirs) = UnixStream::pair().unwrap();
    let patience = Some(Duration::from_millis(5));
    ours.set_read_timeout(patience).unwrap();
    let read = move || {
        let nothing = ours.read(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    };
    until_reported("reads", read, Doing::Calling("recvfrom"));
}

#[test]
fn short_polls_are_not_reported() {
    let (tx, stalls) = channel();
    let runtime = Runtime::builder()
        .workers(1)
        .watchdog(1.minutes())
        .on_stall(move |stall| drop(tx.send(stall.clone())))
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..1000 {
            nimsync::yield_now().await;
        }
    });
    assert!(runtime.slow_polls().is_empty());
    drop(runtime);
    assert!(stalls.recv().is_err());
}

fn reporting(workers: usize) -> (Runtime, Receiver<String>) {
    let (tx, rx) = channel();
    let runtime = Runtime::builder()
        .workers(workers)
        .thread_name("idle")
        .on_idle_deadlock(10.milliseconds(), move |tree| {
            drop(tx.send(tree.to_string()));
        })
        .build();
    (runtime.unwrap(), rx)
}

#[test]
fn when_nothing_can_happen_the_tree_says_why() {
    for workers in [1, 2] {
        let (runtime, reports) = reporting(workers);
        let (tx, mut rx) = nimsync::channel::named("orders").spsc::<u8>(1);
        std::thread::scope(|threads| {
            let runtime = &runtime;
            threads.spawn(move || {
                runtime.block_on(async move {
                    task_group!(|g| {
                        g.task("shop").spawn(async move {
                            let _ = rx.recv().await;
                        });
                    })
                    .await
                    .unwrap();
                });
            });
            let tree = reports.recv().unwrap();
            assert!(tree.contains("task `shop`"), "{tree}");
            assert!(tree.contains("waits for recv on `orders`"), "{tree}");
            drop(tx);
        });
        // Once is enough.
        drop(runtime);
        assert!(reports.recv().is_err());
    }
}

#[test]
fn a_timer_a_blocking_call_or_a_socket_is_no_deadlock() {
    let (runtime, reports) = reporting(1);
    runtime.block_on(async {
        sleep(60.milliseconds()).await;
        nimsync::unblock(|| std::thread::sleep(Duration::from_millis(60))).await;
        let socket = nimsync::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(60));
            let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            sender.send_to(b"x", address).unwrap();
        });
        socket.recv_from(&mut [0; 8]).await.unwrap();
        thread.join().unwrap();
    });
    drop(runtime);
    assert!(reports.recv().is_err());
}

#[test]
fn busy_time_is_measured_where_it_is_asked_for() {
    let builder = Runtime::builder().workers(1).thread_name("busy");
    let runtime = builder.measure_busy(true).build().unwrap();
    runtime.block_on(async {
        task_group!(|g| {
            g.task("worker").service(async {
                std::thread::sleep(Duration::from_millis(5));
                std::future::pending::<()>().await;
            });
            sleep(1.milliseconds()).await;
            let tree = nimsync::tree();
            let mut ours = tree.runtimes.iter();
            let ours = ours.find(|runtime| runtime.name == "busy").unwrap();
            let worker = &ours.roots[0].groups[0].tasks[0];
            assert!(worker.busy >= Some(5.milliseconds()), "{tree}");
            assert!(tree.to_string().contains(", busy for "), "{tree}");
        })
        .await
        .unwrap();
    });
}
