//! Operators, under virtual time.

use nimsync::prelude::*;
use nimsync::stream::{Rate, Retry, SendError, Stream};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use std::time::Duration;

/// Yields each number so many milliseconds after the start.
fn at(times: &'static [u64]) -> impl Stream<Item = u64> + Unpin + Send {
    stream! {
        let start = nimsync::now();
        for &time in times {
            nimsync::sleep_until(start + time.milliseconds()).await;
            yield time;
        }
    }
}

/// Collects items with the millisecond in which they came.
async fn timed<S: Stream>(stream: S) -> Vec<(u64, S::Item)> {
    let start = nimsync::now();
    stream
        .map(|item| ((nimsync::now() - start).as_millis() as u64, item))
        .collect()
        .await
}

#[nimsync::test]
async fn batch_has_a_short_rest() {
    let batches: Vec<_> = stream::iter(0..7).batch(3).collect().await;
    assert_eq!(batches, [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
}

#[nimsync::test(start_paused = true)]
async fn batch_within_is_full_or_old() {
    let source = at(&[0, 10, 20, 30, 500, 1000, 1001]);
    let batches = timed(source.batch_within(3, 100.milliseconds())).await;
    let expected = [
        (20, vec![0, 10, 20]),
        (130, vec![30]),
        (600, vec![500]),
        (1001, vec![1000, 1001]),
    ];
    assert_eq!(batches, expected);
}

#[nimsync::test(start_paused = true)]
async fn throttle_spaces_items() {
    let items = timed(stream::iter(0..4).throttle(10)).await;
    assert_eq!(items, [(0, 0), (100, 1), (200, 2), (300, 3)]);
}

#[nimsync::test(start_paused = true)]
async fn throttle_lets_a_burst_pass_after_a_pause() {
    let source = at(&[0, 0, 0, 0, 1000, 1000, 1000, 1000]);
    let rate = Rate::per_second(10).burst(3);
    let times: Vec<_> = timed(source.throttle(rate)).await;
    let times: Vec<_> = times.into_iter().map(|(time, _)| time).collect();
    assert_eq!(times, [0, 0, 0, 100, 1000, 1000, 1000, 1100]);
}

#[nimsync::test(start_paused = true)]
async fn debounce_yields_what_was_last() {
    let source = at(&[0, 10, 20, 200, 210]);
    let items = timed(source.debounce(50.milliseconds())).await;
    assert_eq!(items, [(70, 20), (210, 210)]);
}

#[nimsync::test(start_paused = true)]
async fn windows_follow_the_clock() {
    let source = at(&[0, 10, 99, 100, 350]);
    let windows = timed(source.window(100.milliseconds())).await;
    assert_eq!(
        windows,
        [(100, vec![0, 10, 99]), (200, vec![100]), (350, vec![350])]
    );
}

#[nimsync::test]
async fn windows_of_a_number_of_items() {
    let slide: Vec<_> = stream::iter(0..5).window_count(3, 1).collect().await;
    assert_eq!(slide, [[0, 1, 2], [1, 2, 3], [2, 3, 4]]);
    let hop: Vec<_> = stream::iter(0..8).window_count(2, 3).collect().await;
    assert_eq!(hop, [[0, 1], [3, 4], [6, 7]]);
    let tumble: Vec<_> = stream::iter(0..5).window_count(2, 2).collect().await;
    assert_eq!(tumble, [[0, 1], [2, 3]]);
}

#[nimsync::test(start_paused = true)]
async fn merge_yields_what_comes() {
    let merged = at(&[10, 30]).merge(at(&[20, 40, 50])).collect::<Vec<_>>();
    assert_eq!(merged.await, [10, 20, 30, 40, 50]);
    let all: Vec<_> = stream::merge([at(&[3, 6]), at(&[1, 4]), at(&[2, 5])])
        .collect()
        .await;
    assert_eq!(all, [1, 2, 3, 4, 5, 6]);
}

#[nimsync::test(start_paused = true)]
async fn timeout_each_tells_of_every_pause() {
    let source = at(&[10, 250, 260]);
    let items = timed(source.timeout_each(100.milliseconds())).await;
    let items: Vec<_> = items
        .into_iter()
        .map(|(time, item)| (time, item.map_err(|error| error.limit())))
        .collect();
    let late = Err(Some(Duration::from_millis(100)));
    assert_eq!(
        items,
        [
            (10, Ok(10)),
            (110, late),
            (210, late),
            (250, Ok(250)),
            (260, Ok(260))
        ]
    );
}

#[nimsync::test(start_paused = true)]
async fn retry_backs_off_and_gives_up() {
    let begun = AtomicU32::new(0);
    let begin = || {
        begun.fetch_add(1, Ordering::Relaxed);
        stream::iter([Err::<u32, _>("down")])
    };
    let retry = Retry::times(4)
        .backoff(100.milliseconds())
        .longest(300.milliseconds());
    let items = timed(begin().retry(retry, begin)).await;
    assert_eq!(items, [(100 + 200 + 300 + 300, Err("down"))]);
    assert_eq!(begun.into_inner(), 5);
}

#[nimsync::test(start_paused = true)]
async fn an_item_makes_retry_patient_again() {
    let mut left = 5;
    let make = || stream::iter([Ok(1), Err("down")]);
    let all: Vec<_> = make()
        .retry(Retry::times(1), || {
            left -= 1;
            match left {
                0 => stream::iter([Ok(2), Ok(3)]),
                _ => make(),
            }
        })
        .collect()
        .await;
    assert_eq!(all, [1, 1, 1, 1, 1, 2, 3].map(Ok));
}

#[nimsync::test(start_paused = true)]
async fn a_buffer_is_filled_while_the_consumer_is_busy() {
    let mut buffered = at(&[0, 10, 20, 30, 40, 50]).buffered_by(Backpressure::DropOldest, 2);
    assert_eq!(buffered.next().await, Some(0));
    sleep(1.seconds()).await;
    assert_eq!(buffered.stats().dropped, 3);
    assert_eq!(buffered.by_ref().collect::<Vec<_>>().await, [40, 50]);
}

#[nimsync::test(start_paused = true)]
async fn a_buffer_that_fails_ends_and_has_the_item() {
    let mut buffered = at(&[0, 10, 20, 30]).buffered_by(Backpressure::Fail, 1);
    assert_eq!(buffered.next().await, Some(0));
    sleep(1.seconds()).await;
    assert_eq!(buffered.by_ref().collect::<Vec<_>>().await, [10]);
    assert!(matches!(buffered.take_failure(), Some(SendError::Full(20))));
    assert_eq!(buffered.next().await, None);
}

#[nimsync::test(start_paused = true)]
async fn a_buffer_that_is_dropped_cancels_its_source() {
    let alive = Arc::new(());
    task_group!(|g| {
        let inside = alive.clone();
        g.spawn(async move {
            let source = stream! {
                let _inside = inside;
                for number in 0.. {
                    sleep(10.milliseconds()).await;
                    yield number;
                }
            };
            let mut buffered = source.buffered_by(Backpressure::Latest, 1);
            assert_eq!(buffered.next().await, Some(0));
        });
    })
    .await
    .unwrap();
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[nimsync::test]
#[should_panic = "the source broke"]
async fn a_panic_of_a_buffered_source_comes_out() {
    let source = stream! {
        yield 1;
        panic!("the source broke");
    };
    source.buffered_by(Backpressure::Block, 4).count().await;
}
