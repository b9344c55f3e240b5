//! What it costs to spawn a task and to join it.

use nimsync_benches::{Bench, Contenders, add_all};

mod join_set;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;

fn main() {
    let bench = Bench::from_args().counting("tasks");
    let all = Contenders::start();
    from_root(&bench, &all);
    from_task(&bench, &all);
    one_by_one(&bench, &all);
    chained(&bench, &all);
    skynet(&bench, &all);
}

fn from_root(bench: &Bench, all: &Contenders) {
    let n = bench.size(100_000);
    let mut case = bench.timed("spawn and join many, from the root", n);
    add_all!(case.time, all, from_root(n));
    case.time("tokio JoinSet", || join_set::from_root(&all.tokio, n));
    case.run();
}

fn from_task(bench: &Bench, all: &Contenders) {
    let n = bench.size(100_000);
    let mut case = bench.timed("spawn and join many, from a task", n);
    add_all!(case.time, all, from_task(n));
    case.time("tokio JoinSet", || join_set::from_task(&all.tokio, n));
    case.run();
}

fn one_by_one(bench: &Bench, all: &Contenders) {
    let n = bench.size(100_000);
    let mut case = bench.timed("spawn one and await it", n);
    add_all!(case.time, all, one_by_one(n));
    case.run();
}

fn chained(bench: &Bench, all: &Contenders) {
    let n = bench.size(100_000);
    let mut case = bench.timed("chained spawn: each task spawns the next", n);
    add_all!(case.time, all, chained(n));
    case.run();
}

fn skynet(bench: &Bench, all: &Contenders) {
    let leaves = bench.size(1_000_000);
    // Leaves and the nodes above them: 10, 100, .. in a tree of ten branches.
    let tasks = (leaves * 10 - 1) / 9;
    let mut case = bench.timed("skynet: a tree of tasks with ten branches each", tasks);
    add_all!(case.time, all, skynet(leaves));
    case.run();
}
