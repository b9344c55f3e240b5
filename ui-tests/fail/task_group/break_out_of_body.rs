use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    'outer: loop {
        let _ = task_group!(|g| {
            if g.is_cancelled() {
                break 'outer;
            }
        })
        .await;
    }
}
