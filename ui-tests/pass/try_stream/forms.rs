#![deny(warnings)]
use nimsync::prelude::*;
use nimsync::stream::Stream;
use std::error::Error;
use std::io;

fn boxed(fails: bool) -> impl Stream<Item = Result<u32, Box<dyn Error + Send + Sync>>> + Send {
    try_stream! {
        yield 1;
        if fails {
            Err("an error from text")?;
        }
        let number: u32 = "2".parse()?;
        yield number;
        if number == 2 {
            return;
        }
        yield 3;
    }
}

fn early(error: io::Error) -> impl Stream<Item = Result<u32, io::Error>> {
    try_stream! {
        yield 1;
        return Err(error);
    }
}

#[nimsync::main]
async fn main() {
    assert_eq!(boxed(false).map(Result::unwrap).collect::<Vec<_>>().await, [1, 2]);
    assert_eq!(boxed(true).filter_map(async |item| item.err()).count().await, 1);
    assert_eq!(early(io::ErrorKind::NotFound.into()).count().await, 2);
}
