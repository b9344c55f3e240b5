//! What the user sees.

use crate::record::{Record, show_time};
use std::cmp::Reverse;

/// Characters of the longest bar.
const BAR: u64 = 40;

/// The requests of a window.
pub(crate) struct Window {
    begin: u64,
    requests: u64,
    errors: u64,
    bytes: u64,
}

impl Window {
    /// Counts records.
    pub(crate) fn of(begin: u64, records: &[Record]) -> Self {
        Self {
            begin,
            requests: records.len() as u64,
            errors: records.iter().filter(|record| record.status >= 400).count() as u64,
            bytes: records.iter().map(|record| record.bytes).sum(),
        }
    }
}

/// All windows.
pub(crate) struct Table {
    windows: Vec<Window>,
    length: u64,
    broken: usize,
}

impl Table {
    /// Windows of `length` seconds, and how many lines were broken.
    pub(crate) fn new(windows: Vec<Window>, length: u64, broken: usize) -> Self {
        Self {
            windows,
            length,
            broken,
        }
    }

    /// Prints the busiest windows, in the order of time, and the sums.
    pub(crate) fn print(mut self, rows: usize) {
        let all = self.windows.len();
        let sum = |value: fn(&Window) -> u64| self.windows.iter().map(value).sum::<u64>();
        let (requests, errors, bytes) = (sum(|w| w.requests), sum(|w| w.errors), sum(|w| w.bytes));
        self.windows.sort_by_key(|window| Reverse(window.requests));
        self.windows.truncate(rows);
        self.windows.sort_by_key(|window| window.begin);
        let most = self.windows.iter().map(|window| window.requests).max();
        let most = most.unwrap_or(1).max(1);
        if !self.windows.is_empty() {
            println!(
                "{:<19} {:>9} {:>7} {:>12}",
                "begin", "requests", "errors", "bytes"
            );
        }
        for window in &self.windows {
            println!(
                "{} {:>9} {:>7} {:>12} {}",
                show_time(window.begin),
                window.requests,
                window.errors,
                window.bytes,
                "█".repeat((window.requests * BAR).div_ceil(most) as usize),
            );
        }
        println!(
            "{requests} requests, {errors} errors, {bytes} bytes in {all} windows of {} s, \
             {} broken lines",
            self.length, self.broken
        );
    }
}
