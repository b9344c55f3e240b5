//! Statistics: what they say of a known program is exact.

use nimsync::prelude::*;
use nimsync::{ChannelKind, ChannelStats, Runtime};
use nimsync_tests::alone::alone;
use std::io;

fn runtime(name: &str, workers: usize) -> Runtime {
    let builder = Runtime::builder().workers(workers).thread_name(name);
    builder.build().unwrap()
}

/// Returns the statistics once the workers rest: then they have told all.
fn at_rest(runtime: &Runtime, polls: u64) -> nimsync::RuntimeStats {
    for _ in 0..10_000 {
        if runtime.stats().total.polls >= polls {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    runtime.stats()
}

fn channel(name: &str) -> Option<ChannelStats> {
    let mut channels = nimsync::stats().channels.into_iter();
    channels.find(|channel| channel.name == name)
}

#[test]
fn tasks_are_counted_by_how_they_end() {
    for workers in [1, 2] {
        let runtime = runtime("ends", workers);
        runtime.block_on(async {
            let result = task_group!(policy = collect_errors, |g| {
                for i in 0..100 {
                    g.spawn(async move { i });
                }
                for _ in 0..7 {
                    g.spawn(async { Err::<(), _>(io::Error::other("no")) });
                }
                for _ in 0..4 {
                    g.spawn_local(async { nimsync::yield_now().await });
                }
                g.service(std::future::pending::<()>());
                let cancelled: Vec<_> = (0..5)
                    .map(|_| g.spawn(std::future::pending::<()>()))
                    .collect();
                nimsync::yield_now().await;
                cancelled.iter().for_each(|child| child.cancel());
                g.spawn_blocking(|| 1).await;
                g.defer(async {});
            })
            .await;
            assert!(result.is_err());
        });
        let total = at_rest(&runtime, 120).total;
        // The root, the children, the one that waits for the blocking call, and
        // the clean-up.
        assert_eq!(total.spawned, 1 + 100 + 7 + 4 + 1 + 5 + 1 + 1, "{total:?}");
        assert_eq!(total.completed, 1 + 100 + 4 + 1 + 1, "{total:?}");
        assert_eq!((total.failed, total.cancelled, total.panicked), (7, 6, 0));
        assert_eq!(total.blocking_jobs, 1);
        assert_eq!(total.alive(), 0);
        assert!(total.polls >= total.spawned);
    }
}

#[test]
fn a_panic_is_counted() {
    let runtime = runtime("panics", 1);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            task_group!(|g| {
                g.spawn(async { panic!("meant") });
            })
            .await
        })
    }));
    assert!(outcome.is_err());
    // The child, and the root that it takes with it.
    assert_eq!(runtime.stats().total.panicked, 2);
    assert_eq!(runtime.stats().total.alive(), 0);
}

#[test]
fn those_alive_are_spawned_and_have_not_ended() {
    let runtime = runtime("alive", 2);
    runtime.block_on(async {
        task_group!(|g| {
            for _ in 0..10 {
                g.service(std::future::pending::<()>());
            }
            assert_eq!(alive("alive"), 11);
        })
        .await
        .unwrap();
    });
    assert_eq!(alive("alive"), 0);
}

fn alive(name: &str) -> u64 {
    let stats = nimsync::stats();
    let runtime = stats.runtimes.iter().find(|runtime| runtime.name == name);
    runtime.unwrap().total.alive()
}

#[test]
fn a_task_spawned_from_a_thread_outside_counts() {
    let runtime = runtime("from-outside", 1);
    runtime.block_on(async {
        task_group!(|g| {
            let spawner = g.spawner();
            let thread = std::thread::spawn(move || {
                for _ in 0..3 {
                    drop(spawner.spawn(async {}).unwrap());
                }
            });
            g.spawn_blocking(move || thread.join().unwrap()).await;
        })
        .await
        .unwrap();
    });
    let total = runtime.stats().total;
    assert_eq!((total.spawned, total.completed), (5, 5));
}

#[test]
fn polls_and_wake_ups_are_exact() {
    let runtime = runtime("polls", 1);
    runtime.block_on(async {
        for _ in 0..1000 {
            nimsync::yield_now().await;
        }
    });
    let total = runtime.stats().total;
    assert_eq!((total.polls, total.wakes), (1001, 1000));
    runtime.block_on(async {});
    let total = runtime.stats().total;
    assert_eq!((total.polls, total.wakes), (1002, 1000));
}

