//! How many jobs may run at a time.

use std::time::Duration;

/// How many items [`par_map`](crate::stream::StreamExt::par_map) works on at a time: a
/// number, or [`adaptive`].
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    least: usize,
    most: usize,
    target: Option<Duration>,
}

/// The limit with which an adaptive one begins, if its bounds allow.
const START: usize = 2;
/// The largest limit that an adaptive one reaches unless it says otherwise.
const MOST: usize = 256;
/// What is left of the limit when the latency was too high. Less than TCP's half, since no
/// latency is worse than the target by as much as a lost packet is.
const DECREASE: f64 = 0.8;

impl From<usize> for Limit {
    /// # Panics
    ///
    /// If the limit is 0.
    #[track_caller]
    fn from(limit: usize) -> Self {
        assert!(limit > 0, "the limit is at least 1");
        Self {
            least: limit,
            most: limit,
            target: None,
        }
    }
}

/// A limit that adapts to what the work can bear.
///
/// While items take no longer than `target`, one more at a time is tried for each round of
/// them (additive increase); when one takes longer the limit is lowered by a fifth, once
/// a round (multiplicative decrease). It begins at 2 and stays between 1 and 256, or
/// as [`Limit::between`] says.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let answers: Vec<u32> = stream::iter(0..10)
///     .par_map(stream::adaptive(50.milliseconds()), |n| async move { n * n })
///     .collect()
///     .await;
/// assert_eq!(answers[9], 81);
/// # });
/// ```
#[must_use]
pub fn adaptive(target: Duration) -> Limit {
    Limit {
        least: 1,
        most: MOST,
        target: Some(target),
    }
}

impl Limit {
    /// Keeps an adaptive limit between two numbers.
    ///
    /// # Panics
    ///
    /// If `least` is 0 or larger than `most`, and if the limit is a number.
    #[must_use]
    #[track_caller]
    pub fn between(self, least: usize, most: usize) -> Self {
        assert!(self.target.is_some(), "only an adaptive limit has bounds");
        assert!(
            0 < least && least <= most,
            "an adaptive limit is between two numbers, of which the first is at least 1"
        );
        Self {
            least,
            most,
            ..self
        }
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }
}

/// A limit in use.
pub(super) struct Window {
    limit: Limit,
    /// With a fraction: it grows by the reciprocal of itself for each job.
    width: f64,
    /// Jobs that still run since before the last decrease; their latency is old news.
    grace: usize,
}

impl Window {
    pub(super) fn new(limit: Limit) -> Self {
        Self {
            limit,
            width: START.clamp(limit.least, limit.most) as f64,
            grace: 0,
        }
    }

    /// Whether latencies are to be measured.
    pub(super) fn measures(&self) -> bool {
        self.limit.target.is_some()
    }

    pub(super) fn width(&self) -> usize {
        self.width as usize
    }

    /// Learns how long a job took. `running` others do still.
    pub(super) fn learn(&mut self, latency: Duration, running: usize) {
        let Some(target) = self.limit.target else {
            return;
        };
        if latency > target {
            if self.grace == 0 {
                self.width = (self.width * DECREASE).max(self.limit.least as f64);
                self.grace = running;
                return;
            }
        } else if running + 1 >= self.width() {
            // Only a limit that was reached can tell whether more would be borne.
            self.width = (self.width + 1.0 / self.width).min(self.limit.most as f64);
        }
        self.grace = self.grace.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(10);

    #[test]
    fn grows_by_one_a_round_and_shrinks_by_a_fifth() {
        let mut window = Window::new(adaptive(TARGET).between(10, 100));
        for _ in 0..11 {
            window.learn(TARGET, 9);
        }
        assert_eq!(window.width(), 11);
        let before = window.width;
        window.learn(TARGET * 2, 10);
        assert_eq!(window.width, (before * DECREASE).max(10.0));
    }

    #[test]
    fn shrinks_once_for_what_ran_at_the_same_time() {
        let mut window = Window::new(adaptive(TARGET).between(1, 100));
        window.width = 50.0;
        window.learn(TARGET * 2, 3);
        for _ in 0..3 {
            window.learn(TARGET * 2, 3);
        }
        assert_eq!(window.width(), 40);
        window.learn(TARGET * 2, 3);
        assert_eq!(window.width(), 32);
    }

    #[test]
    fn does_not_grow_when_it_is_not_used() {
        let mut window = Window::new(adaptive(TARGET).between(10, 100));
        for _ in 0..1000 {
            window.learn(TARGET, 3);
        }
        assert_eq!(window.width(), 10);
    }

    #[test]
    fn a_number_stays_as_it_is() {
        let mut window = Window::new(Limit::from(7));
        window.learn(TARGET * 100, 6);
        assert_eq!((window.width(), window.measures()), (7, false));
    }
}
