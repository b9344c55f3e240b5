//! Closing, failing, and the end of either side.

use futures::stream::FusedStream;
use nimsync::channel::TryRecvError;
use nimsync::prelude::*;
use nimsync::stream::SendError;
use std::sync::Arc;

#[nimsync::test]
async fn what_was_sent_before_closing_is_delivered_and_the_end_is_seen_once() {
    let (tx, mut rx) = stream::with(Backpressure::Block).build();
    tx.send(1).await.unwrap();
    assert!(tx.close());
    assert!(!tx.close());
    assert!(matches!(tx.send(2).await, Err(SendError::Closed(2))));
    assert_eq!(rx.next().await, Some(1));
    assert!(!rx.is_terminated());
    assert_eq!(rx.next().await, None);
    assert!(rx.is_terminated());
    assert_eq!(rx.next().await, None);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[nimsync::test]
async fn the_last_sender_closes() {
    let (tx, mut rx) = stream::with(Backpressure::Block).build();
    let other = tx.clone();
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    other.send(1).await.unwrap();
    drop(other);
    assert_eq!(rx.next().await, Some(1));
    assert_eq!(rx.next().await, None);
}

#[nimsync::test]
async fn an_error_has_a_place_of_its_own() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(1).build();
    tx.send(Ok(1)).await.unwrap();
    tx.fail("no more").unwrap();
    assert_eq!(tx.fail("again"), Err("again"));
    assert!(tx.send(Ok(2)).await.unwrap_err().is_closed());
    assert_eq!(rx.next().await, Some(Ok(1)));
    assert_eq!(rx.next().await, Some(Err("no more")));
    assert_eq!(rx.next().await, None);
    let stats = rx.stats();
    assert_eq!((stats.produced, stats.delivered, stats.buffered), (2, 2, 0));
}

#[nimsync::test]
async fn an_error_nobody_takes_is_discarded() {
    let (tx, rx) = stream::with(Backpressure::DropOldest).capacity(2).build();
    tx.send(Ok(1)).await.unwrap();
    tx.fail("no more").unwrap();
    drop(rx);
    let stats = tx.stats();
    assert_eq!((stats.produced, stats.discarded, stats.buffered), (2, 2, 0));
}

#[nimsync::test]
async fn a_sender_that_waits_gets_its_item_back_when_the_receiver_goes() {
    let (tx, rx) = stream::with(Backpressure::Block).capacity(1).build();
    tx.send("a".to_owned()).await.unwrap();
    let (back, ()) = futures::join!(tx.send("b".to_owned()), async {
        nimsync::yield_now().await;
        drop(rx);
    });
    assert_eq!(back.unwrap_err().into_inner(), "b");
    assert!(tx.is_closed());
    assert_eq!((tx.stats().discarded, tx.stats().produced), (1, 1));
}

#[nimsync::test]
async fn what_is_left_is_dropped_with_the_receiver() {
    let item = Arc::new(());
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(8).build();
    for _ in 0..5 {
        tx.send(item.clone()).await.unwrap();
    }
    drop(rx.next().await);
    assert_eq!(Arc::strong_count(&item), 5);
    drop(rx);
    assert_eq!(Arc::strong_count(&item), 1);
    assert_eq!(tx.stats().discarded, 4);
}

#[nimsync::test(start_paused = true)]
async fn a_receiver_that_closes_gets_what_was_sent() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(1).build();
    tx.send(1).await.unwrap();
    let (back, got) = futures::join!(tx.send(2), async {
        nimsync::yield_now().await;
        assert!(rx.close());
        rx.next().await
    });
    assert_eq!((back.unwrap_err().into_inner(), got), (2, Some(1)));
    assert_eq!(rx.next().await, None);
}

#[nimsync::test(start_paused = true)]
async fn next_that_is_dropped_has_taken_nothing() {
    let (tx, mut rx) = stream::with(Backpressure::Block).build();
    assert!(with_timeout!(1.seconds(), rx.next()).await.is_err());
    tx.send(1).await.unwrap();
    assert_eq!(rx.next().await, Some(1));
}

#[test]
fn plain_threads_can_use_both_ends() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(2).build();
    let sender = std::thread::spawn(move || {
        for number in 0..1_000 {
            tx.send_blocking(number).unwrap();
        }
    });
    for number in 0..1_000 {
        assert_eq!(rx.recv_blocking(), Some(number));
    }
    assert_eq!(rx.recv_blocking(), None);
    sender.join().unwrap();
}

#[nimsync::test]
async fn many_at_once() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(10).build();
    assert_eq!(tx.send_many(0..10).await.unwrap(), 10);
    let mut items = Vec::new();
    assert_eq!(rx.recv_many(&mut items, 0).await, 0);
    assert_eq!(rx.recv_many(&mut items, 3).await, 3);
    assert_eq!(rx.stats().delivered, 3);
    assert_eq!(rx.recv_many(&mut items, 100).await, 7);
    tx.close();
    assert_eq!(rx.recv_many(&mut items, 100).await, 0);
    assert_eq!(items, (0..10).collect::<Vec<_>>());
}
