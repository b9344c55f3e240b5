use nimsync::prelude::*;
use nimsync::stream::Stream;

fn numbers() -> impl Stream<Item = Result<u32, std::num::ParseIntError>> {
    try_stream! {
        yield Ok(1);
        yield Err("x".parse::<u32>().unwrap_err());
    }
}

#[nimsync::main]
async fn main() {
    numbers().count().await;
}
