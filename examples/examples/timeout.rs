//! Time limits: on a future, on a block, nested, and on a whole group.
//!
//! ```text
//! cargo run --release --example timeout
//! ```

use nimsync::prelude::*;
use std::io;

#[nimsync::main]
async fn main() {
    match with_timeout!(2.seconds(), query("fast", 50)).await {
        Ok(rows) => println!("fast query: {rows} rows"),
        Err(late) => println!("fast query: {late}"),
    }

    match with_timeout!(100.milliseconds(), query("slow", 60_000)).await {
        Ok(rows) => println!("slow query: {rows} rows"),
        Err(late) => println!("slow query: {late}"),
    }

    // A block may use `?`. Outside is the limit, inside what the block came to.
    let report = with_timeout!(2.seconds(), {
        query("first", 10).await;
        std::fs::write("/no/such/folder/report", "rows")?;
        query("second", 10).await;
    });
    match report.await {
        Ok(Ok(())) => println!("report: written"),
        Ok(Err(error)) => println!("report: {error}"),
        Err(late) => println!("report: {late}"),
    }

    // Of two limits the earlier one counts, also when it is the outer one.
    let nested = with_timeout!(100.milliseconds(), async {
        with_timeout!(1.minutes(), query("nested", 60_000)).await
    });
    println!("nested: {}", nested.await.unwrap_err());

    // `TimedOut` is an error like others: `?` turns it into an `io::Error`.
    println!("as an I/O error: {:?}", load().await.unwrap_err().kind());

    // When the limit of a group is over, its children are gone.
    let group = task_group!(timeout = 100.milliseconds(), name = "queries", |g| {
        g.spawn(query("third", 10));
        g.spawn(query("fourth", 60_000));
    });
    println!("group: {}", group.await.unwrap_err());
}

async fn query(name: &'static str, milliseconds: u64) -> usize {
    sleep(milliseconds.milliseconds()).await;
    name.len()
}

async fn load() -> io::Result<usize> {
    Ok(with_timeout!(100.milliseconds(), query("load", 60_000)).await?)
}
