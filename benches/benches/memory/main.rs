//! How much memory a task that waits takes, a channel, and an actor.

use nimsync_benches::{Bench, Contenders, add_all};

mod actors;
mod channels;
mod heap;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;
mod usage;

use usage::COLUMNS;

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

fn main() {
    let bench = Bench::from_args();
    let all = Contenders::start();
    let n = bench.size(100_000);

    let mut case = bench.case("a sleeping task", COLUMNS);
    add_all!(case.add, all, sleeping(n));
    case.run();

    let mut case = bench.case("a task that waits for nothing", COLUMNS);
    add_all!(case.add, all, pending(n));
    case.run();

    channels::cases(&bench);
    actors::cases(&bench);
}
