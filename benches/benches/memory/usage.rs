//! How much memory is in use: as asked of the heap, and as pages.

use std::fs;

use crate::heap;

/// The columns that [`Usage::growth`] returns.
pub(crate) const COLUMNS: [&str; 3] = ["resident B", "heap B", "allocations"];

/// What was in use at some moment.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    resident: u64,
    heap: u64,
    allocations: u64,
}

impl Usage {
    /// Measures, after free pages were given back.
    pub(crate) fn start() -> Usage {
        heap::trim();
        Usage::now()
    }

    /// Returns what was added since `self`, for each of `n`.
    pub(crate) fn growth(self, n: u64) -> [f64; 3] {
        let now = Usage::now();
        [
            (now.resident, self.resident),
            (now.heap, self.heap),
            (now.allocations, self.allocations),
        ]
        .map(|(now, then)| (now as f64 - then as f64) / n as f64)
    }

    fn now() -> Usage {
        Usage {
            resident: resident(),
            heap: heap::bytes(),
            allocations: heap::allocations(),
        }
    }
}

/// Returns the bytes of the process that are in memory.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages = statm.split(' ').nth(1).expect("the second is `resident`");
    let pages: u64 = pages.parse().expect("it is a number");
    pages * rustix::param::page_size() as u64
}
