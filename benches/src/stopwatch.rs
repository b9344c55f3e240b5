//! Wall time, and CPU time over all threads of the process.

use std::thread;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Measures a section in wall time and in CPU time over all threads.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    cpu: Duration,
    wall: Instant,
}

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Stopwatch {
        Stopwatch {
            cpu: process_cpu(),
            wall: Instant::now(),
        }
    }

    /// Returns CPU and wall nanoseconds since the start, for each of `ops`.
    pub fn per_op(&self, ops: u64) -> [f64; 2] {
        let wall = self.wall.elapsed();
        let cpu = process_cpu() - self.cpu;
        [cpu, wall].map(|time| time.as_nanos() as f64 / ops as f64)
    }
}

/// Waits until the process uses no more CPU: nobody pays for another's tail.
pub fn settle() {
    const LOOK_AGAIN: Duration = Duration::from_millis(1);
    // A few times what one look costs; a busy worker would use all of 1 ms.
    const IDLE: Duration = Duration::from_micros(100);
    // A runtime that never rests is measured as it is.
    const LOOKS_AT_MOST: usize = 200;

    for _ in 0..LOOKS_AT_MOST {
        let before = process_cpu();
        thread::sleep(LOOK_AGAIN);
        if process_cpu() - before < IDLE {
            return;
        }
    }
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
