//! Waiting tasks on the peers, with the handle that is needed to cancel them.

use nimsync_benches::peers::{Peer, Timers};
use nimsync_benches::{settle, tally, work};

use crate::usage::Usage;

pub(crate) fn sleeping<P: Timers>(peer: &P, n: u64) -> [f64; 3] {
    waiting(peer, n, P::spawn_sleeper)
}

pub(crate) fn pending<P: Peer>(peer: &P, n: u64) -> [f64; 3] {
    waiting(peer, n, || P::spawn(work::pender()))
}

fn waiting<P: Peer>(peer: &P, n: u64, spawn: impl Fn() -> P::Handle<()>) -> [f64; 3] {
    tally::reset();
    peer.block_on(async {
        let before = Usage::start();
        let mut handles = Vec::with_capacity(n as usize);
        handles.extend((0..n).map(|_| spawn()));
        tally::all_started(n, P::yield_now).await;
        settle();
        let growth = before.growth(n);

        P::cancel_all(handles).await;
        tally::all_ended(n, P::yield_now).await;
        growth
    })
}