#[test]
fn polls_of_all_workers_add_up() {
    let runtime = runtime("many-polls", 2);
    let polls = runtime.block_on(async {
        let mut polls = 0;
        task_group!(|g| {
            let children: Vec<_> = (0..50)
                .map(|_| {
                    g.spawn(async {
                        for _ in 0..100 {
                            nimsync::yield_now().await;
                        }
                    })
                })
                .collect();
            for child in children {
                child.await;
            }
            polls = 50 * 101;
        })
        .await
        .unwrap();
        polls
    });
    let stats = at_rest(&runtime, polls + 2);
    // And those of the root, which takes turns with the children.
    let more = stats.total.polls - polls;
    assert!((2..=60).contains(&more), "{more}");
    let by_worker: u64 = stats.workers.iter().map(|worker| worker.polls).sum();
    assert_eq!(by_worker, stats.total.polls);
}

#[test]
fn timers_are_counted() {
    let runtime = runtime("timers", 1);
    runtime.block_on(async {
        for _ in 0..3 {
            sleep(1.milliseconds()).await;
        }
        for _ in 0..4 {
            let _ = with_timeout!(1.minutes(), nimsync::yield_now()).await;
        }
        // Ready at its first poll, so no timer is set.
        let _ = with_timeout!(1.minutes(), async {}).await;
    });
    let total = runtime.stats().total;
    let timers = (total.timers_set, total.timers_fired, total.timers_cancelled);
    assert_eq!(timers, (7, 3, 4));
}

#[test]
fn a_named_channel_says_what_went_through() {
    let (mut tx, mut rx) = channel::named("stats-spsc").spsc::<u32>(8);
    assert_eq!(tx.send_many_blocking(0..5), Ok(()));
    assert_eq!(rx.try_recv(), Ok(0));
    let seen = channel("stats-spsc").unwrap();
    assert_eq!(seen.kind, ChannelKind::Channel);
    assert_eq!((seen.sent, seen.received, seen.depth), (5, 1, 4));
    assert_eq!((seen.capacity, seen.high_water), (Some(8), 5));
    assert_eq!((seen.senders, seen.receivers, seen.closed), (1, 1, false));
    drop(rx);
    let seen = channel("stats-spsc").unwrap();
    assert_eq!((seen.sent, seen.received, seen.dropped), (5, 1, 4));
    assert!(seen.closed && seen.receivers == 0);
    drop(tx);
    assert!(channel("stats-spsc").is_none());
}

#[test]
fn every_mode_counts() {
    let (a, mut b) = channel::named("stats-mpsc").mpsc::<u8>(4);
    let (mut c, d) = channel::named("stats-spmc").spmc::<u8>(4);
    let (e, f) = channel::named("stats-mpmc").mpmc::<u8>(4);
    let (g, h) = channel::named("stats-unbounded").unbounded::<u8>();
    for round in 0..10 {
        a.try_send(round).unwrap();
        c.try_send(round).unwrap();
        e.try_send(round).unwrap();
        g.try_send(round).unwrap();
        assert_eq!(b.try_recv(), Ok(round));
        assert_eq!(d.try_recv(), Ok(round));
        assert_eq!(f.try_recv(), Ok(round));
    }
    for mode in ["mpsc", "spmc", "mpmc"] {
        let seen = channel(&format!("stats-{mode}")).unwrap();
        assert_eq!((seen.sent, seen.received, seen.high_water), (10, 10, 1));
    }
    let seen = channel("stats-unbounded").unwrap();
    assert_eq!((seen.sent, seen.received, seen.depth), (10, 0, 10));
    assert_eq!((seen.capacity, seen.high_water), (None, 10));
    drop(h);
}

#[test]
fn a_permit_and_a_refused_message_are_counted_right() {
    let (tx, mut rx) = channel::named("stats-permits").mpsc::<u8>(2);
    tx.try_reserve().unwrap().send(1);
    drop(tx.try_reserve().unwrap());
    tx.try_send(2).unwrap();
    assert!(tx.try_send(3).is_err());
    let seen = channel("stats-permits").unwrap();
    assert_eq!((seen.sent, seen.depth), (2, 2));
    assert_eq!(rx.try_recv(), Ok(1));
    rx.close();
    assert!(tx.try_send(4).is_err());
    assert_eq!(channel("stats-permits").unwrap().sent, 2);
}

