//! What it costs to cancel sleeping tasks, until all destructors have run.

use nimsync_benches::{Bench, Contenders, add_all};

mod join_set;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;

fn main() {
    let bench = Bench::from_args();
    let all = Contenders::start();
    let n = bench.size(100_000);
    let mut case = bench.timed("cancel sleeping tasks", n);
    add_all!(case.add, all, sleepers(n));
    case.add("tokio JoinSet::shutdown", || {
        join_set::sleepers(&all.tokio, n)
    });
    case.run();
}
