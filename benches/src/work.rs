//! What tasks do, the same for every runtime; they are given its own `sleep`.

use std::fmt;
use std::future::pending;
use std::time::{Duration, Instant};

use crate::tally::Alive;

/// Longer than any bench: what sleeps for this long is cancelled.
pub const HOUR: Duration = Duration::from_secs(3600);

/// Sleeps until it is cancelled.
pub async fn sleeper<S: Future>(sleep: impl Fn(Duration) -> S) {
    let _alive = Alive::begin();
    sleep(HOUR).await;
}

/// Waits for nothing until it is cancelled.
pub async fn pender() {
    let _alive = Alive::begin();
    pending::<()>().await;
}

/// Sleeps `count` times for a millisecond, and returns how often it has.
pub async fn sleeps<S: Future>(count: u64, sleep: impl Fn(Duration) -> S) -> u64 {
    let mut slept = 0;
    for _ in 0..count {
        sleep(Duration::from_millis(1)).await;
        slept += 1;
    }
    slept
}

/// Awaits `count` futures that may time out, and returns how many did not.
pub async fn timeouts<T>(count: u64, timeout: impl Fn() -> T) -> u64
where
    T: Future<Output = Option<()>>,
{
    let mut in_time = 0;
    for _ in 0..count {
        in_time += u64::from(timeout().await.is_some());
    }
    in_time
}

/// Sleeps for a millisecond again and again, and returns how much too late it
/// woke each time, in order of size.
pub async fn ticks<S: Future>(sleep: impl Fn(Duration) -> S) -> Vec<Duration> {
    const TICK: Duration = Duration::from_millis(1);
    const GO_ON_FOR: Duration = Duration::from_millis(500);
    // Enough for percentiles to mean something where each tick is very late.
    const TICKS_AT_LEAST: usize = 10;

    let start = Instant::now();
    let mut late = Vec::new();
    while start.elapsed() < GO_ON_FOR || late.len() < TICKS_AT_LEAST {
        let due = Instant::now() + TICK;
        sleep(TICK).await;
        late.push(due.elapsed());
    }
    late.sort();
    late
}

/// Fails if `fails`; otherwise waits until it is cancelled.
pub async fn failing(alive: Alive, fails: bool) -> Result<(), fmt::Error> {
    let _alive = alive;
    if fails {
        return Err(fmt::Error);
    }
    pending().await
}
