use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    for _ in 0..3 {
        let _ = task_group!(|g| {
            if g.is_cancelled() {
                continue;
            }
        })
        .await;
    }
}