#[test]
fn messages_count_at_once_and_for_ever_with_a_name_or_without() {
    // Alone, as other tests send as well.
    alone(|| {
        let counts = || {
            let messages = nimsync::stats().messages;
            (messages.sent, messages.received, messages.dropped)
        };
        let (mut tx, mut rx) = channel::spsc::<u8>(200);
        let (stream_tx, mut stream_rx) = stream::with(Backpressure::DropNewest).capacity(2).build();
        let (named, _named_rx) = channel::named("counted").mpmc::<u8>(4);
        tx.send_many_blocking(0..100).unwrap();
        assert_eq!(counts(), (100, 0, 0));
        for _ in 0..60 {
            rx.try_recv().unwrap();
        }
        assert_eq!(counts(), (100, 60, 0));
        for i in 0..5 {
            stream_tx.try_send(i).unwrap();
        }
        stream_rx.try_recv().unwrap();
        assert_eq!(counts(), (105, 61, 3));
        named.try_send(1).unwrap();
        // It ends on another thread than it was made on.
        std::thread::spawn(move || drop((tx, rx))).join().unwrap();
        assert_eq!(counts(), (106, 61, 43));
        drop((stream_tx, stream_rx));
        assert_eq!(counts(), (106, 61, 44));
    });
}

#[test]
fn messages_of_actors_count_while_they_live() {
    alone(|| {
        nimsync::block_on(async {
            let system = ActorSystem::new();
            let clerk = system.spawn(Clerk);
            for paper in 0..10 {
                clerk.file(paper).tell().await.unwrap();
            }
            clerk.file(10).await.unwrap();
            let messages = nimsync::stats().messages;
            assert_eq!((messages.sent, messages.received), (11, 11));
            system.stop().await.unwrap();
            let messages = nimsync::stats().messages;
            assert_eq!((messages.sent, messages.received), (11, 11));
        });
    });
}

/// Channels come and go on many threads while others look.
#[test]
fn channels_that_end_while_somebody_counts() {
    alone(|| {
        let (done, finished) = std::sync::mpsc::channel::<()>();
        let counting = std::thread::spawn(move || {
            let mut before = 0;
            while finished.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                let sent = nimsync::stats().messages.sent;
                assert!(sent >= before, "messages vanished: {sent} after {before}");
                before = sent;
            }
        });
        let makers: Vec<_> = (0..3)
            .map(|_| {
                std::thread::spawn(|| {
                    for i in 0..500 {
                        let (tx, rx) = channel::mpmc::<Box<u32>>(4);
                        tx.try_send(Box::new(i)).unwrap();
                        drop(tx);
                        let other = std::thread::spawn(move || drop(rx));
                        let (tx, rx) = channel::unbounded();
                        tx.try_send(i).unwrap();
                        drop((rx, tx));
                        other.join().unwrap();
                    }
                })
            })
            .collect();
        makers.into_iter().for_each(|maker| maker.join().unwrap());
        drop(done);
        counting.join().unwrap();
    });
}

