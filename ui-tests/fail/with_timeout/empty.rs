use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = with_timeout!().await;
}
