//! What each policy does when the buffer is full.

use nimsync::prelude::*;
use nimsync::stream::{SendError, Sent, Spill, Stats};

fn adds_up(stats: Stats) {
    assert_eq!(
        stats.produced,
        stats.delivered + stats.dropped + stats.discarded + stats.buffered as u64,
        "{stats:?}"
    );
}

#[nimsync::test(start_paused = true)]
async fn block_waits_for_room() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(2).build();
    assert_eq!(tx.send(1).await.unwrap(), Sent::Queued);
    tx.send(2).await.unwrap();
    assert!(tx.try_send(3).unwrap_err().is_full());
    assert!(with_timeout!(1.seconds(), tx.send(3)).await.is_err());
    task_group!(|g| {
        let tx = tx.clone();
        g.spawn(async move { tx.send(4).await.map(drop) });
        sleep(1.seconds()).await;
        assert_eq!(rx.next().await, Some(1));
        sleep(1.seconds()).await;
        assert_eq!(rx.stats().buffered, 2);
    })
    .await
    .unwrap();
    assert_eq!((rx.next().await, rx.next().await), (Some(2), Some(4)));
    let stats = rx.stats();
    assert_eq!((stats.produced, stats.refused, stats.waits), (3, 1, 2));
    assert_eq!(stats.high_water, 2);
    adds_up(stats);
}

#[nimsync::test(start_paused = true)]
async fn those_who_wait_are_served_in_their_order() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(1).build();
    tx.send(0).await.unwrap();
    task_group!(|g| {
        for number in 1..=5 {
            let tx = tx.clone();
            g.spawn(async move { tx.send(number).await.map(drop) });
            nimsync::yield_now().await;
            sleep(1.milliseconds()).await;
        }
        for number in 0..=5 {
            assert_eq!(rx.next().await, Some(number));
        }
    })
    .await
    .unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_sender_that_gives_up_passes_its_wake_up_on() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(1).build();
    tx.send(0).await.unwrap();
    task_group!(|g| {
        let first = g.spawn({
            let tx = tx.clone();
            async move { tx.send(1).await.map(drop) }
        });
        let tx = tx.clone();
        sleep(1.milliseconds()).await;
        g.spawn(async move { tx.send(2).await.map(drop) });
        sleep(1.milliseconds()).await;
        // Woken by this, and cancelled before it runs.
        assert_eq!(rx.try_recv(), Ok(0));
        first.cancel();
        let outcome = first.outcome().await;
        let next = rx.next().await;
        match outcome {
            nimsync::Outcome::Done(()) => assert_eq!(next, Some(1)),
            _ => assert_eq!(next, Some(2)),
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn drop_newest_gives_the_new_item_back() {
    let (tx, mut rx) = stream::with(Backpressure::DropNewest).capacity(2).build();
    for number in 0..2 {
        assert_eq!(tx.send(number).await.unwrap(), Sent::Queued);
    }
    assert_eq!(tx.send(2).await.unwrap(), Sent::Dropped(2));
    assert_eq!(rx.next().await, Some(0));
    assert_eq!(tx.send(3).await.unwrap(), Sent::Queued);
    drop(tx);
    assert_eq!(rx.by_ref().collect::<Vec<_>>().await, [1, 3]);
    assert_eq!((rx.stats().dropped, rx.stats().produced), (1, 4));
    adds_up(rx.stats());
}

#[nimsync::test]
async fn drop_oldest_gives_the_oldest_back() {
    let (tx, mut rx) = stream::with(Backpressure::DropOldest).capacity(2).build();
    for number in 0..2 {
        assert_eq!(tx.send(number).await.unwrap(), Sent::Queued);
    }
    assert_eq!(tx.send(2).await.unwrap(), Sent::Replaced(0));
    assert_eq!(rx.next().await, Some(1));
    assert_eq!(tx.try_send(3).unwrap(), Sent::Queued);
    assert_eq!(tx.try_send(4).unwrap().dropped(), Some(2));
    drop(tx);
    assert_eq!(rx.by_ref().collect::<Vec<_>>().await, [3, 4]);
    adds_up(rx.stats());
}

#[nimsync::test]
async fn latest_keeps_one() {
    let (tx, mut rx) = stream::with(Backpressure::Latest).capacity(64).build();
    assert_eq!(tx.capacity(), 1);
    for number in 0..10 {
        tx.send(number).await.unwrap();
    }
    assert_eq!(rx.next().await, Some(9));
    assert_eq!(rx.stats().dropped, 9);
    adds_up(rx.stats());
}

#[nimsync::test]
async fn fail_gives_the_item_back() {
    let (tx, mut rx) = stream::with(Backpressure::Fail).capacity(1).build();
    tx.send("a").await.unwrap();
    let error = tx.send("b").await.unwrap_err();
    assert_eq!(error.to_string(), "the stream is full");
    assert_eq!(error.into_inner(), "b");
    assert_eq!(rx.next().await, Some("a"));
    assert_eq!(tx.send("c").await.unwrap(), Sent::Queued);
    assert_eq!(rx.stats().refused, 1);
    adds_up(rx.stats());
}

#[nimsync::test(start_paused = true)]
async fn memory_spill_has_a_limit() {
    let spill = Backpressure::Spill(Spill::memory(2));
    let (tx, mut rx) = stream::with(spill).capacity(1).build();
    assert_eq!(tx.send(0).await.unwrap(), Sent::Queued);
    assert_eq!(tx.send(1).await.unwrap(), Sent::Spilled);
    assert_eq!(tx.send(2).await.unwrap(), Sent::Spilled);
    assert!(matches!(tx.try_send(3), Err(SendError::Full(3))));
    assert!(with_timeout!(1.seconds(), tx.send(3)).await.is_err());
    assert_eq!(rx.next().await, Some(0));
    assert_eq!(tx.send(3).await.unwrap(), Sent::Spilled);
    drop(tx);
    assert_eq!(rx.by_ref().collect::<Vec<_>>().await, [1, 2, 3]);
    assert_eq!((rx.stats().spilled, rx.stats().high_water), (3, 3));
    adds_up(rx.stats());
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn many_senders_and_a_receiver_on_two_threads() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(8).build();
    let mut next = [0; 4];
    task_group!(|g| {
        for sender in 0..4 {
            let tx = tx.clone();
            g.spawn(async move {
                for number in 0..5_000 {
                    tx.send((sender, number)).await?;
                }
            });
        }
        drop(tx);
        while let Some((sender, number)) = rx.next().await {
            assert_eq!(next[sender], number);
            next[sender] += 1;
        }
    })
    .await
    .unwrap();
    assert_eq!(next, [5_000; 4]);
    assert!(rx.stats().high_water <= 8);
    adds_up(rx.stats());
}
