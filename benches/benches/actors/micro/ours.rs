//! The small cases on nimsync.

use nimsync::Runtime;
use nimsync::prelude::*;
use nimsync_benches::actors::{Finish, finish};
use nimsync_benches::ours::{Counter, in_task};

/// Hits balls back until they have no hops left.
#[actor]
struct Player {
    other: Option<PlayerHandle>,
    hits: u64,
    finish: Finish,
}

#[actor]
impl Player {
    pub(crate) fn meet(&mut self, other: PlayerHandle) {
        self.other = Some(other);
    }

    pub(crate) async fn ball(&mut self, hops: u64) {
        self.hits += 1;
        match &self.other {
            Some(other) if hops > 1 => other.ball(hops - 1).tell().await.expect("it runs"),
            _ => self.finish.arrive(),
        }
    }

    pub(crate) fn hits(&self) -> u64 {
        self.hits
    }
}

pub(crate) fn ping_pong(runtime: &Runtime, pairs: u64, balls: u64, hops: u64) {
    in_task(runtime, async move {
        let (finish, finished) = finish(pairs * balls);
        let system = ActorSystem::new();
        let player = || {
            system.spawn(Player {
                other: None,
                hits: 0,
                finish: finish.clone(),
            })
        };
        let mut players = Vec::new();
        for _ in 0..pairs {
            let (one, other) = (player(), player());
            one.meet(other.clone()).tell().await.expect("it runs");
            other.meet(one.clone()).tell().await.expect("it runs");
            players.extend([one, other]);
        }
        for one in players.iter().step_by(2) {
            for _ in 0..balls {
                one.ball(hops).tell().await.expect("it runs");
            }
        }
        finished.await.expect("all balls come to rest");
        assert_eq!(hits(&players).await, pairs * balls * hops);
        system.stop().await.expect("no actor fails");
    });
}

pub(crate) fn ring(runtime: &Runtime, nodes: u64, hops: u64) {
    in_task(runtime, async move {
        let (finish, finished) = finish(1);
        let system = ActorSystem::new();
        let player = |_| {
            system.spawn(Player {
                other: None,
                hits: 0,
                finish: finish.clone(),
            })
        };
        let ring: Vec<_> = (0..nodes).map(player).collect();
        for (node, next) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            node.meet(next.clone()).tell().await.expect("it runs");
        }
        ring[0].ball(hops).tell().await.expect("it runs");
        finished.await.expect("the token comes to rest");
        assert_eq!(hits(&ring).await, hops);
        system.stop().await.expect("no actor fails");
    });
}

async fn hits(players: &[PlayerHandle]) -> u64 {
    let mut hits = 0;
    for player in players {
        hits += player.hits().await.expect("it runs");
    }
    hits
}

pub(crate) fn asks(runtime: &Runtime, tasks: u64, each: u64) {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let counter = system.spawn(Counter::default());
        if tasks == 1 {
            for sum in 1..=each {
                assert_eq!(counter.add(1).await, Ok(sum));
            }
        } else {
            let asking = task_group!(|g| {
                for _ in 0..tasks {
                    let counter = counter.clone();
                    g.spawn(async move {
                        for sum in 1..=each {
                            let now = counter.add(1).await?;
                            assert!(now >= sum);
                        }
                    });
                }
            });
            asking.await.expect("no task fails");
        }
        assert_eq!(counter.get().await, Ok(tasks * each));
        system.stop().await.expect("no actor fails");
    });
}

pub(crate) fn tells(runtime: &Runtime, tasks: u64, each: u64) {
    in_task(runtime, async move {
        let system = ActorSystem::new();
        let counter = system.spawn(Counter::default());
        if tasks == 1 {
            for _ in 0..each {
                counter.add(1).tell().await.expect("it runs");
            }
        } else {
            let telling = task_group!(|g| {
                for _ in 0..tasks {
                    let counter = counter.clone();
                    g.spawn(async move {
                        for _ in 0..each {
                            counter.add(1).tell().await?;
                        }
                    });
                }
            });
            telling.await.expect("no task fails");
        }
        assert_eq!(counter.get().await, Ok(tasks * each));
        system.stop().await.expect("no actor fails");
    });
}

/// Reports that it was told something.
#[actor]
struct Mayfly {
    finish: Finish,
}

#[actor]
impl Mayfly {
    pub(crate) fn rise(&mut self) {
        self.finish.arrive();
    }
}

pub(crate) fn lives(runtime: &Runtime, rounds: u64, at_once: u64) {
    in_task(runtime, async move {
        let (finish, finished) = finish(rounds * at_once);
        let system = ActorSystem::new();
        let mut mayflies = Vec::new();
        for _ in 0..rounds {
            for _ in 0..at_once {
                let finish = finish.clone();
                let mayfly = system.spawn(Mayfly { finish });
                mayfly.rise().tell().await.expect("it runs");
                mayflies.push(mayfly);
            }
            for mayfly in mayflies.drain(..) {
                mayfly.stop().await;
            }
        }
        finished.await.expect("all were told");
        system.stop().await.expect("no actor fails");
    });
}
