use nimsync::prelude::*;

async fn work() -> u32 {
    1
}

#[nimsync::main]
async fn main() {
    let _ = task_group!(limit = 0, timout = 2.seconds(), policy = any, |_| {
        return work().await;
    })
    .await;
}
