use nimsync::prelude::*;

fn step() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[nimsync::main]
async fn main() {
    let _ = task_group!(|g| {
        let child = g.spawn(async {
            step()?;
            5
        });
        child.await + 1
    })
    .await;
}
