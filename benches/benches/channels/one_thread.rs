//! One thread sends one and receives one, again and again: what the ring itself costs.

use std::hint::black_box;

use nimsync_benches::channels::{CAPACITY, TryRecv, TrySend, check, expected};
use nimsync_benches::{Bench, add_mpmc_try, add_mpsc_try, add_spmc_try, add_spsc_try};

pub(crate) fn cases(bench: &Bench) {
    let n = bench.size(5_000_000);

    let mut case = bench.timed("one thread, spsc", n);
    add_spsc_try!(case.time, CAPACITY, |make| turns(make(), n));
    case.run();

    let mut case = bench.timed("one thread, mpsc", n);
    add_mpsc_try!(case.time, CAPACITY, |make| turns(make(), n));
    case.run();

    let mut case = bench.timed("one thread, spmc", n);
    add_spmc_try!(case.time, CAPACITY, |make| turns(make(), n));
    case.run();

    let mut case = bench.timed("one thread, mpmc", n);
    add_mpmc_try!(case.time, CAPACITY, |make| turns(make(), n));
    case.run();
}

fn turns((mut tx, mut rx): (impl TrySend, impl TryRecv), n: u64) {
    let mut sum = 0;
    for value in 0..n {
        assert!(tx.offer(black_box(value)));
        sum += check(rx.accept().expect("it was just sent"));
    }
    assert_eq!(sum, expected(1, n));
}
