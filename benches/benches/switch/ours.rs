//! Switching between tasks on nimsync.

use nimsync::prelude::*;
use nimsync::{Runtime, Spawner};
use nimsync_benches::ours::in_task;

use crate::players;

pub(crate) fn yields(runtime: &Runtime, tasks: u64, times: u64) {
    in_task(runtime, async move {
        let yielded = task_group!(|g| {
            let children: Vec<_> = (0..tasks).map(|_| g.spawn(yielder(times))).collect();
            let mut sum = 0;
            for child in children {
                sum += child.await;
            }
            sum
        });
        assert_eq!(yielded.await.expect("no task fails"), tasks * times);
    });
}

async fn yielder(times: u64) -> u64 {
    let mut yielded = 0;
    for _ in 0..times {
        nimsync::yield_now().await;
        yielded += 1;
    }
    yielded
}

pub(crate) fn one_ball(runtime: &Runtime, pairs: u64, times: u64) {
    in_task(runtime, async move {
        let mut sum = 0;
        for _ in 0..times {
            let right = task_group!(|g| {
                let servers: Vec<_> = (0..pairs).map(|_| g.spawn(meet(g.spawner()))).collect();
                let mut sum = 0;
                for server in servers {
                    sum += server.await;
                }
                sum
            });
            sum += right.await.expect("no task fails");
        }
        assert_eq!(sum, pairs * times);
    });
}

async fn meet(spawner: Spawner) -> u64 {
    let (serve, answer) = players::pair_with_one_ball();
    drop(spawner.spawn(answer).expect("the group is open"));
    serve.await
}

pub(crate) fn ping_pong(runtime: &Runtime, pairs: u64, rounds: u64) {
    in_task(runtime, async move {
        let right = task_group!(|g| {
            let mut servers = Vec::new();
            for _ in 0..pairs {
                let (a, b) = players::pair();
                servers.push(g.spawn(a.serve(rounds)));
                g.spawn(b.answer());
            }
            let mut sum = 0;
            for server in servers {
                sum += server.await;
            }
            sum
        });
        assert_eq!(right.await.expect("no task fails"), pairs * rounds);
    });
}
