use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = with_timeout!(2.seconds(), 5).await;
}
