//! Cigarette smokers: an arbiter lets one of many smoke at a time.

use nimsync_benches::add_actors;

use crate::Run;

const SMOKERS: u64 = 200;

pub(crate) fn case(run: &Run<'_>) {
    let (all, rounds) = (run.all, run.size(1_000));
    let mut case = run.timed("cigarette smokers, a round", rounds);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        smoke(rounds)
    );
    case.run();
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Report, report};
    use nimsync_benches::ours::in_task;

    use super::super::Random;
    use super::SMOKERS;

    #[actor]
    struct Arbiter {
        smokers: Vec<SmokerHandle>,
        random: Random,
        left: u64,
        report: Report<()>,
    }

    #[actor]
    impl Arbiter {
        pub(crate) async fn meet(&mut self, smoker: SmokerHandle) {
            self.smokers.push(smoker);
        }

        pub(crate) async fn next(&mut self) {
            if self.left == 0 {
                return self.report.send(());
            }
            self.left -= 1;
            let smoker = &self.smokers[self.random.below(SMOKERS) as usize];
            smoker.smoke(1_000).tell().await.expect("it runs");
        }
    }

    #[actor]
    struct Smoker {
        arbiter: ArbiterHandle,
        random: Random,
        smoked: u64,
    }

    #[actor]
    impl Smoker {
        pub(crate) async fn smoke(&mut self, at_most: u64) {
            self.arbiter.next().tell().await.expect("it runs");
            self.random.busy_wait(at_most);
            self.smoked += 1;
        }

        pub(crate) fn smoked(&self) -> u64 {
            self.smoked
        }
    }

    pub(crate) fn smoke(runtime: &Runtime, rounds: u64) {
        in_task(runtime, async move {
            let (report, reported) = report();
            let system = ActorSystem::new();
            let arbiter = system.spawn(Arbiter {
                smokers: Vec::new(),
                random: Random::new(rounds),
                left: rounds,
                report,
            });
            let mut smokers = Vec::new();
            for number in 0..SMOKERS {
                let smoker = system.spawn(Smoker {
                    arbiter: arbiter.clone(),
                    random: Random::new(number),
                    smoked: 0,
                });
                arbiter.meet(smoker.clone()).tell().await.expect("it runs");
                smokers.push(smoker);
            }
            arbiter.next().tell().await.expect("it runs");
            reported.await.expect("it ends");
            let mut smoked = 0;
            for smoker in &smokers {
                smoked += smoker.smoked().await.expect("it runs");
            }
            assert_eq!(smoked, rounds);
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Library, Report, report};

    use super::super::Random;
    use super::SMOKERS;

    struct Arbiter<L: Library> {
        smokers: Vec<L::Address<Smoker<L>>>,
        random: Random,
        left: u64,
        report: Report<()>,
    }

    enum ToArbiter<L: Library> {
        Meet(L::Address<Smoker<L>>),
        Next,
    }

    impl<L: Library> Behavior<L> for Arbiter<L> {
        type Message = ToArbiter<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToArbiter<L>) {
            match message {
                ToArbiter::Meet(smoker) => self.smokers.push(smoker),
                ToArbiter::Next => {
                    if self.left == 0 {
                        return self.report.send(());
                    }
                    self.left -= 1;
                    let smoker = &self.smokers[self.random.below(SMOKERS) as usize];
                    L::tell(smoker, ToSmoker::Smoke(1_000)).await;
                }
            }
        }
    }

    struct Smoker<L: Library> {
        arbiter: L::Address<Arbiter<L>>,
        random: Random,
        smoked: u64,
    }

    enum ToSmoker {
        Smoke(u64),
        Smoked,
    }

    impl<L: Library> Behavior<L> for Smoker<L> {
        type Message = ToSmoker;
        type Reply = u64;

        async fn handle(&mut self, message: ToSmoker) -> u64 {
            if let ToSmoker::Smoke(at_most) = message {
                L::tell(&self.arbiter, ToArbiter::Next).await;
                self.random.busy_wait(at_most);
                self.smoked += 1;
            }
            self.smoked
        }
    }

    pub(crate) fn smoke<L: Library>(library: &L, rounds: u64) {
        let smoked = library.run(async move {
            let (report, reported) = report();
            let arbiter = Arbiter::<L> {
                smokers: Vec::new(),
                random: Random::new(rounds),
                left: rounds,
                report,
            };
            let arbiter = L::spawn(0, arbiter).await;
            let mut smokers = Vec::new();
            for number in 0..SMOKERS {
                let smoker = Smoker::<L> {
                    arbiter: arbiter.clone(),
                    random: Random::new(number),
                    smoked: 0,
                };
                let smoker = L::spawn(number, smoker).await;
                L::tell(&arbiter, ToArbiter::Meet(smoker.clone())).await;
                smokers.push(smoker);
            }
            L::tell(&arbiter, ToArbiter::Next).await;
            reported.await.expect("it ends");
            let mut smoked = 0;
            for smoker in smokers {
                smoked += L::ask(&smoker, ToSmoker::Smoked).await;
                L::stop(smoker).await;
            }
            L::stop(arbiter).await;
            smoked
        });
        assert_eq!(smoked, rounds);
    }
}
