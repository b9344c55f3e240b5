use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(limit = , |g| g.len()).await;
}
