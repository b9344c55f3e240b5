use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = shield!(5).await;
}
