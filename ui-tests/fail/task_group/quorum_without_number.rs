use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(policy = quorum, |g| g.len()).await;
}
