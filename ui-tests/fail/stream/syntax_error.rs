use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let items = stream! {
        let x = ;
        yield 1;
    };
    items.count().await;
}
