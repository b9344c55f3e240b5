use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(|g|).await;
}
