//! How often a message to an actor allocates, and how much memory an actor takes.

use nimsync_benches::actors::ActorContenders;
use nimsync_benches::{Bench, add_actors};

use crate::heap;
use crate::usage::COLUMNS;

#[cfg(feature = "nimsync")]
mod ours;
mod peers;

pub(crate) fn cases(bench: &Bench) {
    let all = ActorContenders::start(1);
    let n = bench.size(10_000);
    let columns = ["allocations", "bytes"];

    let mut case = bench.case("a tell to an actor", columns);
    add_actors!(case.add, all, [by_hand, kameo, ractor, actix], tells(n));
    case.run();

    let mut case = bench.case("an ask of an actor", columns);
    add_actors!(
        case.add,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        asks(n)
    );
    case.run();

    let mut case = bench.case("an actor: create, tell, stop", columns);
    add_actors!(
        case.add,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        lives(n)
    );
    case.run();

    let mut case = bench.case("an idle actor that has been told something", COLUMNS);
    add_actors!(
        case.add,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        idle(n)
    );
    case.run();
}

/// What the heap was asked for at some moment.
struct Requests {
    allocations: u64,
    bytes: u64,
}

impl Requests {
    fn now() -> Requests {
        Requests {
            allocations: heap::allocations(),
            bytes: heap::requested(),
        }
    }

    /// Returns what was asked for since `self`, for each of `n`.
    fn since(self, n: u64) -> [f64; 2] {
        let now = Requests::now();
        let allocations = now.allocations - self.allocations;
        let bytes = now.bytes - self.bytes;
        [allocations, bytes].map(|count| count as f64 / n as f64)
    }
}
