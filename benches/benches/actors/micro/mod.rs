//! The small cases: what one tell, one ask, one actor costs.
//!
//! xtra has no part in counting: its mailbox is a heap, so the ask at the end
//! overtakes some of the tells before it.

use nimsync_benches::add_actors;

use crate::Run;

#[cfg(feature = "nimsync")]
mod ours;
mod peers;

pub(crate) fn cases(run: &Run<'_>) {
    let all = run.all;

    let hops = run.size(500_000);
    let mut case = run.timed("ping-pong, one ball", hops);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        ping_pong(1, 1, hops)
    );
    case.run();

    // All balls of a pair fit into one mailbox.
    let (pairs, window, hops) = (100, 16, run.size(1_000));
    let mut case = run.timed("ping-pong, 100 pairs with 16 balls", pairs * window * hops);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        ping_pong(pairs, window, hops)
    );
    case.run();

    let asks = run.size(200_000);
    let mut case = run.timed("ask, one after the other", asks);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        asks(1, asks)
    );
    case.run();

    let each = run.size(200_000) / 8;
    let mut case = run.timed("ask, from eight tasks", 8 * each);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        asks(8, each)
    );
    case.run();

    let tells = run.size(1_000_000);
    let mut case = run.timed("counting: tells, then an ask", tells);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        tells(1, tells)
    );
    case.run();

    let each = run.size(1_000_000) / 8;
    let mut case = run.timed("counting, from eight tasks", 8 * each);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        tells(8, each)
    );
    case.run();

    let hops = run.size(100_000);
    let mut case = run.timed("ring of 100, one token (Savina's thread ring)", hops);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        ring(100, hops)
    );
    case.run();

    let actors = run.size(50_000);
    let mut case = run.timed("create, tell, stop, one after the other", actors);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        lives(actors, 1)
    );
    case.run();

    let mut case = run.timed("create, tell, stop, 1,000 at once", actors);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, xtra, actix],
        lives(actors / 1_000, 1_000)
    );
    case.run();
}
