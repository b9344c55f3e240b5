//! An actor: a counter that is told and asked.
//!
//! ```text
//! cargo run --release --example counter
//! ```

#![allow(
    unreachable_pub,
    reason = "the visible methods of an actor are its messages"
)]

use nimsync::CallError;
use nimsync::prelude::*;

#[actor]
struct Counter {
    n: i64,
}

#[derive(Debug)]
struct Underflow;

#[actor]
impl Counter {
    pub fn increment(&mut self, by: i64) {
        self.n += by;
    }

    pub fn decrement(&mut self, by: i64) -> Result<i64, Underflow> {
        if by > self.n {
            return Err(Underflow);
        }
        self.n -= by;
        Ok(self.n)
    }

    pub fn get(&self) -> i64 {
        self.n
    }
}

#[nimsync::main]
async fn main() -> anyhow::Result<()> {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { n: 0 });

    // A tell waits for room in the mailbox only.
    counter.increment(5).tell().await?;
    counter.increment(2).tell().await?;

    // An ask waits for the reply. The error of the handler comes back in it.
    match counter.decrement(3).await {
        Ok(left) => println!("three less is {left}"),
        Err(error) => println!("no: {error:?}"),
    }
    match counter.decrement(30).timeout(1.seconds()).await {
        Err(CallError::Handler(Underflow)) => println!("thirty less is too much"),
        other => println!("unexpected: {other:?}"),
    }
    println!("it has {}", counter.get().await?);

    system.stop().await?;
    println!("afterwards: {}", counter.get().await.unwrap_err());
    Ok(())
}
