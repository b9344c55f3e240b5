//! Switching between tasks on the peers.

use nimsync_benches::peers::Peer;

use crate::players;

pub(crate) fn yields<P: Peer>(peer: &P, tasks: u64, times: u64) {
    let yielded = peer.in_task(async move {
        let handles: Vec<_> = (0..tasks).map(|_| P::spawn(yielder::<P>(times))).collect();
        let mut sum = 0;
        for handle in handles {
            sum += handle.await;
        }
        sum
    });
    assert_eq!(yielded, tasks * times);
}

async fn yielder<P: Peer>(times: u64) -> u64 {
    let mut yielded = 0;
    for _ in 0..times {
        P::yield_now().await;
        yielded += 1;
    }
    yielded
}

pub(crate) fn one_ball<P: Peer>(peer: &P, pairs: u64, times: u64) {
    let right = peer.in_task(async move {
        let mut sum = 0;
        for _ in 0..times {
            let servers: Vec<_> = (0..pairs).map(|_| P::spawn(meet::<P>())).collect();
            for server in servers {
                sum += server.await;
            }
        }
        sum
    });
    assert_eq!(right, pairs * times);
}

async fn meet<P: Peer>() -> u64 {
    let (serve, answer) = players::pair_with_one_ball();
    P::detach(P::spawn(answer));
    serve.await
}

pub(crate) fn ping_pong<P: Peer>(peer: &P, pairs: u64, rounds: u64) {
    let right = peer.in_task(async move {
        let mut servers = Vec::new();
        for _ in 0..pairs {
            let (a, b) = players::pair();
            servers.push(P::spawn(a.serve(rounds)));
            P::detach(P::spawn(b.answer()));
        }
        let mut sum = 0;
        for server in servers {
            sum += server.await;
        }
        sum
    });
    assert_eq!(right, pairs * rounds);
}
