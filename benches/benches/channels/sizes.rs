//! What a larger capacity buys; between nimsync's own channels only.

use nimsync_benches::Bench;
use nimsync_benches::channels::{line, nimsync};

use crate::{tasks, threads};

const SIZES: [(&str, usize); 7] = [
    ("capacity 1", 1),
    ("capacity 4", 4),
    ("capacity 16", 16),
    ("capacity 64", 64),
    ("capacity 256", 256),
    ("capacity 1,024", 1_024),
    ("capacity 8,192", 8_192),
];

pub(crate) fn cases(bench: &Bench) {
    // The smallest are slow: each message is a wake-up.
    let n = bench.size(200_000);
    let mut case = bench.timed("sizes, threads, spsc, blocking", n);
    for (name, capacity) in SIZES {
        case.time(name, move || {
            threads::blocking(line(::nimsync::channel::spsc(capacity)), n)
        });
    }
    case.run();

    let executor = &nimsync(2);
    let mut case = bench.timed("sizes, tasks on nimsync, 2 workers, spsc", n);
    for (name, capacity) in SIZES {
        case.time(name, move || {
            let channel = ::nimsync::channel::spsc(capacity);
            tasks::stream(executor, line(channel), n);
        });
    }
    case.run();
}
