use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(limit = 0, |g| g.len()).await;
}
