#![deny(warnings)]
use nimsync::prelude::*;
use nimsync::stream::Stream;

// The names that the expansion uses mean nothing to the user's code.
fn hygiene(__yielder: u32, source: u32) -> impl Stream<Item = u32> + Send + Unpin {
    stream! {
        yield __yielder;
        let last = source;
        yield last
    }
}

fn borrowing<'a>(words: &'a [String]) -> impl Stream<Item = &'a str> {
    stream! {
        for word in words {
            yield word.as_str();
        }
    }
}

fn generic<T: Clone>(item: T, times: usize) -> impl Stream<Item = T> {
    stream! {
        for _ in 0..times {
            yield item.clone();
        }
    }
}

fn ends_with_return() -> impl Stream<Item = u32> {
    stream! {
        yield 1;
        return;
    }
}

fn forever() -> impl Stream<Item = u32> {
    stream! {
        let mut number = 0;
        loop {
            yield number;
            number += 1;
        }
    }
}

#[nimsync::main]
async fn main() {
    let mut numbers = hygiene(1, 2);
    while let Some(number) = numbers.next().await {
        assert!(number < 3);
    }
    let words = ["a".to_owned()];
    assert_eq!(borrowing(&words).collect::<Vec<_>>().await, ["a"]);
    assert_eq!(generic('x', 3).collect::<String>().await, "xxx");
    assert_eq!(forever().skip(5).next().await, Some(5));
    assert_eq!(ends_with_return().count().await, 1);
    let unit = stream! {
        match words.len() {
            1 => yield 'a',
            _ => yield 'b',
        }
    };
    assert_eq!(unit.count().await, 1);
}
