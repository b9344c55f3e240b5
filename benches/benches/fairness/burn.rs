//! Work for a core, and what is made of its measurements.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many tasks burn beside the tick.
pub(crate) const BURNERS: usize = 8;

/// An amount of computing, the same for each who does it.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    steps: u64,
}

impl Load {
    /// Returns a load that takes a core about so long.
    pub(crate) fn of_millis(millis: u32) -> Load {
        let trial = Load { steps: 1_000_000 };
        let start = Instant::now();
        black_box(trial.compute(0));
        let steps_per_milli = 1e6 / (start.elapsed().as_secs_f64() * 1e3);
        Load {
            steps: (steps_per_milli * f64::from(millis)) as u64,
        }
    }

    /// Computes, each step upon the one before.
    pub(crate) fn compute(self, seed: u64) -> u64 {
        // Knuth's multiplier, of the generator MMIX.
        (0..self.steps).fold(seed, |x, _| {
            x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1)
        })
    }
}

/// Computes `children` loads on this thread alone; returns their sum and the
/// time it took.
pub(crate) fn alone(children: u64, load: Load) -> (u64, Duration) {
    let start = Instant::now();
    let sum = (0..children).fold(0, |sum: u64, i| sum.wrapping_add(load.compute(i)));
    (sum, start.elapsed())
}

/// Returns how many times as fast `together` is, and its microseconds.
pub(crate) fn speed_up(alone: Duration, together: Duration) -> [f64; 2] {
    [
        alone.as_secs_f64() / together.as_secs_f64(),
        together.as_secs_f64() * 1e6,
    ]
}

/// Burns 100 µs of CPU in each poll, until told to stop.
pub(crate) async fn burner<Y: Future>(stop: &AtomicBool, yield_now: impl Fn() -> Y) {
    const POLL: Duration = Duration::from_micros(100);
    // Relaxed: it publishes nothing but itself.
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        while start.elapsed() < POLL {}
        yield_now().await;
    }
}

/// Returns median and 99th percentile of sorted times, in microseconds.
pub(crate) fn percentiles(late: &[Duration]) -> [f64; 2] {
    [50, 99].map(|percent| late[(late.len() - 1) * percent / 100].as_secs_f64() * 1e6)
}
