use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let items = stream! {
        yield 1;
        yield "two";
    };
    items.count().await;
}
