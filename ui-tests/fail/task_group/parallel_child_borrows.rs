use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let text = String::from("not static");
    let _ = task_group!(|g| {
        g.spawn(async {
            println!("{text}");
        });
    })
    .await;
}