#[test]
fn broadcast_rendezvous_and_watch_have_gauges() {
    let (tx, mut rx) = channel::named("stats-broadcast").broadcast::<u8>(2);
    let mut late = tx.subscribe();
    for i in 0..3 {
        tx.send(i).unwrap();
    }
    assert!(rx.try_recv().is_err(), "it has missed one");
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
    assert!(late.try_recv().is_err());
    assert_eq!(late.try_recv(), Ok(1));
    let seen = channel("stats-broadcast").unwrap();
    assert_eq!((seen.sent, seen.received, seen.dropped), (3, 3, 2));
    assert_eq!(
        (seen.depth, seen.capacity, seen.high_water),
        (1, Some(2), 2)
    );
    assert_eq!((seen.senders, seen.receivers, seen.closed), (1, 2, false));
    drop(late);
    let seen = channel("stats-broadcast").unwrap();
    // Each of the two has received a message or has not.
    assert_eq!((seen.received + seen.dropped, seen.depth), (3 * 2, 0));
    drop((tx, rx));
    assert!(channel("stats-broadcast").is_none());

    let (tx, rx) = channel::named("stats-rendezvous").rendezvous::<u8>();
    assert!(tx.try_send(1).is_err());
    std::thread::scope(|threads| {
        threads.spawn(|| tx.send_blocking(2).unwrap());
        assert_eq!(rx.recv_blocking(), Ok(2));
    });
    let seen = channel("stats-rendezvous").unwrap();
    assert_eq!((seen.sent, seen.received, seen.dropped), (1, 1, 0));
    assert_eq!((seen.depth, seen.capacity), (0, Some(0)));

    let (tx, mut rx) = channel::named("stats-watch").watch(0);
    let mut other = rx.clone();
    tx.send(1).unwrap();
    tx.send(2).unwrap();
    assert_eq!(*rx.borrow_and_update(), 2);
    assert_eq!(*rx.borrow_and_update(), 2);
    assert_eq!(other.changed_blocking(), Ok(()));
    assert_eq!(*other.borrow_and_update(), 2);
    let seen = channel("stats-watch").unwrap();
    assert_eq!((seen.sent, seen.received), (2, 2));
    assert_eq!((seen.senders, seen.receivers, seen.closed), (1, 2, false));
}

