//! Streams between threads, which try again and again, or block.

use std::thread;

use nimsync_benches::channels::{
    BlockingRecv, BlockingSend, CAPACITY, Ends, TryRecv, TrySend, check, expected, fan_in, fan_out,
    line, mesh, pause,
};
use nimsync_benches::{
    Bench, add_mpmc_blocking, add_mpmc_try, add_mpsc_blocking, add_mpsc_try, add_spmc_blocking,
    add_spmc_try, add_spsc_blocking, add_spsc_try,
};

pub(crate) fn cases(bench: &Bench) {
    let n = bench.size(4_000_000);
    let mut case = bench.timed("threads, spsc, try", n);
    add_spsc_try!(case.time, CAPACITY, |make| trying(line(make()), n));
    case.run();

    let n = bench.size(2_000_000);
    let mut case = bench.timed("threads, spsc, blocking", n);
    add_spsc_blocking!(case.time, CAPACITY, |make| blocking(line(make()), n));
    case.run();

    for senders in [2, 4, 8] {
        let n = bench.size(1_600_000);
        let mut case = bench.timed(&format!("threads, mpsc of {senders}, try"), n);
        add_mpsc_try!(case.time, CAPACITY, |make| trying(
            fan_in(senders, make()),
            n
        ));
        case.run();

        let mut case = bench.timed(&format!("threads, mpsc of {senders}, blocking"), n);
        add_mpsc_blocking!(case.time, CAPACITY, |make| blocking(
            fan_in(senders, make()),
            n
        ));
        case.run();
    }

    let n = bench.size(800_000);
    let mut case = bench.timed("threads, spmc of 4, try", n);
    add_spmc_try!(case.time, CAPACITY, |make| trying(fan_out(4, make()), n));
    case.run();

    let mut case = bench.timed("threads, spmc of 4, blocking", n);
    add_spmc_blocking!(case.time, CAPACITY, |make| blocking(fan_out(4, make()), n));
    case.run();

    let mut case = bench.timed("threads, mpmc of 4 and 4, try", n);
    add_mpmc_try!(case.time, CAPACITY, |make| trying(mesh(4, make()), n));
    case.run();

    let mut case = bench.timed("threads, mpmc of 4 and 4, blocking", n);
    add_mpmc_blocking!(case.time, CAPACITY, |make| blocking(mesh(4, make()), n));
    case.run();
}

/// Each receiver takes its share: not all that take part here can close.
fn trying<Tx: TrySend, Rx: TryRecv>((senders, receivers): Ends<Tx, Rx>, n: u64) {
    let (many, each) = (senders.len(), n / senders.len() as u64);
    let share = n / receivers.len() as u64;
    let sum: u64 = thread::scope(|scope| {
        for mut tx in senders {
            scope.spawn(move || {
                for value in 0..each {
                    let mut tries = 0;
                    while !tx.offer(value) {
                        pause(&mut tries);
                    }
                }
            });
        }
        let receivers: Vec<_> = receivers
            .into_iter()
            .map(|mut rx| scope.spawn(move || (0..share).map(|_| accept(&mut rx)).sum::<u64>()))
            .collect();
        let sums = receivers.into_iter().map(|receiver| receiver.join());
        sums.map(|sum| sum.expect("the receiver succeeds")).sum()
    });
    assert_eq!(sum, expected(many, each));
}

fn accept(rx: &mut impl TryRecv) -> u64 {
    let mut tries = 0;
    loop {
        if let Some(value) = rx.accept() {
            return check(value);
        }
        pause(&mut tries);
    }
}

pub(crate) fn blocking<Tx: BlockingSend, Rx: BlockingRecv>(
    (senders, receivers): Ends<Tx, Rx>,
    n: u64,
) {
    let (many, each) = (senders.len(), n / senders.len() as u64);
    let sum: u64 = thread::scope(|scope| {
        for mut tx in senders {
            scope.spawn(move || (0..each).for_each(|value| tx.put(value)));
        }
        let receivers: Vec<_> = receivers
            .into_iter()
            .map(|mut rx| scope.spawn(move || get_all(&mut rx)))
            .collect();
        let sums = receivers.into_iter().map(|receiver| receiver.join());
        sums.map(|sum| sum.expect("the receiver succeeds")).sum()
    });
    assert_eq!(sum, expected(many, each));
}

pub(crate) fn get_all(rx: &mut impl BlockingRecv) -> u64 {
    let mut sum = 0;
    while let Some(value) = rx.get() {
        sum += check(value);
    }
    sum
}
