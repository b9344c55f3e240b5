//! A thread that computes beside two that pass messages: who spins takes its
//! core from whom it waits for.
//!
//! CPU time is that of the two alone.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nimsync_benches::channels::{BlockingRecv, BlockingSend, CAPACITY, check, expected};
use nimsync_benches::{Bench, add_spsc_blocking};
use rustix::time::{ClockId, clock_gettime};

use crate::threads::get_all;

pub(crate) fn cases(bench: &Bench) {
    let n = bench.size(1_000_000);
    let mut case = bench.timed("threads under load, spsc, blocking", n);
    add_spsc_blocking!(case.add, CAPACITY, |make| stream(make(), n));
    case.run();

    let n = bench.size(20_000);
    let mut case = bench.timed("threads under load, round trip, capacity 1", n);
    add_spsc_blocking!(case.add, 1, |make| round_trips(make(), make(), n));
    case.run();
}

fn stream((mut tx, mut rx): (impl BlockingSend, impl BlockingRecv), n: u64) -> [f64; 2] {
    let send = move || {
        (0..n).for_each(|value| tx.put(value));
        0
    };
    beside_a_hog(n, send, move || get_all(&mut rx))
}

fn round_trips<Tx, Rx>(there: (Tx, Rx), back: (Tx, Rx), n: u64) -> [f64; 2]
where
    Tx: BlockingSend,
    Rx: BlockingRecv,
{
    let (mut there_tx, mut there_rx) = there;
    let (mut back_tx, mut back_rx) = back;
    let answer = move || {
        while let Some(value) = there_rx.get() {
            back_tx.put(value);
        }
        0
    };
    let ask = move || {
        let mut sum = 0;
        for value in 0..n {
            there_tx.put(value);
            sum += check(back_rx.get().expect("the other answers"));
        }
        sum
    };
    beside_a_hog(n, answer, ask)
}

/// Runs both on threads of their own, and returns CPU and wall nanoseconds.
fn beside_a_hog(
    n: u64,
    send: impl FnOnce() -> u64 + Send,
    receive: impl FnOnce() -> u64 + Send,
) -> [f64; 2] {
    let stop = AtomicBool::new(false);
    let (sums, cpu, wall) = thread::scope(|scope| {
        scope.spawn(|| {
            // Relaxed: it publishes nothing.
            while !stop.load(Ordering::Relaxed) {
                spin_loop();
            }
        });
        let start = Instant::now();
        let sender = scope.spawn(|| with_cpu(send));
        let receiver = scope.spawn(|| with_cpu(receive));
        let (sent, sender_cpu) = sender.join().expect("the sender succeeds");
        let (received, receiver_cpu) = receiver.join().expect("the receiver succeeds");
        let wall = start.elapsed();
        stop.store(true, Ordering::Relaxed);
        (sent + received, sender_cpu + receiver_cpu, wall)
    });
    assert_eq!(sums, expected(1, n));
    [cpu, wall].map(|time| time.as_nanos() as f64 / n as f64)
}

fn with_cpu(work: impl FnOnce() -> u64) -> (u64, Duration) {
    let before = thread_cpu();
    let result = work();
    (result, thread_cpu() - before)
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
