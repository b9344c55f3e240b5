//! What it costs to go from one task to another.

use nimsync_benches::{Bench, Contenders, add_all};

#[cfg(feature = "nimsync")]
mod ours;
mod peers;
mod players;

fn main() {
    let bench = Bench::from_args().counting("turns");
    let all = Contenders::start();
    yields(&bench, &all);
    one_ball(&bench, &all);
    ping_pong(&bench, &all, "ping-pong, 1,000 pairs", 1_000, 100);
    ping_pong(&bench, &all, "ping-pong, one pair", 1, 100_000);
}

fn yields(bench: &Bench, all: &Contenders) {
    let tasks = 1_000;
    let times = bench.size(1_000);
    let mut case = bench.timed("yield, 1,000 tasks", tasks * times);
    add_all!(case.time, all, yields(tasks, times));
    case.run();
}

fn one_ball(bench: &Bench, all: &Contenders) {
    let (pairs, times) = (1_000, bench.size(50));
    let mut case = bench.timed("ping-pong, 1,000 new pairs, one ball each", pairs * times);
    add_all!(case.time, all, one_ball(pairs, times));
    case.run();
}

fn ping_pong(bench: &Bench, all: &Contenders, name: &str, pairs: u64, rounds: u64) {
    let rounds = bench.size(rounds);
    let mut case = bench.timed(name, pairs * rounds);
    add_all!(case.time, all, ping_pong(pairs, rounds));
    case.run();
}
