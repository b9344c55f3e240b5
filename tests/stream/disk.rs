//! Spilling to a file: order, bounds, and what goes wrong with disks.

use super::support::Disk;
use nimsync::prelude::*;
use nimsync::stream::{Receiver, SendError, Sender, Sent, Spill};
use serde::{Deserialize, Serialize};
use std::fs;

fn on(disk: &Disk, limit: u64) -> (Sender<String>, Receiver<String>) {
    let spill = Backpressure::Spill(Spill::file(disk.clone(), limit));
    stream::with(spill).capacity(2).build()
}

/// An item of about a hundred bytes.
fn item(number: usize) -> String {
    format!("{number:0100}")
}

#[nimsync::test]
async fn order_is_kept_through_the_file() {
    let spill = Backpressure::Spill(Spill::disk(std::env::temp_dir(), 64 << 20));
    let (tx, mut rx) = stream::with(spill).capacity(16).build();
    for number in 0..20_000 {
        let sent = tx.send(item(number)).await.unwrap();
        let expected = if number < 16 {
            Sent::Queued
        } else {
            Sent::Spilled
        };
        assert_eq!(sent, expected);
    }
    for number in 0..10_000 {
        assert_eq!(rx.next().await, Some(item(number)));
        // Behind those in the file, though there is room in the buffer.
        assert_eq!(tx.send(item(20_000 + number)).await.unwrap(), Sent::Spilled);
    }
    drop(tx);
    for number in 10_000..30_000 {
        assert_eq!(rx.next().await, Some(item(number)));
    }
    assert_eq!(rx.next().await, None);
    let stats = rx.stats();
    assert_eq!(
        (stats.delivered, stats.dropped, stats.buffered),
        (30_000, 0, 0)
    );
    assert_eq!(stats.spilled, 30_000 - 16);
    assert!(stats.spilled_bytes > 30_000 * 100 - 16 * 100);
}

