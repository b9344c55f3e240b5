//! Big: each of many actors pings others at random, one at a time.

use nimsync_benches::add_actors;

use crate::Run;

const ACTORS: u64 = 120;

pub(crate) fn case(run: &Run<'_>) {
    let (all, pings) = (run.all, run.size(20_000));
    let mut case = run.timed("big, a ping and its pong", ACTORS * pings);
    add_actors!(case.time, all, [by_hand, kameo, ractor, actix], big(pings));
    case.run();
}

#[cfg(feature = "nimsync")]
mod ours {
    use std::sync::Arc;

    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Finish, finish};
    use nimsync_benches::ours::in_task;

    use super::super::Random;
    use super::ACTORS;

    #[actor(mailbox = 256)]
    struct Big {
        number: u64,
        left: u64,
        pinged: u64,
        expected: u64,
        all: Arc<[BigHandle]>,
        random: Random,
        finish: Finish,
    }

    #[actor]
    impl Big {
        pub(crate) async fn meet(&mut self, all: Arc<[BigHandle]>) {
            self.all = all;
        }

        pub(crate) async fn start(&mut self) {
            if self.left == 0 {
                return self.finish.arrive();
            }
            self.left -= 1;
            self.expected = self.random.below(ACTORS);
            let other = &self.all[self.expected as usize];
            other.ping(self.number).tell().await.expect("it runs");
        }

        pub(crate) async fn ping(&mut self, from: u64) {
            self.pinged += 1;
            let other = &self.all[from as usize];
            other.pong(self.number).tell().await.expect("it runs");
        }

        pub(crate) async fn pong(&mut self, from: u64) {
            assert_eq!(from, self.expected);
            self.start().await;
        }

        pub(crate) fn pinged(&self) -> u64 {
            self.pinged
        }
    }

    pub(crate) fn big(runtime: &Runtime, pings: u64) {
        in_task(runtime, async move {
            let (finish, finished) = finish(ACTORS);
            let system = ActorSystem::new();
            let big = |number| {
                system.spawn(Big {
                    number,
                    left: pings,
                    pinged: 0,
                    expected: 0,
                    all: Arc::new([]),
                    random: Random::new(number),
                    finish: finish.clone(),
                })
            };
            let all: Arc<[BigHandle]> = (0..ACTORS).map(big).collect();
            for big in &*all {
                big.meet(all.clone()).tell().await.expect("it runs");
            }
            for big in &*all {
                big.start().tell().await.expect("it runs");
            }
            finished.await.expect("all finish");
            let mut pinged = 0;
            for big in &*all {
                pinged += big.pinged().await.expect("it runs");
            }
            assert_eq!(pinged, ACTORS * pings);
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use std::sync::Arc;

    use nimsync_benches::actors::{Behavior, Finish, Library, finish};

    use super::super::Random;
    use super::ACTORS;

    struct Big<L: Library> {
        number: u64,
        left: u64,
        pinged: u64,
        expected: u64,
        all: Arc<[L::Address<Big<L>>]>,
        random: Random,
        finish: Finish,
    }

    enum ToBig<L: Library> {
        Meet(Arc<[L::Address<Big<L>>]>),
        Start,
        Ping(u64),
        Pong(u64),
        Pinged,
    }

    impl<L: Library> Big<L> {
        async fn next(&mut self) {
            if self.left == 0 {
                return self.finish.arrive();
            }
            self.left -= 1;
            self.expected = self.random.below(ACTORS);
            let other = &self.all[self.expected as usize];
            L::tell(other, ToBig::Ping(self.number)).await;
        }
    }

    impl<L: Library> Behavior<L> for Big<L> {
        const MAILBOX: usize = 256;
        type Message = ToBig<L>;
        type Reply = u64;

        async fn handle(&mut self, message: ToBig<L>) -> u64 {
            match message {
                ToBig::Meet(all) => self.all = all,
                ToBig::Start => self.next().await,
                ToBig::Ping(from) => {
                    self.pinged += 1;
                    let other = &self.all[from as usize];
                    L::tell(other, ToBig::Pong(self.number)).await;
                }
                ToBig::Pong(from) => {
                    assert_eq!(from, self.expected);
                    self.next().await;
                }
                ToBig::Pinged => {}
            }
            self.pinged
        }
    }

    pub(crate) fn big<L: Library>(library: &L, pings: u64) {
        let pinged = library.run(async move {
            let (finish, finished) = finish(ACTORS);
            let mut all = Vec::new();
            for number in 0..ACTORS {
                let big = Big::<L> {
                    number,
                    left: pings,
                    pinged: 0,
                    expected: 0,
                    all: Arc::new([]),
                    random: Random::new(number),
                    finish: finish.clone(),
                };
                all.push(L::spawn(number, big).await);
            }
            let all: Arc<[_]> = all.into();
            for big in &*all {
                L::tell(big, ToBig::Meet(all.clone())).await;
            }
            for big in &*all {
                L::tell(big, ToBig::Start).await;
            }
            finished.await.expect("all finish");
            let mut pinged = 0;
            for big in &*all {
                pinged += L::ask(big, ToBig::Pinged).await;
            }
            for big in &*all {
                L::stop(big.clone()).await;
            }
            pinged
        });
        assert_eq!(pinged, ACTORS * pings);
    }
}
