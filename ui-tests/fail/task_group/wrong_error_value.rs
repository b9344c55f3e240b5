use nimsync::prelude::*;

fn work() -> Result<(), std::io::Error> {
    Ok(())
}

#[nimsync::main]
async fn main() {
    let _ = task_group!(|_| {
        work()?;
        Err(std::io::Error::other("late"))
    })
    .await;
}
