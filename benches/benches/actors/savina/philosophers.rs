//! Dining philosophers, who ask an arbiter for their forks until they get them.
//!
//! How often one is refused depends on the order in which actors run.

use nimsync_benches::add_actors;

use crate::Run;

const PHILOSOPHERS: u64 = 20;

pub(crate) fn case(run: &Run<'_>) {
    let (all, meals) = (run.all, run.size(10_000));
    let mut case = run.timed("dining philosophers, a meal", PHILOSOPHERS * meals);
    add_actors!(case.time, all, [by_hand, kameo, ractor, actix], dine(meals));
    case.run();
}

/// The forks that are in use.
struct Forks([bool; PHILOSOPHERS as usize]);

impl Forks {
    fn of(number: u64) -> [usize; 2] {
        [number, (number + 1) % PHILOSOPHERS].map(|fork| fork as usize)
    }

    fn take(&mut self, number: u64) -> bool {
        let forks = Forks::of(number);
        if forks.iter().any(|&fork| self.0[fork]) {
            return false;
        }
        self.set(number, true);
        true
    }

    fn set(&mut self, number: u64, used: bool) {
        for fork in Forks::of(number) {
            self.0[fork] = used;
        }
    }
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Finish, finish};
    use nimsync_benches::ours::in_task;

    use super::{Forks, PHILOSOPHERS};

    #[actor]
    struct Arbiter {
        forks: Forks,
        meals: u64,
    }

    #[actor]
    impl Arbiter {
        pub(crate) async fn hungry(&mut self, number: u64, who: PhilosopherHandle) {
            if self.forks.take(number) {
                who.eat().tell().await.expect("it runs");
            } else {
                who.denied().tell().await.expect("it runs");
            }
        }

        pub(crate) fn done(&mut self, number: u64) {
            self.forks.set(number, false);
            self.meals += 1;
        }

        pub(crate) fn meals(&self) -> u64 {
            self.meals
        }
    }

    #[actor]
    struct Philosopher {
        arbiter: ArbiterHandle,
        number: u64,
        left: u64,
        finish: Finish,
    }

    #[actor]
    impl Philosopher {
        pub(crate) async fn denied(&mut self, cx: &mut Cx<Self>) {
            let hungry = self.arbiter.hungry(self.number, cx.handle());
            hungry.tell().await.expect("it runs");
        }

        pub(crate) async fn eat(&mut self, cx: &mut Cx<Self>) {
            let done = self.arbiter.done(self.number);
            done.tell().await.expect("it runs");
            self.left -= 1;
            if self.left == 0 {
                return self.finish.arrive();
            }
            self.denied(cx).await;
        }
    }

    pub(crate) fn dine(runtime: &Runtime, meals: u64) {
        in_task(runtime, async move {
            let (finish, finished) = finish(PHILOSOPHERS);
            let system = ActorSystem::new();
            let arbiter = system.spawn(Arbiter {
                forks: Forks([false; PHILOSOPHERS as usize]),
                meals: 0,
            });
            // Without a handle somewhere a philosopher would end.
            let mut philosophers = Vec::new();
            for number in 0..PHILOSOPHERS {
                let philosopher = system.spawn(Philosopher {
                    arbiter: arbiter.clone(),
                    number,
                    left: meals,
                    finish: finish.clone(),
                });
                philosopher.denied().tell().await.expect("it runs");
                philosophers.push(philosopher);
            }
            finished.await.expect("all have eaten");
            assert_eq!(arbiter.meals().await, Ok(PHILOSOPHERS * meals));
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Finish, Library, finish};

    use super::{Forks, PHILOSOPHERS};

    struct Arbiter {
        forks: Forks,
        meals: u64,
    }

    enum ToArbiter<L: Library> {
        Hungry(u64, L::Address<Philosopher<L>>),
        Done(u64),
        Meals,
    }

    impl<L: Library> Behavior<L> for Arbiter {
        type Message = ToArbiter<L>;
        type Reply = u64;

        async fn handle(&mut self, message: ToArbiter<L>) -> u64 {
            match message {
                ToArbiter::Hungry(number, who) => {
                    if self.forks.take(number) {
                        L::tell(&who, ToPhilosopher::Eat).await;
                    } else {
                        L::tell(&who, ToPhilosopher::Denied).await;
                    }
                }
                ToArbiter::Done(number) => {
                    self.forks.set(number, false);
                    self.meals += 1;
                }
                ToArbiter::Meals => {}
            }
            self.meals
        }
    }

    struct Philosopher<L: Library> {
        arbiter: L::Address<Arbiter>,
        me: Option<L::Address<Philosopher<L>>>,
        number: u64,
        left: u64,
        finish: Finish,
    }

    enum ToPhilosopher<L: Library> {
        Start(L::Address<Philosopher<L>>),
        Denied,
        Eat,
    }

    impl<L: Library> Behavior<L> for Philosopher<L> {
        type Message = ToPhilosopher<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToPhilosopher<L>) {
            match message {
                ToPhilosopher::Start(me) => self.me = Some(me),
                ToPhilosopher::Denied => {}
                ToPhilosopher::Eat => {
                    L::tell(&self.arbiter, ToArbiter::Done(self.number)).await;
                    self.left -= 1;
                    if self.left == 0 {
                        return self.finish.arrive();
                    }
                }
            }
            let me = self.me.clone().expect("it was started");
            L::tell(&self.arbiter, ToArbiter::Hungry(self.number, me)).await;
        }

        fn is_done(&self) -> bool {
            self.left == 0
        }
    }

    pub(crate) fn dine<L: Library>(library: &L, meals: u64) {
        let eaten = library.run(async move {
            let (finish, finished) = finish(PHILOSOPHERS);
            let arbiter = Arbiter {
                forks: Forks([false; PHILOSOPHERS as usize]),
                meals: 0,
            };
            let arbiter: L::Address<Arbiter> = L::spawn(0, arbiter).await;
            for number in 0..PHILOSOPHERS {
                let philosopher = Philosopher::<L> {
                    arbiter: arbiter.clone(),
                    me: None,
                    number,
                    left: meals,
                    finish: finish.clone(),
                };
                let philosopher = L::spawn(number, philosopher).await;
                L::tell(&philosopher, ToPhilosopher::Start(philosopher.clone())).await;
            }
            finished.await.expect("all have eaten");
            let eaten = L::ask(&arbiter, ToArbiter::Meals).await;
            L::stop(arbiter).await;
            eaten
        });
        assert_eq!(eaten, PHILOSOPHERS * meals);
    }
}
