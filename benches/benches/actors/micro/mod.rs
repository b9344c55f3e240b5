//! The small cases: what one tell, one ask, one actor costs.
//!
//! xtra has no part in counting: its mailbox is a heap, so the ask at the end
//! overtakes some of the tells before it.

use nimsync_benches::actors::ActorContenders;
use nimsync_benches::{Bench, add_actors};

#[cfg(feature = "nimsync")]
mod ours;
mod peers;

pub(crate) fn cases(bench: &Bench, all: &ActorContenders, workers: usize) {
    let timed = |name: &str, ops| {
        let plural = if workers == 1 { "worker" } else { "workers" };
        bench.timed(&format!("{workers} {plural}: {name}"), ops)
    };

    let hops = bench.size(500_000);
    let mut case = timed("ping-pong, one ball", hops);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        ping_pong(1, 1, hops)
    );
    case.run();

    // All balls of a pair fit into one mailbox.
    let (pairs, window, hops) = (100, 16, bench.size(1_000));
    let mut case = timed("ping-pong, 100 pairs with 16 balls", pairs * window * hops);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        ping_pong(pairs, window, hops)
    );
    case.run();

    let asks = bench.size(200_000);
    let mut case = timed("ask, one after the other", asks);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        asks(1, asks)
    );
    case.run();

    let each = bench.size(200_000) / 8;
    let mut case = timed("ask, from eight tasks", 8 * each);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        asks(8, each)
    );
    case.run();

    let tells = bench.size(1_000_000);
    let mut case = timed("counting: tells, then an ask", tells);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        tells(1, tells)
    );
    case.run();

    let each = bench.size(1_000_000) / 8;
    let mut case = timed("counting, from eight tasks", 8 * each);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        tells(8, each)
    );
    case.run();

    let hops = bench.size(500_000);
    let mut case = timed("ring of 100, one token", hops);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        ring(100, hops)
    );
    case.run();

    let actors = bench.size(50_000);
    let mut case = timed("create, tell, stop, one after the other", actors);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        lives(actors, 1)
    );
    case.run();

    let mut case = timed("create, tell, stop, 1,000 at once", actors);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        lives(actors / 1_000, 1_000)
    );
    case.run();
}
