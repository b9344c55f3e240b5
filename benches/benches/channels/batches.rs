//! Many values at once, by one thread and between two.

use std::thread;

use nimsync_benches::Bench;
use nimsync_benches::channels::{self, BatchRecv, BatchSend, CAPACITY, check, expected, non_zero};

/// Adds each that can move many at once.
macro_rules! add_batching {
    ($case:ident, |$tx:ident, $rx:ident| $work:expr) => {
        #[cfg(feature = "nimsync")]
        $case.time("nimsync", || {
            let ($tx, rx) = nimsync::channel::spsc(CAPACITY);
            let $rx = (rx, Vec::new());
            $work
        });
        $case.time("rtrb", || {
            let ($tx, $rx) = rtrb::RingBuffer::new(CAPACITY);
            $work
        });
        $case.time("disruptor", || {
            let ($tx, $rx) = channels::disruptor(CAPACITY);
            $work
        });
        $case.time("gil", || {
            let ($tx, $rx) = gil::spsc::channel(non_zero(CAPACITY));
            $work
        });
        $case.time("fibre", || {
            let (tx, rx) = fibre::spsc::bounded_sync(CAPACITY);
            let ($tx, $rx) = ((tx, Vec::new()), (rx, Vec::new()));
            $work
        });
    };
}

pub(crate) fn cases(bench: &Bench) {
    let n = bench.size(10_240_000);
    for size in [64, 256] {
        let mut case = bench.timed(&format!("one thread, spsc, batches of {size}"), n);
        add_batching!(case, |tx, rx| turns(tx, rx, size, n));
        case.run();

        let mut case = bench.timed(&format!("threads, spsc, batches of {size}"), n);
        add_batching!(case, |tx, rx| stream(tx, rx, size, n));
        case.run();
    }
}

/// Sends a batch and receives it, again and again.
fn turns(mut tx: impl BatchSend, mut rx: impl BatchRecv, size: u64, n: u64) {
    let mut sum = 0;
    for start in (0..n).step_by(size as usize) {
        tx.put_all(start..start + size);
        let mut left = size as usize;
        while left > 0 {
            left -= rx.get_some(left, |value| sum += check(value));
        }
    }
    assert_eq!(sum, expected(1, n));
}

fn stream(mut tx: impl BatchSend, mut rx: impl BatchRecv, size: u64, n: u64) {
    let sum = thread::scope(|scope| {
        scope.spawn(move || {
            for start in (0..n).step_by(size as usize) {
                tx.put_all(start..start + size);
            }
            tx
        });
        let receive = move || {
            let mut sum = 0;
            let mut left = n;
            while left > 0 {
                let count = rx.get_some(size as usize, |value| sum += check(value));
                left -= count as u64;
            }
            sum
        };
        scope.spawn(receive).join().expect("the receiver succeeds")
    });
    assert_eq!(sum, expected(1, n));
}
