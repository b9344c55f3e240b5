use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(timeout, |g| g.len()).await;
}
