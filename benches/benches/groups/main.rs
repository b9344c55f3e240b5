//! What a group costs for each of its children.

use nimsync_benches::{Bench, Contenders, add_all};

mod in_place;
mod join_set;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;

fn main() {
    let bench = Bench::from_args();
    let all = Contenders::start();
    for size in [8, 64, 1_000] {
        spawned(&bench, &all, size);
    }
    for size in [8, 64, 1_000] {
        in_place(&bench, &all, size);
    }
    one_fails_spawned(&bench, &all);
    one_fails_in_place(&bench, &all);
}

fn spawned(bench: &Bench, all: &Contenders, size: u64) {
    let groups = bench.size(100_000 / size);
    let name = format!("group of {size} children with results, spawned");
    let mut case = bench.timed(&name, groups * size);
    add_all!(case.time, all, spawned(groups, size));
    case.time("tokio JoinSet", || {
        join_set::spawned(&all.tokio, groups, size)
    });
    case.run();
}

// `all` is for nimsync: the peers need no runtime.
#[cfg_attr(not(feature = "nimsync"), expect(unused_variables))]
fn in_place(bench: &Bench, all: &Contenders, size: u64) {
    let groups = bench.size(100_000 / size);
    let name = format!("group of {size} children with results, in place");
    let mut case = bench.timed(&name, groups * size);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || ours::in_place(&all.nimsync, groups, size));
    case.time("FuturesUnordered", || in_place::unordered(groups, size));
    case.time("futures-concurrency join", || in_place::join(groups, size));
    case.time("futures-concurrency group", || {
        in_place::future_group(groups, size)
    });
    case.time("moro", || in_place::moro(groups, size));
    case.run();
}

/// How many children there are where one of them fails.
const SIZE: u64 = 1_024;

/// Which of them fails.
const FAILS: u64 = SIZE / 2;

fn one_fails_spawned(bench: &Bench, all: &Contenders) {
    let groups = bench.size(50);
    let mut case = bench.timed("group of 1,024, one fails, spawned", groups * SIZE);
    add_all!(case.time, all, one_fails(groups));
    case.time("tokio JoinSet", || {
        join_set::one_fails(&all.tokio, groups);
    });
    case.run();
}

// `all` is for nimsync: the peers need no runtime.
#[cfg_attr(not(feature = "nimsync"), expect(unused_variables))]
fn one_fails_in_place(bench: &Bench, all: &Contenders) {
    let groups = bench.size(50);
    let mut case = bench.timed("group of 1,024, one fails, in place", groups * SIZE);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || ours::one_fails_in_place(&all.nimsync, groups));
    case.time("FuturesUnordered", || {
        in_place::unordered_one_fails(groups);
    });
    case.time("futures-concurrency try_join", || {
        in_place::try_join_one_fails(groups);
    });
    case.time("moro", || in_place::moro_one_fails(groups));
    case.run();
}
