//! How much memory a channel of 16 `u64` takes, and how often a wait allocates.

use nimsync_benches::channels::{self, AsyncRecv, AsyncSend, Executor, TryRecv, TrySend};
use nimsync_benches::{
    Bench, add_mpmc_async, add_mpmc_try, add_mpsc_async, add_mpsc_try, add_spsc_async, add_spsc_try,
};

use crate::heap;
use crate::usage::{COLUMNS, Usage};

const CAPACITY: usize = 16;

pub(crate) fn cases(bench: &Bench) {
    let n = bench.size(10_000);

    let mut case = bench.case("an idle channel, spsc", COLUMNS);
    add_spsc_try!(case.add, CAPACITY, |make| idle(make, n));
    case.run();
    let mut case = bench.case("an idle channel, mpsc", COLUMNS);
    add_mpsc_try!(case.add, CAPACITY, |make| idle(make, n));
    case.run();
    let mut case = bench.case("an idle channel, mpmc", COLUMNS);
    add_mpmc_try!(case.add, CAPACITY, |make| idle(make, n));
    case.run();

    let mut case = bench.case("a used channel, spsc", COLUMNS);
    add_spsc_try!(case.add, CAPACITY, |make| used(make, n));
    case.run();
    let mut case = bench.case("a used channel, mpsc", COLUMNS);
    add_mpsc_try!(case.add, CAPACITY, |make| used(make, n));
    case.run();
    let mut case = bench.case("a used channel, mpmc", COLUMNS);
    add_mpmc_try!(case.add, CAPACITY, |make| used(make, n));
    case.run();

    let tokio = channels::tokio(1);
    let n = bench.size(10_000);
    let columns = ["allocations"];
    let mut case = bench.case("a round trip of tasks, spsc", columns);
    add_spsc_async!(case.add, 1, |make| round_trips(&tokio, make(), make(), n));
    case.run();
    let mut case = bench.case("a round trip of tasks, mpsc", columns);
    add_mpsc_async!(case.add, 1, |make| round_trips(&tokio, make(), make(), n));
    case.run();
    let mut case = bench.case("a round trip of tasks, mpmc", columns);
    add_mpmc_async!(case.add, 1, |make| round_trips(&tokio, make(), make(), n));
    case.run();
}

fn idle<Tx: TrySend, Rx: TryRecv>(make: impl Fn() -> (Tx, Rx), n: u64) -> [f64; 3] {
    let mut channels = Vec::with_capacity(n as usize);
    let before = Usage::start();
    channels.extend((0..n).map(|_| make()));
    before.growth(n)
}

/// Each is filled and drained four times.
fn used<Tx: TrySend, Rx: TryRecv>(make: impl Fn() -> (Tx, Rx), n: u64) -> [f64; 3] {
    let mut channels = Vec::with_capacity(n as usize);
    let before = Usage::start();
    channels.extend((0..n).map(|_| make()));
    for (tx, rx) in &mut channels {
        for _ in 0..4 {
            let mut held = 0;
            // Some hold more than they were asked to.
            while held < CAPACITY as u64 && tx.offer(held) {
                held += 1;
            }
            assert!((0..held).eq(std::iter::from_fn(|| rx.accept())));
        }
    }
    before.growth(n)
}

/// Each has two waits, at least.
fn round_trips<Tx: AsyncSend, Rx: AsyncRecv>(
    executor: &impl Executor,
    (mut there_tx, mut there_rx): (Tx, Rx),
    (mut back_tx, mut back_rx): (Tx, Rx),
    n: u64,
) -> [f64; 1] {
    let answer = async move {
        while let Some(value) = there_rx.get_async().await {
            back_tx.put_async(value).await;
        }
    };
    let ask = async move {
        let before = heap::allocations();
        for value in 0..n {
            there_tx.put_async(value).await;
            assert_eq!(back_rx.get_async().await, Some(value));
        }
        heap::allocations() - before
    };
    let allocations = executor.run(vec![answer], vec![ask]);
    [allocations as f64 / n as f64]
}
