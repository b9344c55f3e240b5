//! Two tasks at once: the one that waits less long prints first.
//!
//! ```text
//! cargo run --release --example hello
//! ```

use nimsync::prelude::*;

#[nimsync::main]
async fn main() -> Result<(), nimsync::GroupError> {
    task_group!(|g| {
        g.spawn(async {
            sleep(1.seconds()).await;
            println!("hello from the task that waited 1 s");
        });
        g.spawn(async {
            sleep(500.milliseconds()).await;
            println!("hello from the task that waited 500 ms");
        });
    })
    .await
}
