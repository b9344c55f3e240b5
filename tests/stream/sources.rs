//! `stream!` and `try_stream!`.

use futures::stream::FusedStream;
use nimsync::prelude::*;
use nimsync::stream::Stream;
use std::sync::Arc;

fn countdown(from: u32) -> impl Stream<Item = u32> + Send {
    stream! {
        for number in (0..from).rev() {
            nimsync::yield_now().await;
            yield number;
        }
    }
}

#[nimsync::test]
async fn items_come_in_the_order_of_the_code() {
    assert_eq!(countdown(4).collect::<Vec<_>>().await, [3, 2, 1, 0]);
}

#[nimsync::test]
async fn code_runs_only_when_an_item_is_asked_for() {
    let steps = std::cell::Cell::new(0);
    let counted = &steps;
    let mut source = stream! {
        counted.set(1);
        yield 'a';
        counted.set(2);
        yield 'b';
        counted.set(3);
    };
    assert_eq!(steps.get(), 0);
    assert_eq!(source.next().await, Some('a'));
    assert_eq!(steps.get(), 1);
    assert_eq!(source.next().await, Some('b'));
    assert_eq!(steps.get(), 2);
    assert_eq!(source.next().await, None);
    assert!(source.is_terminated());
    assert_eq!((steps.get(), source.next().await), (3, None));
}

#[nimsync::test]
async fn return_ends_a_stream() {
    let source = stream! {
        for number in 0.. {
            if number == 3 {
                return;
            }
            yield number;
        }
    };
    assert_eq!(source.collect::<Vec<_>>().await, [0, 1, 2]);
}

#[nimsync::test]
async fn question_mark_ends_a_try_stream_with_the_error() {
    #[derive(Debug, PartialEq)]
    struct Wrapped(std::num::ParseIntError);
    impl From<std::num::ParseIntError> for Wrapped {
        fn from(error: std::num::ParseIntError) -> Self {
            Self(error)
        }
    }
    fn numbers(words: Vec<&str>) -> impl Stream<Item = Result<u32, Wrapped>> {
        try_stream! {
            for word in words {
                if word == "end" {
                    return;
                }
                yield word.parse()?;
            }
        }
    }
    let good: Vec<_> = numbers(vec!["1", "2", "end", "x"]).collect().await;
    assert_eq!(good, [Ok(1), Ok(2)]);
    let mut bad = numbers(vec!["1", "x", "2"]);
    assert_eq!(bad.next().await, Some(Ok(1)));
    assert!(bad.next().await.unwrap().is_err());
    assert_eq!(bad.next().await, None);
}

#[nimsync::test]
async fn sources_nest() {
    let source = stream! {
        let mut inner = stream! {
            yield 1;
            yield 2;
        };
        while let Some(number) = inner.next().await {
            yield number * 10;
        }
        yield 0;
    };
    assert_eq!(source.collect::<Vec<_>>().await, [10, 20, 0]);
}

#[nimsync::test]
async fn what_the_code_owns_is_dropped_with_the_stream() {
    let owned = Arc::new(());
    let inside = owned.clone();
    let mut source = stream! {
        yield Arc::strong_count(&inside);
        yield 0;
    };
    assert_eq!(source.next().await, Some(2));
    drop(source);
    assert_eq!(Arc::strong_count(&owned), 1);
}

#[nimsync::test(start_paused = true)]
async fn a_next_that_is_dropped_loses_nothing() {
    let mut source = stream! {
        for number in 0..3 {
            sleep(10.milliseconds()).await;
            yield number;
        }
    };
    let mut seen = Vec::new();
    let mut tries = 0;
    loop {
        tries += 1;
        match with_timeout!(4.milliseconds(), source.next()).await {
            Ok(Some(number)) => seen.push(number),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    assert_eq!(seen, [0, 1, 2]);
    assert!(tries > 6);
}

#[nimsync::test]
async fn a_source_is_an_item_of_a_task() {
    let sum = task_group!(|g| {
        let child = g.spawn(async {
            countdown(100)
                .map(u64::from)
                .fold(0, async |a, b| a + b)
                .await
        });
        child.await
    });
    assert_eq!(sum.await.unwrap(), 4950);
}
