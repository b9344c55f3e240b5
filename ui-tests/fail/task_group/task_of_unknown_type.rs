use nimsync::prelude::*;

struct Metres(u32);

async fn measure() -> Metres {
    Metres(1)
}

#[nimsync::main]
async fn main() {
    let _ = task_group!(|g| {
        g.spawn(measure());
    })
    .await;
}
