use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let pair = (vec![1], 2);
    let _ = task_group!(own(pair.0), |g| g.len()).await;
}
