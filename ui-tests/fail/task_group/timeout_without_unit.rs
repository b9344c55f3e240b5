use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(timeout = 2, |g| g.len()).await;
}