#[nimsync::test]
async fn nothing_is_seen_in_the_folder() {
    let folder = std::env::temp_dir().join(format!("nimsync-spill-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let spill = Backpressure::Spill(Spill::disk(&folder, 64 << 20));
    let (tx, mut rx) = stream::with(spill).capacity(1).build();
    for number in 0..5_000 {
        tx.send(item(number)).await.unwrap();
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(rx.next().await, Some(item(0)));
    drop(rx);
    fs::remove_dir(&folder).unwrap();
    assert_eq!(tx.stats().discarded, 4_999);
}

#[nimsync::test]
async fn short_writes_and_reads_wrap_around_the_end() {
    let disk = Disk::short(997);
    // Not a multiple of anything, so records wrap at all places.
    let limit = 200_003;
    let (tx, mut rx) = on(&disk, limit);
    let (mut sent, mut received) = (0, 0);
    while received < 30_000 {
        while sent < 30_000 {
            match tx.try_send(item(sent)) {
                Ok(_) => sent += 1,
                Err(SendError::Full(_)) => break,
                Err(error) => panic!("{error:?}"),
            }
        }
        for _ in 0..700.min(30_000 - received) {
            assert_eq!(rx.next().await, Some(item(received)));
            received += 1;
        }
    }
    assert!(disk.len() as u64 <= limit, "the file is bounded");
    assert!(rx.stats().spilled > 20_000);
}

#[nimsync::test(start_paused = true)]
async fn a_spill_that_is_full_makes_senders_wait() {
    let disk = Disk::default();
    let (tx, mut rx) = on(&disk, 10_000);
    let mut received = 0;
    task_group!(|g| {
        let sender = g.spawn(async move {
            for number in 0..5_000 {
                tx.send(item(number)).await?;
            }
            Ok::<_, SendError<String>>(tx.stats())
        });
        sleep(1.seconds()).await;
        assert!(rx.stats().buffered <= 2 + 10_000 / 100);
        while let Some(next) = rx.next().await {
            assert_eq!(next, item(received));
            received += 1;
        }
        assert!(sender.await.waits > 0);
    })
    .await
    .unwrap();
    assert_eq!(received, 5_000);
}

#[nimsync::test]
async fn a_full_disk_is_an_error_and_no_loss() {
    let disk = Disk::default();
    let (tx, mut rx) = on(&disk, 1 << 30);
    let mut taken = Vec::new();
    for number in 0..2_000 {
        tx.send(item(number)).await.unwrap();
        taken.push(item(number));
    }
    disk.set_full(true);
    let mut refused = 0;
    for number in 2_000..4_000 {
        match tx.send(item(number)).await {
            Ok(_) => taken.push(item(number)),
            Err(SendError::Spill(back, error)) => {
                assert_eq!(back, item(number));
                assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
                refused += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(refused > 1_000, "what fits into memory goes on, no more");
    assert_eq!(rx.stats().refused, refused);
    // Somebody has tidied up.
    disk.set_full(false);
    for number in 4_000..5_000 {
        tx.send(item(number)).await.unwrap();
        taken.push(item(number));
    }
    drop(tx);
    for expected in &taken {
        assert_eq!(rx.next().await.as_ref(), Some(expected));
    }
    assert_eq!(rx.next().await, None);
    assert_eq!(rx.stats().delivered, taken.len() as u64);
}

#[nimsync::test]
async fn a_disk_that_cannot_be_read_ends_the_stream_and_says_so() {
    let disk = Disk::default();
    let (tx, mut rx) = on(&disk, 1 << 30);
    for number in 0..2_000 {
        tx.send(item(number)).await.unwrap();
    }
    disk.set_unreadable();
    let delivered = rx.by_ref().count().await;
    assert_eq!(rx.error().unwrap().to_string(), "a bad sector");
    assert!(tx.is_closed());
    assert_eq!(rx.stats().buffered, 2_000 - delivered);
}

#[nimsync::test]
async fn no_folder_for_the_file() {
    let spill = Backpressure::Spill(Spill::disk("/nowhere at all", 1 << 20));
    let (tx, mut rx) = stream::with(spill).capacity(1).build();
    let mut sent = 0;
    let error = loop {
        match tx.send(item(sent)).await {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
    };
    let SendError::Spill(back, cause) = error else {
        panic!("{error:?}");
    };
    assert_eq!(
        (back, cause.kind()),
        (item(sent), std::io::ErrorKind::NotFound)
    );
    drop(tx);
    for number in 0..sent {
        assert_eq!(rx.next().await, Some(item(number)));
    }
    assert_eq!(rx.next().await, None);
}

#[nimsync::test]
async fn an_item_larger_than_the_spill_comes_back() {
    let (tx, mut rx) = on(&Disk::default(), 1_000);
    for number in 0..4 {
        tx.send(item(number)).await.unwrap();
    }
    let large = "x".repeat(5_000);
    let error = tx.send(large.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "the item could not be spilled");
    assert_eq!(error.into_inner(), large);
    drop(tx);
    assert_eq!(rx.by_ref().count().await, 4);
}

#[derive(Debug, PartialEq)]
struct Stubborn(u32);

impl Serialize for Stubborn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            13 => Err(serde::ser::Error::custom("unlucky")),
            666 => panic!("an encoder that panics"),
            number => number.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Stubborn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(Stubborn)
    }
}

#[nimsync::test]
async fn an_item_that_cannot_be_encoded_leaves_no_trace() {
    let spill = Backpressure::Spill(Spill::file(Disk::default(), 1 << 20));
    let (tx, mut rx) = stream::with(spill).capacity(1).build();
    for number in [1, 2, 3] {
        tx.try_send(Stubborn(number)).unwrap();
    }
    let error = tx.try_send(Stubborn(13)).unwrap_err();
    assert!(
        matches!(error, SendError::Spill(Stubborn(13), _)),
        "{error:?}"
    );
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        drop(tx.try_send(Stubborn(666)));
    }));
    assert!(panicked.is_err());
    tx.try_send(Stubborn(4)).unwrap();
    drop(tx);
    let all: Vec<_> = rx.by_ref().collect().await;
    assert_eq!(all, [Stubborn(1), Stubborn(2), Stubborn(3), Stubborn(4)]);
}