#[nimsync::test]
async fn waits_for_them_have_their_names() {
    let (_news_tx, mut news) = channel::named("stats-news").broadcast::<u8>(2);
    let (_state_tx, mut state) = channel::named("stats-state").watch(0);
    let (meet, _met) = channel::named("stats-meeting").rendezvous::<u8>();
    task_group!(|g| {
        g.service(async move { news.recv().await.is_ok() });
        g.service(async move { state.changed().await.is_ok() });
        g.service(async move { meet.send(1).await.is_ok() });
        nimsync::yield_now().await;
        let tree = nimsync::tree().to_string();
        for wait in [
            "recv on `stats-news`",
            "change of `stats-state`",
            "send on `stats-meeting`",
        ] {
            assert!(tree.contains(&format!("waits for {wait}")), "{tree}");
        }
    })
    .await
    .unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn messages_of_every_kind_are_in_the_sum() {
    // Alone, so that the sum is exact.
    nimsync_tests::alone::alone(|| {
        let sum = || {
            let sum = nimsync::stats().messages;
            (sum.sent, sum.received, sum.dropped)
        };
        let (tx, mut rx) = channel::oneshot();
        tx.send(1).unwrap();
        assert_eq!(sum(), (0, 0, 0), "not before it has arrived");
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(sum(), (1, 1, 0));
        let (tx, rx) = channel::oneshot();
        tx.send(1).unwrap();
        drop(rx);
        assert_eq!(sum(), (2, 1, 1));
        let runtime = runtime("oneshots", 2);
        runtime.block_on(async {
            task_group!(|g| {
                for _ in 0..100 {
                    let (tx, rx) = channel::oneshot();
                    g.spawn(async move { tx.send(()).unwrap() });
                    g.spawn(async move { rx.await.unwrap() });
                }
            })
            .await
            .unwrap();
        });
        assert_eq!(sum(), (102, 101, 1));
        drop(runtime);
        assert_eq!(sum(), (102, 101, 1));
        let (tx, mut rx) = channel::broadcast(4);
        tx.send(1).unwrap();
        tx.send(2).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(sum(), (104, 102, 1));
        drop((tx, rx));
        assert_eq!(sum(), (104, 102, 2));
        let (tx, mut rx) = channel::watch(0);
        tx.send(1).unwrap();
        assert!(rx.has_changed().unwrap() && *rx.borrow_and_update() == 1);
        drop((tx, rx));
        assert_eq!(sum(), (105, 103, 2));
        let (tx, rx) = channel::rendezvous();
        std::thread::scope(|threads| {
            threads.spawn(|| tx.send_blocking(1).unwrap());
            assert_eq!(rx.recv_blocking(), Ok(1));
        });
        drop((tx, rx));
        assert_eq!(sum(), (106, 104, 2));
    });
}

#[test]
fn a_named_stream_says_what_became_of_its_items() {
    let stream = stream::with::<u8>(Backpressure::DropOldest).capacity(2);
    let (tx, mut rx) = stream.named("stats-stream").build();
    for i in 0..5 {
        tx.try_send(i).unwrap();
    }
    assert_eq!(rx.try_recv(), Ok(3));
    let seen = channel("stats-stream").unwrap();
    assert_eq!(seen.kind, ChannelKind::Stream);
    assert_eq!((seen.sent, seen.received, seen.dropped), (5, 1, 3));
    assert_eq!((seen.depth, seen.high_water, seen.receivers), (1, 2, 1));
    drop(rx);
    let seen = channel("stats-stream").unwrap();
    assert_eq!((seen.dropped, seen.depth, seen.receivers), (4, 0, 0));
}

#[actor]
struct Clerk;

#[actor]
impl Clerk {
    pub(crate) fn file(&mut self, _paper: u32) {}
}

#[nimsync::test]
async fn a_named_actor_has_its_mailbox_counted() {
    let system = ActorSystem::new();
    let clerk = system.named("stats-clerk").spawn(Clerk).ok().unwrap();
    for paper in 0..20 {
        clerk.file(paper).tell().await.unwrap();
    }
    clerk.file(20).await.unwrap();
    let seen = channel("stats-clerk").unwrap();
    assert_eq!(seen.kind, ChannelKind::Actor);
    assert_eq!((seen.sent, seen.received, seen.depth), (21, 21, 0));
    assert!((1..=21).contains(&seen.high_water));
    drop(clerk);
    system.stop().await.unwrap();
    assert!(channel("stats-clerk").is_none());
}

#[test]
fn the_table_has_a_row_for_each_name() {
    let (_tx, _rx) = channel::named("stats-table").mpsc::<u8>(3);
    let table = nimsync::stats().to_string();
    let row = table.lines().find(|line| line.starts_with("stats-table"));
    let fields: Vec<_> = row.unwrap().split_whitespace().collect();
    assert_eq!(fields[1..], ["channel", "0", "0", "0", "0", "0", "3", "0"]);
    assert!(table.lines().any(|line| line.starts_with("wake-ups")));
}

#[test]
fn a_name_that_is_long_keeps_the_columns_straight() {
    let name = "stats-a-name-that-is-longer-than-most-columns";
    let (_tx, _rx) = channel::named(name).mpsc::<u8>(3);
    let table = nimsync::stats().to_string();
    let (_, messages) = table.split_once("\n\n").unwrap();
    let ends: Vec<_> = messages.lines().map(|line| line.chars().count()).collect();
    // But for the row of the sum, which has no depth.
    assert!(ends[2..].iter().all(|end| *end == ends[0]), "{table}");
}

#[test]
fn statistics_are_serialised() {
    let (tx, _rx) = channel::named("stats-serde").mpsc::<u8>(3);
    tx.try_send(1).unwrap();
    let stats = serde_json::to_value(nimsync::stats()).unwrap();
    assert!(stats["total"]["spawned"].is_u64() && stats["messages"]["sent"].is_u64());
    assert!(stats["total"].get("handed").is_none(), "it is not public");
    let channels = stats["channels"].as_array().unwrap();
    let ours = channels
        .iter()
        .find(|channel| channel["name"] == "stats-serde");
    let ours = ours.unwrap();
    assert_eq!(
        (&ours["kind"], &ours["depth"]),
        (&"Channel".into(), &1.into())
    );
    let runtime = runtime("serialised", 2);
    let stats = serde_json::to_value(runtime.stats()).unwrap();
    assert_eq!(stats["name"], "serialised");
    assert_eq!(stats["workers"].as_array().unwrap().len(), 2);
}

#[test]
fn what_a_runtime_counted_stays_in_the_total() {
    let runtime = runtime("gone", 1);
    runtime.block_on(async {
        for _ in 0..123_456 {
            nimsync::yield_now().await;
        }
    });
    drop(runtime);
    // Another test may just be reading it.
    let gone = |stats: &nimsync::Stats| stats.runtimes.iter().all(|runtime| runtime.name != "gone");
    let mut stats = nimsync::stats();
    while !gone(&stats) {
        std::thread::yield_now();
        stats = nimsync::stats();
    }
    assert!(stats.total.polls >= 123_457);
}
