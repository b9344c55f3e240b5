//! Many values at once, between two threads.

use std::thread;

use nimsync_benches::Bench;
use nimsync_benches::channels::{self, BatchRecv, BatchSend, CAPACITY, check, expected, non_zero};

pub(crate) fn cases(bench: &Bench) {
    let n = bench.size(10_240_000);
    for size in [64, 256] {
        let mut case = bench.timed(&format!("threads, spsc, batches of {size}"), n);
        #[cfg(feature = "nimsync")]
        case.time("nimsync", || {
            let (tx, rx) = nimsync::channel::spsc(CAPACITY);
            batches(tx, (rx, Vec::new()), size, n);
        });
        case.time("rtrb", || {
            let (tx, rx) = rtrb::RingBuffer::new(CAPACITY);
            batches(tx, rx, size, n);
        });
        case.time("disruptor", || {
            let (tx, rx) = channels::disruptor(CAPACITY);
            batches(tx, rx, size, n);
        });
        case.time("gil", || {
            let (tx, rx) = gil::spsc::channel(non_zero(CAPACITY));
            batches(tx, rx, size, n);
        });
        case.time("fibre", || {
            let (tx, rx) = fibre::spsc::bounded_sync(CAPACITY);
            batches((tx, Vec::new()), (rx, Vec::new()), size, n);
        });
        case.run();
    }
}

fn batches(mut tx: impl BatchSend, mut rx: impl BatchRecv, size: u64, n: u64) {
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
