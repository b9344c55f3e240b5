use nimsync::prelude::*;

use std::rc::Rc;

#[nimsync::main]
async fn main() {
    let _ = task_group!(|g| {
        g.spawn(async {
            let shared = Rc::new(1);
            nimsync::yield_now().await;
            drop(shared);
        });
    })
    .await;
}
