use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = stream! {
        let later = async { yield 1; };
        later.await;
        yield 2;
    };
}
