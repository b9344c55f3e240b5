//! One producer, one consumer, a channel of four places between them: `spsc`.
//! The producer is held up when the consumer falls behind, and the end of the
//! one ends the other.
//!
//! ```text
//! cargo run --release --example producer_consumer
//! ```

use nimsync::prelude::*;

#[nimsync::main]
async fn main() -> Result<(), nimsync::GroupError> {
    let (mut tx, mut rx) = channel::spsc(4);
    let (lines, longest) = task_group!(|g| {
        g.spawn(async move {
            for number in 1..=1000_u32 {
                // Waits while the channel is full.
                tx.send(format!("line {number}")).await?;
            }
            // `tx` is dropped here, which closes the channel.
        });
        let consumer = g.spawn(async move {
            let (mut lines, mut longest) = (0, 0);
            // What was sent before the channel closed still arrives.
            while let Ok(line) = rx.recv().await {
                lines += 1;
                longest = longest.max(line.len());
            }
            (lines, longest)
        });
        consumer.await
    })
    .await?;
    println!("{lines} lines, the longest has {longest} bytes");

    println!("without a consumer nothing can be sent:");
    let (mut tx, rx) = channel::spsc(4);
    drop(rx);
    let error = tx.send("letter").await.expect_err("the receiver is gone");
    println!("  {error}, back comes the {}", error.0);
    Ok(())
}
