//! Streams of the peers, on tokio.

use std::future::Future;
use std::pin::pin;

use futures::{SinkExt, StreamExt, channel::mpsc as futures_mpsc, stream};
use nimsync_benches::peers::{Peer, Tokio};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

pub(crate) fn futures_pipe(tokio: &Tokio, senders: u64, each: u64, capacity: usize) {
    let sum = tokio.in_task(async move {
        // A place for each sender is added to the capacity.
        let (tx, mut rx) = futures_mpsc::channel::<u64>(capacity - senders as usize);
        for _ in 0..senders {
            let mut tx = tx.clone();
            Tokio::detach(Tokio::spawn(async move {
                for item in 0..each {
                    tx.send(item).await.expect("the receiver is there");
                }
            }));
        }
        drop(tx);
        let mut sum = 0;
        while let Some(item) = rx.next().await {
            sum += item;
        }
        sum
    });
    assert_eq!(sum, senders * (0..each).sum::<u64>());
}

pub(crate) fn tokio_pipe(tokio: &Tokio, senders: u64, each: u64, capacity: usize) {
    let sum = tokio.in_task(async move {
        let (tx, rx) = mpsc::channel::<u64>(capacity);
        for _ in 0..senders {
            let tx = tx.clone();
            Tokio::detach(Tokio::spawn(async move {
                for item in 0..each {
                    tx.send(item).await.expect("the receiver is there");
                }
            }));
        }
        drop(tx);
        let mut rx = ReceiverStream::new(rx);
        let mut sum = 0;
        while let Some(item) = rx.next().await {
            sum += item;
        }
        sum
    });
    assert_eq!(sum, senders * (0..each).sum::<u64>());
}

pub(crate) fn futures_bursts(tokio: &Tokio, rounds: u64, burst: u64) {
    let sum = tokio.in_task(async move {
        let (mut tx, mut rx) = futures_mpsc::channel::<u64>(64);
        let mut sum = 0;
        for _ in 0..rounds {
            for item in 0..burst {
                tx.send(item).await.expect("the receiver is there");
            }
            for _ in 0..burst {
                sum += rx.next().await.expect("it was sent");
            }
        }
        sum
    });
    assert_eq!(sum, rounds * (0..burst).sum::<u64>());
}

pub(crate) fn tokio_bursts(tokio: &Tokio, rounds: u64, burst: u64) {
    let sum = tokio.in_task(async move {
        let (tx, rx) = mpsc::channel::<u64>(64);
        let mut rx = ReceiverStream::new(rx);
        let mut sum = 0;
        for _ in 0..rounds {
            for item in 0..burst {
                tx.send(item).await.expect("the receiver is there");
            }
            for _ in 0..burst {
                sum += rx.next().await.expect("it was sent");
            }
        }
        sum
    });
    assert_eq!(sum, rounds * (0..burst).sum::<u64>());
}

pub(crate) fn source(tokio: &Tokio, items: u64) {
    let sum = tokio.in_task(async move {
        let mut source = pin!(async_stream::stream! {
            for item in 0..items {
                yield item;
            }
        });
        let mut sum = 0;
        while let Some(item) = source.next().await {
            sum += item;
        }
        sum
    });
    assert_eq!(sum, (0..items).sum::<u64>());
}

/// Works on items in the consumer's task.
fn in_place<J>(tokio: &Tokio, items: u64, at_a_time: usize, job: fn(u64) -> J) -> u64
where
    J: Future<Output = u64> + Send + 'static,
{
    tokio.in_task(async move {
        let jobs = stream::iter(0..items).map(job).buffer_unordered(at_a_time);
        jobs.fold(0_u64, async |sum, item| sum.wrapping_add(item))
            .await
    })
}

/// Works on items in a task each.
fn spawned<J>(tokio: &Tokio, items: u64, at_a_time: usize, job: fn(u64) -> J) -> u64
where
    J: Future<Output = u64> + Send + 'static,
{
    tokio.in_task(async move {
        let jobs = stream::iter(0..items)
            .map(move |item| Tokio::spawn(job(item)))
            .buffer_unordered(at_a_time);
        jobs.fold(0_u64, async |sum, item| sum.wrapping_add(item))
            .await
    })
}

async fn tiny(item: u64) -> u64 {
    item + 1
}

async fn waiting(item: u64) -> u64 {
    Tokio::yield_now().await;
    item + 1
}

async fn heavy(item: u64) -> u64 {
    super::compute(item);
    1
}

pub(crate) fn tiny_jobs(tokio: &Tokio, items: u64) {
    assert_eq!(in_place(tokio, items, 64, tiny), (1..=items).sum::<u64>());
}

pub(crate) fn tiny_jobs_spawned(tokio: &Tokio, items: u64) {
    assert_eq!(spawned(tokio, items, 64, tiny), (1..=items).sum::<u64>());
}

pub(crate) fn waiting_jobs(tokio: &Tokio, items: u64) {
    assert_eq!(
        in_place(tokio, items, 64, waiting),
        (1..=items).sum::<u64>()
    );
}

pub(crate) fn waiting_jobs_spawned(tokio: &Tokio, items: u64) {
    assert_eq!(spawned(tokio, items, 64, waiting), (1..=items).sum::<u64>());
}

pub(crate) fn heavy_jobs(tokio: &Tokio, items: u64) {
    assert_eq!(in_place(tokio, items, 4, heavy), items);
}

pub(crate) fn heavy_jobs_spawned(tokio: &Tokio, items: u64) {
    assert_eq!(spawned(tokio, items, 4, heavy), items);
}
