use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    shield!().await;
}
