//! Streams of nimsync.

use std::pin::pin;

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::ours::in_task;

pub(crate) fn pipe(runtime: &Runtime, senders: u64, each: u64, capacity: usize) {
    in_task(runtime, async move {
        let (tx, mut rx) = stream::with::<u64>(Backpressure::Block)
            .capacity(capacity)
            .build();
        let sum = task_group!(|g| {
            for _ in 0..senders {
                let tx = tx.clone();
                g.spawn(async move {
                    for item in 0..each {
                        tx.send(item).await?;
                    }
                });
            }
            drop(tx);
            let mut sum = 0;
            while let Some(item) = rx.next().await {
                sum += item;
            }
            sum
        });
        assert_eq!(
            sum.await.expect("no task fails"),
            senders * (0..each).sum::<u64>()
        );
    });
}

pub(crate) fn bursts(runtime: &Runtime, rounds: u64, burst: u64) {
    in_task(runtime, async move {
        let (tx, mut rx) = stream::with::<u64>(Backpressure::Block)
            .capacity(64)
            .build();
        let mut sum = 0;
        for _ in 0..rounds {
            for item in 0..burst {
                tx.send(item).await.expect("the receiver is there");
            }
            for _ in 0..burst {
                sum += rx.next().await.expect("it was sent");
            }
        }
        assert_eq!(sum, rounds * (0..burst).sum::<u64>());
    });
}

pub(crate) fn source(runtime: &Runtime, items: u64) {
    in_task(runtime, async move {
        let mut source = pin!(stream! {
            for item in 0..items {
                yield item;
            }
        });
        let mut sum = 0;
        while let Some(item) = source.next().await {
            sum += item;
        }
        assert_eq!(sum, (0..items).sum::<u64>());
    });
}

pub(crate) fn tiny_jobs(runtime: &Runtime, items: u64) {
    in_task(runtime, async move {
        let jobs = stream::iter(0..items).par_map_unordered(64, |item| async move { item + 1 });
        let sum = jobs.fold(0, async |sum, item| sum + item).await;
        assert_eq!(sum, (1..=items).sum::<u64>());
    });
}

pub(crate) fn waiting_jobs(runtime: &Runtime, items: u64) {
    in_task(runtime, async move {
        let jobs = stream::iter(0..items).par_map_unordered(64, |item| async move {
            nimsync::yield_now().await;
            item + 1
        });
        let sum = jobs.fold(0, async |sum, item| sum + item).await;
        assert_eq!(sum, (1..=items).sum::<u64>());
    });
}

pub(crate) fn heavy_jobs(runtime: &Runtime, items: u64) {
    in_task(runtime, async move {
        let jobs =
            stream::iter(0..items).par_map_unordered(4, |item| async move { super::compute(item) });
        assert_eq!(jobs.count().await as u64, items);
    });
}
