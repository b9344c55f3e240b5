use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let numbers = stream! {
        yield 1;
        return 2;
    };
    let _: Vec<u32> = numbers.collect().await;
}
