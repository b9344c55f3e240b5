use nimsync::prelude::*;

async fn work() -> u32 {
    1
}

#[nimsync::main]
async fn main() {
    let _ = task_group!(|g, h| work().await).await;
}
