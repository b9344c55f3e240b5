//! How fast requests go to a host.

use nimsync::sleep_until;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Gives requests their turn: for each host one each interval.
pub(crate) struct Pace {
    interval: Duration,
    /// When the next request may go to a host.
    turns: Mutex<HashMap<String, Instant>>,
}

impl Pace {
    pub(crate) fn new(interval: Duration) -> Self {
        let turns = Mutex::default();
        Self { interval, turns }
    }

    /// Waits for a turn at a host that may have asked for a longer interval.
    pub(crate) async fn turn(&self, host: &str, asked: Option<Duration>) {
        let interval = asked.unwrap_or_default().max(self.interval);
        let now = nimsync::now();
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            let next = turns.entry(host.to_owned()).or_insert(now);
            let turn = now.max(*next);
            *next = turn + interval;
            turn
        };
        sleep_until(turn).await;
    }

    /// Has the next request to a host wait so long at least.
    pub(crate) fn hold(&self, host: &str, pause: Duration) {
        let now = nimsync::now();
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let next = turns.entry(host.to_owned()).or_insert(now);
        *next = (*next).max(now + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nimsync::prelude::*;

    #[nimsync::test(start_paused = true)]
    async fn each_host_has_an_interval_of_its_own() {
        let pace = Pace::new(200.milliseconds());
        let begin = nimsync::now();
        let mut turns = Vec::new();
        for host in ["one", "two", "one", "one", "two"] {
            pace.turn(host, None).await;
            turns.push((host, (nimsync::now() - begin).as_millis()));
        }
        assert_eq!(
            turns,
            [
                ("one", 0),
                ("two", 0),
                ("one", 200),
                ("one", 400),
                ("two", 400)
            ]
        );
        pace.turn("three", Some(1.seconds())).await;
        pace.turn("three", Some(1.seconds())).await;
        assert_eq!((nimsync::now() - begin).as_millis(), 1400);
        pace.hold("three", 3.seconds());
        pace.turn("three", None).await;
        assert_eq!((nimsync::now() - begin).as_millis(), 4400);
    }
}
