//! Streams, sinks and channels into each other.

use futures::SinkExt;
use nimsync::channel;
use nimsync::prelude::*;
use nimsync::stream::SendError;

#[nimsync::test]
async fn a_stream_is_forwarded_into_a_sender() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(2).build();
    let (forwarded, items) = futures::join!(
        stream::iter(0..100).map(Ok).forward(tx),
        rx.by_ref().collect::<Vec<i32>>()
    );
    forwarded.unwrap();
    assert_eq!(items, (0..100).collect::<Vec<_>>());
}

#[nimsync::test]
async fn a_channel_becomes_a_stream_and_a_channel_again() {
    let (numbers, rx) = channel::mpsc::<u32>(4);
    let (tx, mut squares) = channel::spsc::<u32>(4);
    task_group!(|g| {
        g.spawn(async move {
            for number in 0..50 {
                numbers.send(number).await?;
            }
        });
        g.spawn(async move { rx.map(|n| Ok(n * n)).forward(tx).await });
        for number in 0..50 {
            assert_eq!(squares.recv().await.unwrap(), number * number);
        }
        assert!(squares.recv().await.is_err());
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn a_sink_keeps_an_item_until_there_is_room() {
    let (mut tx, mut rx) = stream::with(Backpressure::Block).capacity(1).build();
    tx.feed(1).await.unwrap();
    tx.feed(2).await.unwrap();
    let (flushed, first) = futures::join!(tx.flush(), async {
        nimsync::yield_now().await;
        rx.next().await
    });
    flushed.unwrap();
    assert_eq!((first, rx.next().await), (Some(1), Some(2)));
    assert_eq!(rx.stats().refused, 0, "what the sink keeps was not refused");
    drop(rx);
    assert!(matches!(
        SinkExt::send(&mut tx, 3).await,
        Err(SendError::Closed(3))
    ));
}

#[nimsync::test]
async fn a_sink_with_a_policy_that_drops_never_waits() {
    let (mut tx, mut rx) = stream::with(Backpressure::DropOldest).capacity(2).build();
    for number in 0..10 {
        SinkExt::send(&mut tx, number).await.unwrap();
    }
    SinkExt::close(&mut tx).await.unwrap();
    assert_eq!(rx.by_ref().collect::<Vec<_>>().await, [8, 9]);
}

#[nimsync::test]
async fn a_sink_with_fail_fails() {
    let (mut tx, _rx) = stream::with(Backpressure::Fail).capacity(1).build();
    SinkExt::send(&mut tx, 1).await.unwrap();
    let refused = SinkExt::send(&mut tx, 2).await;
    assert!(matches!(refused, Err(SendError::Full(2))));
}

#[test]
fn any_executor_will_do() {
    let (tx, mut rx) = stream::with(Backpressure::Block).capacity(1).build();
    let (sent, received) = futures::executor::block_on(futures::future::join(
        async move { tx.send_many(0..10).await },
        async { rx.by_ref().count().await },
    ));
    assert_eq!((sent.unwrap(), received), (10, 10));
}
