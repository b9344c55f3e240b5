//! Waiting for several things at once: a timeout as an arm, and priorities
//! with `biased;`.
//!
//! ```text
//! cargo run --release --example select
//! ```

use nimsync::prelude::*;

#[nimsync::main]
async fn main() -> Result<(), nimsync::GroupError> {
    silence().await?;
    priorities().await?;
    Ok(())
}

/// Two sources, and a limit for the silence between two messages.
async fn silence() -> Result<(), nimsync::GroupError> {
    println!("two sources, until both are silent for 250 ms:");
    let (words, mut word) = channel::mpsc(4);
    let (mut numbers, mut number) = channel::spsc(4);
    task_group!(|g| {
        // Kept open, so that silence is what ends the loop.
        let _open = words.clone();
        g.spawn(async move {
            words.send("one").await?;
            sleep(100.milliseconds()).await;
            words.send("three").await?;
        });
        g.spawn(async move {
            sleep(50.milliseconds()).await;
            numbers.send(2).await?;
            sleep(100.milliseconds()).await;
            numbers.send(4).await?;
        });
        loop {
            // When an arm wins the others are dropped, and have taken nothing.
            select! {
                Ok(word) = word.recv() => println!("  the word {word}"),
                // After the channel closed, `Err` does not match: the arm is out.
                Ok(number) = number.recv() => println!("  the number {number}"),
                () = sleep(250.milliseconds()) => break println!("  silence"),
            }
        }
    })
    .await
}

/// Urgent orders first, then the others, until both channels are closed.
async fn priorities() -> Result<(), nimsync::GroupError> {
    println!("urgent orders first:");
    let (urgent_tx, urgent) = channel::mpmc(4);
    let (tx, orders) = channel::mpmc(4);
    task_group!(|g| {
        for number in 1..=3 {
            tx.send(number).await?;
            urgent_tx.send(number).await?;
        }
        // Closed: what was sent can still be received, and no more comes.
        tx.close();
        urgent_tx.close();
        g.spawn(async move {
            loop {
                select! {
                    biased;
                    Ok(order) = urgent.recv() => println!("  urgent order {order}"),
                    Ok(order) = orders.recv() => println!("  order {order}"),
                    else => break println!("  no more orders"),
                }
            }
        });
    })
    .await
}
