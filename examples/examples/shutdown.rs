//! Graceful shutdown: on ctrl-c the workers finish the items in their hands,
//! within a grace period; a second ctrl-c ends them at once.
//!
//! ```text
//! cargo run --release --example shutdown
//! cargo run --release --example shutdown -- --item 5 --grace 1
//! ```
//!
//! The exit code is 0 if every item in hand was finished, and 1 if some were cut
//! off: by the end of the grace period or by the second ctrl-c.

use clap::Parser;
use nimsync::cancel::CancelReason;
use nimsync::prelude::*;
use nimsync::signal::{Signal, ctrl_c};
use nimsync_examples::seconds;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

/// Works until ctrl-c.
#[derive(Parser)]
struct Args {
    /// How long an item takes
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
    item: Duration,
    /// How much longer items in hand may take after ctrl-c
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    grace: Duration,
}

#[nimsync::main]
async fn main() -> Result<ExitCode, nimsync::GroupError> {
    let Args { item, grace } = Args::parse();
    // From here on, ctrl-c is ours.
    let interrupt = ctrl_c();
    println!("working; press ctrl-c to stop, twice to stop at once");

    let (finished, cut_off) = task_group!(|g| {
        let work = CancelScope::new();
        g.service(interrupts(interrupt, work.clone(), grace));
        let one = g.spawn(worker(1, work.clone(), item));
        let two = g.spawn(worker(2, work, item));
        let (one, two) = (one.await, two.await);
        (one.0 + two.0, one.1 + two.1)
    })
    .await?;

    println!("{finished} items finished, {cut_off} cut off");
    Ok(if cut_off == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Asks the work to end at the first ctrl-c, and ends it at the second.
async fn interrupts(first: Signal, work: CancelScope, grace: Duration) -> io::Result<()> {
    first.await?;
    let second = ctrl_c();
    println!("finishing the items in hand, for {grace:?} at most");
    work.cancel_after_with(grace, CancelReason::Signal);
    second.await?;
    println!("stopping at once");
    work.cancel_with(CancelReason::Signal);
    Ok(())
}

/// Does item after item, and returns how many it finished and how many were cut
/// off.
async fn worker(number: u32, work: CancelScope, item: Duration) -> (u32, u32) {
    let mut finished = 0;
    while work.active() {
        // What runs in the scope goes on until the grace period is over.
        if work.run(sleep(item)).await.is_err() {
            println!("worker {number}: item {} cut off", finished + 1);
            return (finished, 1);
        }
        finished += 1;
        println!("worker {number}: item {finished} finished");
    }
    (finished, 0)
}
