//! The small cases on the peers.

use nimsync_benches::actors::{Behavior, Counter, Finish, Library, ToCounter, finish};

/// Hits balls back until they have no hops left.
struct Player<L: Library> {
    other: Option<L::Address<Player<L>>>,
    hits: u64,
    finish: Finish,
}

enum ToPlayer<L: Library> {
    Meet(L::Address<Player<L>>),
    Ball { hops: u64 },
    Hits,
}

impl<L: Library> Behavior<L> for Player<L> {
    type Message = ToPlayer<L>;
    type Reply = u64;

    async fn handle(&mut self, message: ToPlayer<L>) -> u64 {
        match message {
            ToPlayer::Meet(other) => self.other = Some(other),
            ToPlayer::Ball { hops } => {
                self.hits += 1;
                match &self.other {
                    Some(other) if hops > 1 => {
                        L::tell(other, ToPlayer::Ball { hops: hops - 1 }).await;
                    }
                    _ => self.finish.arrive(),
                }
            }
            ToPlayer::Hits => {}
        }
        self.hits
    }
}

pub(crate) fn ping_pong<L: Library>(library: &L, pairs: u64, balls: u64, hops: u64) {
    let hits = library.run(async move {
        let (finish, finished) = finish(pairs * balls);
        let player = || Player::<L> {
            other: None,
            hits: 0,
            finish: finish.clone(),
        };
        let mut players = Vec::new();
        for pair in 0..pairs {
            let one = L::spawn(pair, player()).await;
            let other = L::spawn(pair, player()).await;
            L::tell(&one, ToPlayer::Meet(other.clone())).await;
            L::tell(&other, ToPlayer::Meet(one.clone())).await;
            players.extend([one, other]);
        }
        for one in players.iter().step_by(2) {
            for _ in 0..balls {
                L::tell(one, ToPlayer::Ball { hops }).await;
            }
        }
        finished.await.expect("all balls come to rest");
        let mut hits = 0;
        for player in players {
            hits += L::ask(&player, ToPlayer::Hits).await;
            L::stop(player).await;
        }
        hits
    });
    assert_eq!(hits, pairs * balls * hops);
}

pub(crate) fn ring<L: Library>(library: &L, nodes: u64, hops: u64) {
    let hits = library.run(async move {
        let (finish, finished) = finish(1);
        let mut ring = Vec::new();
        for node in 0..nodes {
            let half = node * 2 / nodes;
            let player = Player::<L> {
                other: None,
                hits: 0,
                finish: finish.clone(),
            };
            ring.push(L::spawn(half, player).await);
        }
        for (node, next) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            L::tell(node, ToPlayer::Meet(next.clone())).await;
        }
        L::tell(&ring[0], ToPlayer::Ball { hops }).await;
        finished.await.expect("the token comes to rest");
        let mut hits = 0;
        for player in ring {
            hits += L::ask(&player, ToPlayer::Hits).await;
            L::stop(player).await;
        }
        hits
    });
    assert_eq!(hits, hops);
}

pub(crate) fn asks<L: Library>(library: &L, tasks: u64, each: u64) {
    library.run(async move {
        let counter = L::spawn(0, Counter::default()).await;
        if tasks == 1 {
            for sum in 1..=each {
                assert_eq!(L::ask(&counter, ToCounter::Add(1)).await, sum);
            }
        } else {
            let (finish, finished) = finish(tasks);
            for task in 0..tasks {
                let (counter, finish) = (counter.clone(), finish.clone());
                L::spawn_task(task, async move {
                    for sum in 1..=each {
                        assert!(L::ask(&counter, ToCounter::Add(1)).await >= sum);
                    }
                    finish.arrive();
                });
            }
            finished.await.expect("all tasks succeed");
        }
        assert_eq!(L::ask(&counter, ToCounter::Get).await, tasks * each);
        L::stop(counter).await;
    });
}

pub(crate) fn tells<L: Library>(library: &L, tasks: u64, each: u64) {
    library.run(async move {
        let counter = L::spawn(1, Counter::default()).await;
        if tasks == 1 {
            for _ in 0..each {
                L::tell(&counter, ToCounter::Add(1)).await;
            }
        } else {
            let (finish, finished) = finish(tasks);
            for task in 0..tasks {
                let (counter, finish) = (counter.clone(), finish.clone());
                L::spawn_task(task, async move {
                    for _ in 0..each {
                        L::tell(&counter, ToCounter::Add(1)).await;
                    }
                    finish.arrive();
                });
            }
            finished.await.expect("all tasks succeed");
        }
        assert_eq!(L::ask(&counter, ToCounter::Get).await, tasks * each);
        L::stop(counter).await;
    });
}

/// Reports that it was told something.
struct Mayfly {
    finish: Finish,
}

impl<L: Library> Behavior<L> for Mayfly {
    type Message = ();
    type Reply = ();

    async fn handle(&mut self, (): ()) {
        self.finish.arrive();
    }
}

pub(crate) fn lives<L: Library>(library: &L, rounds: u64, at_once: u64) {
    library.run(async move {
        let (finish, finished) = finish(rounds * at_once);
        let mut mayflies = Vec::new();
        for _ in 0..rounds {
            for near in 0..at_once {
                let finish = finish.clone();
                let mayfly = L::spawn(near, Mayfly { finish }).await;
                L::tell(&mayfly, ()).await;
                mayflies.push(mayfly);
            }
            for mayfly in mayflies.drain(..) {
                L::stop(mayfly).await;
            }
        }
        finished.await.expect("all were told");
    });
}
