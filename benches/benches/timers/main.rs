//! What sleeps and timeouts cost, most of which never fire.

use nimsync_benches::{Bench, Contenders, add_all};

#[cfg(feature = "nimsync")]
mod ours;
mod peers;

fn main() {
    let bench = Bench::from_args();
    let all = Contenders::start();
    let n = bench.size(1_000_000);

    let mut case = bench.timed("timeout around a ready future", n);
    add_all!(case.time, all, timeout_ready(n));
    case.run();

    let mut case = bench.timed("sleep made, polled once, dropped", n);
    add_all!(case.time, all, sleep_dropped(n));
    case.run();

    // In many tasks: a task that yields alone in its runtime measures the driver.
    let (tasks, times) = (100, n / 100);
    let mut case = bench.timed("timeout around one yield", n);
    add_all!(case.time, all, timeout_yield(tasks, times));
    case.run();

    let (tasks, times) = (bench.size(10_000), 100);
    let mut case = bench.timed("sleep that fires", tasks * times);
    add_all!(case.time, all, sleep_fires(tasks, times));
    case.run();
}
