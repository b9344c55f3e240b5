//! Channels, streams and mailboxes that fill.

use crate::stats::{self, ChannelStats};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often it is looked. Asking a channel takes less than a microsecond, and a
/// program may have many.
pub(super) const EVERY: Duration = Duration::from_millis(100);

/// What is known of those that have a name.
#[derive(Default)]
pub(super) struct Backlogs {
    looked: Option<Instant>,
    /// By number: from which depth on it is reported next.
    report_at: HashMap<u64, usize>,
    /// Those that were full at the last look.
    full: Vec<u64>,
}

impl Backlogs {
    /// Looks at all of them, if it is time; returns those to be reported: with at
    /// least `most` messages, and again at twice as many; or full, twice in a row.
    pub(super) fn look(&mut self, most: usize) -> Vec<ChannelStats> {
        if self.looked.is_some_and(|at| at.elapsed() < EVERY) {
            return Vec::new();
        }
        self.looked = Some(Instant::now());
        self.judge(stats::channels(), most)
    }

    fn judge(&mut self, channels: Vec<ChannelStats>, most: usize) -> Vec<ChannelStats> {
        let mut report_at = HashMap::new();
        let mut full = Vec::new();
        let mut reported = Vec::new();
        for channel in channels {
            let depth = channel.depth;
            let limit = channel.capacity.map_or(most, |capacity| capacity.min(most));
            let is_full = depth != 0 && channel.capacity == Some(depth);
            if is_full {
                full.push(channel.id);
            }
            let next = self.report_at.get(&channel.id).copied();
            // One that has been emptied by half begins anew.
            let next = next.filter(|_| depth > limit / 2);
            let much = depth >= most || is_full && self.full.contains(&channel.id);
            if much && depth >= next.unwrap_or(limit) {
                report_at.insert(channel.id, depth.saturating_mul(2));
                reported.push(channel);
            } else if let Some(next) = next {
                report_at.insert(channel.id, next);
            }
        }
        *self = Self {
            looked: self.looked,
            report_at,
            full,
        };
        reported
    }
}

#[cfg(all(test, not(loom), not(shuttle)))]
mod tests {
    use super::*;
    use crate::stats::ChannelKind;

    /// Returns whether a channel of that depth is reported.
    fn reports(seen: &mut Backlogs, depth: usize, capacity: Option<usize>) -> bool {
        let mut channel = ChannelStats::new(1, "events", ChannelKind::Channel);
        channel.depth = depth;
        channel.capacity = capacity;
        !seen.judge(vec![channel], 100).is_empty()
    }

    #[test]
    fn what_grows_is_reported_each_time_that_it_has_doubled() {
        let mut seen = Backlogs::default();
        let depths = [99, 100, 150, 199, 200, 399, 250, 450, 60, 99, 120, 40, 100];
        let reported = depths.map(|depth| reports(&mut seen, depth, None));
        let expected = [
            false, true, false, false, true, false, false, true, false, false, false, false, true,
        ];
        assert_eq!(reported, expected);
    }

    #[test]
    fn what_stays_full_is_reported_once() {
        let mut seen = Backlogs::default();
        let depths = [8, 7, 8, 8, 8, 7, 8, 8, 3, 8, 8];
        let reported = depths.map(|depth| reports(&mut seen, depth, Some(8)));
        let expected = [
            false, false, false, true, false, false, false, false, false, false, true,
        ];
        assert_eq!(reported, expected);
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let mut seen = Backlogs::default();
        assert!(reports(&mut seen, 100, None));
        assert!(seen.judge(Vec::new(), 100).is_empty());
        assert!(seen.report_at.is_empty());
        assert!(reports(&mut seen, 100, None));
    }
}
