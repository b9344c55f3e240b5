use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(policy = colect_errors, |g| g.len()).await;
}
