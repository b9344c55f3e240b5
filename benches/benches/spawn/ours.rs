//! Spawning on nimsync.

use futures::channel::oneshot;
use nimsync::prelude::*;
use nimsync::{Runtime, Spawner};
use nimsync_benches::ours::in_task;

pub(crate) fn from_root(runtime: &Runtime, n: u64) {
    runtime.block_on(spawn_and_join(n));
}

pub(crate) fn from_task(runtime: &Runtime, n: u64) {
    in_task(runtime, spawn_and_join(n));
}

async fn spawn_and_join(n: u64) {
    let sum = task_group!(|g| {
        let children: Vec<_> = (0..n).map(|i| g.spawn(async move { i })).collect();
        let mut sum = 0;
        for child in children {
            sum += child.await;
        }
        sum
    });
    assert_eq!(sum.await.expect("no task fails"), n * (n - 1) / 2);
}

pub(crate) fn one_by_one(runtime: &Runtime, n: u64) {
    in_task(runtime, async move {
        let sum = task_group!(|g| {
            let mut sum = 0;
            for i in 0..n {
                sum += g.spawn(async move { i }).await;
            }
            sum
        });
        assert_eq!(sum.await.expect("no task fails"), n * (n - 1) / 2);
    });
}

pub(crate) fn chained(runtime: &Runtime, n: u64) {
    in_task(runtime, async move {
        let links = task_group!(|g| {
            let (tx, rx) = oneshot::channel();
            link(g.spawner(), 0, n, tx);
            rx.await.expect("the last link sends")
        });
        assert_eq!(links.await.expect("no task fails"), n);
    });
}

fn link(spawner: Spawner, i: u64, n: u64, done: oneshot::Sender<u64>) {
    if i == n {
        done.send(i).expect("the root waits");
    } else {
        let next = spawner.clone();
        let child = spawner.spawn(async move { link(next, i + 1, n, done) });
        drop(child.expect("the group is open"));
    }
}

pub(crate) fn skynet(runtime: &Runtime, leaves: u64) {
    in_task(runtime, async move {
        assert_eq!(node(0, leaves).await, leaves * (leaves - 1) / 2);
    });
}

// Not an `async fn`: it spawns itself, so that it is `Send` has to be said.
#[expect(clippy::manual_async_fn)]
fn node(first: u64, leaves: u64) -> impl Future<Output = u64> + Send {
    async move {
        if leaves == 1 {
            return first;
        }
        let below = leaves / 10;
        let sum = task_group!(|g| {
            let children: [_; 10] =
                std::array::from_fn(|i| g.spawn(node(first + i as u64 * below, below)));
            let mut sum = 0;
            for child in children {
                sum += child.await;
            }
            sum
        });
        sum.await.expect("no task fails")
    }
}
