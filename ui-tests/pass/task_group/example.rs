use std::io;

use nimsync::prelude::*;

async fn fetch(n: usize) -> Result<String, io::Error> {
    Ok("x".repeat(n))
}

async fn warm_cache() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[nimsync::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut log = Vec::new();
    let total = task_group!(|g| {
        let a = g.spawn(fetch(1));
        let b = g.spawn(async move { fetch(2).await });
        g.spawn_local(async {
            log.push("audit");
        });
        g.spawn(async {
            warm_cache().await?;
        });
        a.await.len() + b.await.len()
    })
    .await?;
    assert_eq!(total, 3);
    assert_eq!(log, ["audit"]);
    Ok(())
}
