use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let items = stream! {
        yield;
        let text = std::fs::read_to_string("numbers")?;
        text.lines().for_each(|line| { yield line; });
        return text;
    };
    items.count().await;
}
