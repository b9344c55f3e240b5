use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(|g| {
        if g.is_cancelled() {
            return Ok(5);
        }
        Ok(6)
    })
    .await;
}
