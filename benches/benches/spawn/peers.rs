//! Spawning on the peers.

use futures::channel::oneshot;
use nimsync_benches::peers::Peer;

pub(crate) fn from_root<P: Peer>(peer: &P, n: u64) {
    peer.block_on(spawn_and_join::<P>(n));
}

pub(crate) fn from_task<P: Peer>(peer: &P, n: u64) {
    peer.in_task(spawn_and_join::<P>(n));
}

async fn spawn_and_join<P: Peer>(n: u64) {
    let handles: Vec<_> = (0..n).map(|i| P::spawn(async move { i })).collect();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await;
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

pub(crate) fn one_by_one<P: Peer>(peer: &P, n: u64) {
    peer.in_task(async move {
        let mut sum = 0;
        for i in 0..n {
            sum += P::spawn(async move { i }).await;
        }
        assert_eq!(sum, n * (n - 1) / 2);
    });
}

pub(crate) fn chained<P: Peer>(peer: &P, n: u64) {
    let links = peer.in_task(async move {
        let (tx, rx) = oneshot::channel();
        link::<P>(0, n, tx);
        rx.await.expect("the last link sends")
    });
    assert_eq!(links, n);
}

fn link<P: Peer>(i: u64, n: u64, done: oneshot::Sender<u64>) {
    if i == n {
        done.send(i).expect("the root waits");
    } else {
        P::detach(P::spawn(async move { link::<P>(i + 1, n, done) }));
    }
}

pub(crate) fn skynet<P: Peer>(peer: &P, leaves: u64) {
    let sum = peer.in_task(node::<P>(0, leaves));
    assert_eq!(sum, leaves * (leaves - 1) / 2);
}

// Not an `async fn`: it spawns itself, so that it is `Send` has to be said.
#[expect(clippy::manual_async_fn)]
fn node<P: Peer>(first: u64, leaves: u64) -> impl Future<Output = u64> + Send {
    async move {
        if leaves == 1 {
            return first;
        }
        let below = leaves / 10;
        let children: [_; 10] =
            std::array::from_fn(|i| P::spawn(node::<P>(first + i as u64 * below, below)));
        let mut sum = 0;
        for child in children {
            sum += child.await;
        }
        sum
    }
}
