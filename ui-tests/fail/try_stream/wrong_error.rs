use nimsync::prelude::*;
use nimsync::stream::Stream;

fn numbers() -> impl Stream<Item = Result<u32, std::num::ParseIntError>> {
    try_stream! {
        let text = std::fs::read_to_string("numbers")?;
        for line in text.lines() {
            yield line.parse()?;
        }
    }
}

#[nimsync::main]
async fn main() {
    numbers().count().await;
}
