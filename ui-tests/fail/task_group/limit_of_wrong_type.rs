use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(limit = "eight", |g| g.len()).await;
}
