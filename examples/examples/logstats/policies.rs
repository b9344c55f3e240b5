//! A slow consumer, and what each policy does about it.

use crate::record::Record;
use crate::source::made_up;
use nimsync::prelude::*;
use nimsync::stream::{Spill, Stats};

/// Records that the source has at once, before it pauses.
const BURST: usize = 50;

/// Sends records through a stream under each policy, and prints what became of them.
pub(crate) async fn compare(records: u64, capacity: u32) {
    let capacity = capacity as usize;
    let policies = [
        ("Block", Backpressure::Block),
        ("DropNewest", Backpressure::DropNewest),
        ("DropOldest", Backpressure::DropOldest),
        ("Latest", Backpressure::Latest),
        ("Fail", Backpressure::Fail),
        (
            "Spill, memory",
            Backpressure::Spill(Spill::memory(usize::MAX / 2)),
        ),
        (
            "Spill, disk",
            Backpressure::Spill(Spill::disk(std::env::temp_dir(), 1 << 30)),
        ),
    ];
    println!("\n{records} records in bursts of {BURST} to a slow consumer, capacity {capacity}");
    println!(
        "{:<14} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "policy", "delivered", "dropped", "refused", "spilled", "at most"
    );
    for (name, policy) in policies {
        let stats = send_all(policy, records, capacity).await;
        println!(
            "{name:<14} {:>9} {:>9} {:>9} {:>9} {:>9}",
            stats.delivered, stats.dropped, stats.refused, stats.spilled, stats.high_water
        );
    }
}

/// Sends records in bursts to a consumer that takes its time.
async fn send_all(policy: Backpressure<Record>, records: u64, capacity: usize) -> Stats {
    let (tx, mut rx) = stream::with(policy).capacity(capacity).build();
    let outcome = task_group!(name = "slow", |g| {
        g.spawn(async move {
            let made_up = (0..records).filter_map(|number| Record::parse(&made_up(number)));
            let mut bursts = stream::iter(made_up).batch(BURST);
            while let Some(burst) = bursts.next().await {
                for record in burst {
                    // What comes back has been counted.
                    drop(tx.send(record).await);
                }
                nimsync::yield_now().await;
            }
        });
        // It gets a fifth of a burst done while the source makes one.
        let mut taken = Vec::new();
        while rx.recv_many(&mut taken, BURST / 5).await > 0 {
            taken.clear();
            nimsync::yield_now().await;
        }
    });
    outcome.await.expect("neither side fails");
    rx.stats()
}
