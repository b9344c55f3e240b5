//! Many send, one sums up: five stations report over clones of one `mpsc`
//! sender, and one task, which owns the totals, needs no lock.
//!
//! ```text
//! cargo run --release --example aggregation
//! ```

use nimsync::prelude::*;
use std::collections::BTreeMap;

/// What a station measured.
struct Reading {
    station: &'static str,
    degrees: i32,
}

#[derive(Default)]
struct Total {
    readings: i32,
    sum: i32,
    highest: i32,
}

#[nimsync::main]
async fn main() -> Result<(), nimsync::GroupError> {
    let (tx, mut rx) = channel::mpsc(16);
    let totals = task_group!(|g| {
        for (place, station) in ["Bergen", "Cairo", "Lima", "Oulu", "Perth"]
            .into_iter()
            .enumerate()
        {
            let tx = tx.clone();
            g.spawn(async move {
                for hour in 0..24 {
                    let degrees = (place as i32 * 7 + hour * 5) % 30;
                    tx.send(Reading { station, degrees }).await?;
                }
            });
        }
        // The channel closes with its last sender, so this one has to go.
        drop(tx);

        let mut totals = BTreeMap::<_, Total>::new();
        let mut readings = Vec::new();
        // Takes what is there, up to ten at a time; none means closed.
        while rx.recv_many(&mut readings, 10).await > 0 {
            for Reading { station, degrees } in readings.drain(..) {
                let total = totals.entry(station).or_default();
                total.readings += 1;
                total.sum += degrees;
                total.highest = total.highest.max(degrees);
            }
        }
        totals
    })
    .await?;
    for (
        station,
        Total {
            readings,
            sum,
            highest,
        },
    ) in totals
    {
        println!(
            "{station}: {readings} readings, {} degrees on average, {highest} at most",
            sum / readings
        );
    }
    Ok(())
}
