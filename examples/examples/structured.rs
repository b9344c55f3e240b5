//! Structured concurrency: five results from five tasks, and what becomes of
//! the siblings of a task that fails.
//!
//! ```text
//! cargo run --release --example structured
//! ```

use nimsync::prelude::*;
use std::io;

#[nimsync::main]
async fn main() -> Result<(), nimsync::GroupError> {
    println!("five tasks, five results:");
    let prices = task_group!(|g| {
        let shops: Vec<_> = (1..=5).map(|shop| g.spawn(price(shop))).collect();
        let mut prices = Vec::new();
        for shop in shops {
            prices.push(shop.await);
        }
        prices
    })
    .await?;
    println!("  prices {prices:?}, the best is {:?}", prices.iter().min());

    println!("one of five fails, and takes the slower ones with it:");
    let error = task_group!(|g| {
        for shop in 1..=5 {
            g.task(format!("shop {shop}")).spawn(visit(shop));
        }
    })
    .await
    .expect_err("shop 3 is closed");
    println!("  group: {error}");

    println!("the same, but everyone may finish:");
    let error = task_group!(policy = collect_errors, |g| {
        for shop in 1..=5 {
            g.task(format!("shop {shop}")).spawn(visit(shop));
        }
    })
    .await
    .expect_err("shop 3 is closed");
    for failure in error.failures() {
        println!("  group: {failure}");
    }
    Ok(())
}

/// Asks a shop for its price. The first shop is the slowest to answer.
async fn price(shop: u64) -> io::Result<u64> {
    sleep((60 - 10 * shop).milliseconds()).await;
    Ok(shop * 7 % 5 + 10)
}

/// Walks to a shop, one by one further away; the third is closed.
async fn visit(shop: u64) -> io::Result<()> {
    let mut trip = Trip {
        shop,
        end: "sent home",
    };
    sleep((100 * shop).milliseconds()).await;
    if shop == 3 {
        trip.end = "found it closed";
        return Err(io::Error::other("closed on Mondays"));
    }
    trip.end = "bought something";
    Ok(())
}

/// Tells how a visit ended. When a task is cancelled, its destructors run.
struct Trip {
    shop: u64,
    end: &'static str,
}

impl Drop for Trip {
    fn drop(&mut self) {
        println!("  shop {}: {}", self.shop, self.end);
    }
}
