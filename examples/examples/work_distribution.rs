//! Work for whoever is free: one task deals out jobs, four workers take them
//! from the same channel, `spmc`, and send what they found back over an `mpsc`.
//!
//! ```text
//! cargo run --release --example work_distribution
//! ```

use nimsync::prelude::*;

#[nimsync::main]
async fn main() -> Result<(), nimsync::GroupError> {
    let (mut jobs, queue) = channel::spmc(8);
    let (found, mut results) = channel::mpsc(8);
    task_group!(|g| {
        g.spawn(async move {
            for from in (0..100_000_u32).step_by(10_000) {
                jobs.send(from..from + 10_000).await?;
            }
            // No more jobs: the channel closes, the workers finish what is left.
        });
        for worker in 1..=4 {
            let (queue, found) = (queue.clone(), found.clone());
            g.task(format!("worker {worker}")).spawn(async move {
                // Each job goes to one worker.
                while let Ok(range) = queue.recv().await {
                    let primes = range.clone().filter(|&n| is_prime(n)).count();
                    found.send((range, primes)).await?;
                }
            });
        }
        // The workers have their own handles. With these two gone, the results
        // end when the last worker does.
        drop((queue, found));

        let mut table = Vec::new();
        while let Ok(result) = results.recv().await {
            table.push(result);
        }
        // They come in the order in which the workers were done.
        table.sort_by_key(|(range, _)| range.start);
        for (range, primes) in &table {
            println!("{:5} .. {:6}  {primes:4} primes", range.start, range.end);
        }
        let all: usize = table.iter().map(|(_, primes)| primes).sum();
        println!("together        {all:4} primes");
    })
    .await
}

fn is_prime(n: u32) -> bool {
    n >= 2
        && (2..)
            .take_while(|d| d * d <= n)
            .all(|d| !n.is_multiple_of(d))
}
