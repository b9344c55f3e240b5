//! What is counted.

use nimsync::channel::{self, mpsc};
use nimsync::prelude::*;
use nimsync::{Runtime, yield_now};
use nimsync_benches::ours::{Counter, in_task};

/// An operation, and something that does it so often.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// How often in a full run.
    pub(crate) times: u64,
    work: fn(&Runtime, u64),
}

pub(crate) const CASES: &[Case] = &[
    case("spawn a child, joined by the group", 20_000, spawn),
    case("spawn a child, await it", 20_000, spawn_and_await),
    case("yield, 100 tasks", 50_000, yields),
    case("ping-pong of two tasks, a hop", 20_000, ping_pong),
    case("message between tasks, mpsc(64)", 50_000, messages),
    case("message within a task, mpsc(64)", 100_000, one_task),
    case("the same, the channel has a name", 100_000, named),
    case("item between tasks, stream of 64", 50_000, items),
    case("tell an actor", 20_000, tells),
    case("ask an actor", 20_000, asks),
];

const fn case(name: &'static str, times: u64, work: fn(&Runtime, u64)) -> Case {
    Case { name, times, work }
}

impl Case {
    /// Does the operation so often.
    pub(crate) fn run(&self, times: u64) {
        let runtime = Runtime::builder().workers(1).paused_clock();
        let runtime = runtime.build().expect("the runtime starts");
        (self.work)(&runtime, times);
    }
}

fn spawn(runtime: &Runtime, times: u64) {
    const AT_ONCE: u64 = 1_000;
    in_task(runtime, async move {
        for _ in 0..times / AT_ONCE {
            let group = task_group!(|g| {
                for i in 0..AT_ONCE {
                    g.spawn(async move { i });
                }
            });
            group.await.expect("no task fails");
        }
    });
}

fn spawn_and_await(runtime: &Runtime, times: u64) {
    in_task(runtime, async move {
        let sum = task_group!(|g| {
            let mut sum = 0;
            for i in 0..times {
                sum += g.spawn(async move { i }).await;
            }
            sum
        });
        assert_eq!(sum.await.expect("no task fails"), (0..times).sum());
    });
}

fn yields(runtime: &Runtime, times: u64) {
    const TASKS: u64 = 100;
    in_task(runtime, async move {
        let group = task_group!(|g| {
            for _ in 0..TASKS {
                g.spawn(async move {
                    for _ in 0..times / TASKS {
                        yield_now().await;
                    }
                });
            }
        });
        group.await.expect("no task fails");
    });
}

fn ping_pong(runtime: &Runtime, times: u64) {
    in_task(runtime, async move {
        let (ping, mut pinged) = channel::spsc::<u64>(1);
        let (pong, mut ponged) = channel::spsc::<u64>(1);
        let (mut ping, mut pong) = (ping, pong);
        let group = task_group!(|g| {
            g.spawn(async move {
                while let Ok(ball) = pinged.recv().await {
                    pong.send(ball + 1).await?;
                }
            });
            for hop in (0..times).step_by(2) {
                ping.send(hop).await?;
                assert_eq!(ponged.recv().await?, hop + 1);
            }
            drop(ping);
        });
        group.await.expect("no task fails");
    });
}

fn messages(runtime: &Runtime, times: u64) {
    in_task(runtime, async move {
        let (tx, mut rx) = mpsc::<u64>(64);
        let sum = task_group!(|g| {
            g.spawn(async move {
                for i in 0..times {
                    tx.send(i).await?;
                }
            });
            let mut sum = 0;
            while let Ok(i) = rx.recv().await {
                sum += i;
            }
            sum
        });
        assert_eq!(sum.await.expect("no task fails"), (0..times).sum());
    });
}

fn one_task(runtime: &Runtime, times: u64) {
    let (tx, mut rx) = mpsc::<u64>(64);
    in_task(runtime, async move {
        for i in 0..times {
            tx.try_send(i).expect("there is room");
            assert_eq!(rx.try_recv(), Ok(i));
        }
    });
}

fn named(runtime: &Runtime, times: u64) {
    let (tx, mut rx) = channel::named("jobs").mpsc::<u64>(64);
    in_task(runtime, async move {
        for i in 0..times {
            tx.try_send(i).expect("there is room");
            assert_eq!(rx.try_recv(), Ok(i));
        }
    });
}

fn items(runtime: &Runtime, times: u64) {
    in_task(runtime, async move {
        let building = stream::with::<u64>(Backpressure::Block);
        let (tx, mut rx) = building.capacity(64).build();
        let sum = task_group!(|g| {
            g.spawn(async move {
                for item in 0..times {
                    tx.send(item).await?;
                }
            });
            let mut sum = 0;
            while let Some(item) = rx.next().await {
                sum += item;
            }
            sum
        });
        assert_eq!(sum.await.expect("no task fails"), (0..times).sum());
    });
}

fn tells(runtime: &Runtime, times: u64) {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let counter = system.spawn(Counter::default());
        for _ in 0..times {
            counter.add(1).tell().await.expect("it runs");
        }
        assert_eq!(counter.get().await, Ok(times));
        system.stop().await.expect("no actor fails");
    });
}

fn asks(runtime: &Runtime, times: u64) {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let counter = system.spawn(Counter::default());
        for sum in 1..=times {
            assert_eq!(counter.add(1).await, Ok(sum));
        }
        system.stop().await.expect("no actor fails");
    });
}
