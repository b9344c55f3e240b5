//! CPU-bound tasks on nimsync.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::work;

use crate::burn::{BURNERS, Load, alone, burner, percentiles, speed_up};

pub(crate) fn fan_out(runtime: &Runtime, children: u64, load: Load) -> [f64; 2] {
    runtime.block_on(async {
        let (expected, alone) = alone(children, load);

        let start = Instant::now();
        let sum = task_group!(|g| {
            let children: Vec<_> = (0..children)
                .map(|i| g.spawn(async move { load.compute(i) }))
                .collect();
            let mut sum: u64 = 0;
            for child in children {
                sum = sum.wrapping_add(child.await);
            }
            sum
        });
        assert_eq!(sum.await.expect("no task fails"), expected);
        speed_up(alone, start.elapsed())
    })
}

pub(crate) fn tick(runtime: &Runtime) -> [f64; 2] {
    let late = runtime.block_on(async {
        task_group!(|g| {
            let stop = Arc::new(AtomicBool::new(false));
            let ticks = g.spawn(work::ticks(nimsync::sleep));
            for _ in 0..BURNERS {
                let stop = Arc::clone(&stop);
                g.spawn(async move {
                    burner(&stop, nimsync::yield_now).await;
                });
            }
            let late = ticks.await;
            stop.store(true, Ordering::Relaxed);
            late
        })
        .await
    });
    percentiles(&late.expect("no task fails"))
}
