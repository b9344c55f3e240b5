use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(limit = 8 |g| { g.len() }).await;
}
