//! Whether CPU-bound tasks get all cores, and leave time for the others.

use nimsync_benches::{Bench, Contenders, add_all};

mod burn;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;

use burn::Load;

fn main() {
    let bench = Bench::from_args();
    let all = Contenders::start();
    fan_out(&bench, &all, "fan-out of 64 children of 1 ms", 64, 1);
    fan_out(&bench, &all, "fan-out of 2 children of 20 ms", 2, 20);
    tick(&bench, &all);
}

fn fan_out(bench: &Bench, all: &Contenders, name: &str, children: u64, millis: u32) {
    let load = Load::of_millis(millis);
    let mut case = bench.case(name, ["speed-up", "wall us"]);
    add_all!(case.add, all, fan_out(children, load));
    case.run();
}

fn tick(bench: &Bench, all: &Contenders) {
    let name = "lateness of a 1 ms tick beside 8 tasks that burn 100 us a poll";
    let mut case = bench.case(name, ["p50 us", "p99 us"]);
    add_all!(case.add, all, tick());
    case.run();
}
