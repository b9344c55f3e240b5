//! CPU-bound tasks on the peers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use nimsync_benches::peers::{Peer, Timers};

use crate::burn::{BURNERS, Load, alone, burner, percentiles, speed_up};

pub(crate) fn fan_out<P: Peer>(peer: &P, children: u64, load: Load) -> [f64; 2] {
    peer.in_task(async move {
        let (expected, alone) = alone(children, load);

        let start = Instant::now();
        let handles: Vec<_> = (0..children)
            .map(|i| P::spawn(async move { load.compute(i) }))
            .collect();
        let mut sum: u64 = 0;
        for handle in handles {
            sum = sum.wrapping_add(handle.await);
        }
        assert_eq!(sum, expected);
        speed_up(alone, start.elapsed())
    })
}

pub(crate) fn tick<P: Timers>(peer: &P) -> [f64; 2] {
    peer.in_task(async {
        let stop = Arc::new(AtomicBool::new(false));
        let ticks = P::spawn_ticks();
        let mut burners = Vec::new();
        for _ in 0..BURNERS {
            let stop = Arc::clone(&stop);
            burners.push(P::spawn(async move {
                burner(&stop, P::yield_now).await;
            }));
        }
        let late = ticks.await;
        stop.store(true, Ordering::Relaxed);
        for burner in burners {
            burner.await;
        }
        percentiles(&late)
    })
}
