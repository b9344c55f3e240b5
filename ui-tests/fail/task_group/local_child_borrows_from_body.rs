use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let _ = task_group!(|g| {
        let text = String::from("short-lived");
        g.spawn_local(async {
            nimsync::yield_now().await;
            println!("{text}");
        });
    })
    .await;
}
