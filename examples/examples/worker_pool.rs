//! A supervised pool of workers that crash at random, and lose no job.
//!
//! ```text
//! cargo run --release --example worker_pool
//! ```

#![allow(
    unreachable_pub,
    reason = "the visible methods of an actor are its messages"
)]

use nimsync::CallError;
use nimsync::prelude::*;

/// How many jobs there are.
const JOBS: u64 = 1000;

#[actor(mailbox = 16)]
struct Worker {
    /// A source of numbers that is a little different at each restart.
    luck: u64,
}

#[actor]
impl Worker {
    #[init]
    fn new() -> Self {
        Self {
            luck: fastrand::u64(..),
        }
    }

    /// Squares a number, or crashes.
    pub async fn job(&mut self, n: u64) -> u64 {
        self.luck = self
            .luck
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        if (self.luck >> 60) == 0 {
            panic!("the worker has slipped");
        }
        nimsync::yield_now().await;
        n * n
    }
}

#[supervisor(strategy = one_for_one, restarts = 1000, within = "1s")]
struct Shop {
    #[child(count = 4, route = round_robin)]
    workers: Worker,
}

/// Does one job, with another try for each crash.
async fn square(worker: &WorkerHandle, n: u64) -> (u64, u64) {
    let mut crashes = 0;
    loop {
        match worker.job(n).await {
            Ok(square) => return (square, crashes),
            // The message that was in hand is the one that nobody does any more.
            // Those in the mailbox are kept for the next incarnation.
            Err(CallError::Panicked(_)) => crashes += 1,
            Err(other) => unreachable!("the shop is open: {other}"),
        }
    }
}

#[nimsync::main]
async fn main() -> anyhow::Result<()> {
    // Crashes are expected here; their messages would fill the screen.
    std::panic::set_hook(Box::new(|_| {}));
    let shop = Shop::start().await?;
    let done = task_group!(limit = 32, |g| {
        let mut jobs = Vec::new();
        for n in 1..=JOBS {
            let worker = shop.workers().clone();
            jobs.push(g.spawn(async move { square(&worker, n).await }));
        }
        let (mut sum, mut crashes) = (0, 0);
        for job in jobs {
            let (square, slips) = job.await;
            sum += square;
            crashes += slips;
        }
        (sum, crashes)
    })
    .await?;
    shop.stop().await?;
    let (sum, crashes) = done;
    println!("{JOBS} jobs, the sum of the squares is {sum}");
    println!("some workers crashed: {}", crashes > 0);
    Ok(())
}
