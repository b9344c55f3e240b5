//! Sieve of Eratosthenes: a chain of actors, each with some of the primes.

use nimsync_benches::add_actors;

use crate::Run;

/// How many primes an actor has.
const PRIMES: usize = 1_000;

pub(crate) fn case(run: &Run<'_>) {
    let (limit, primes) = if run.is_quick() {
        (10_000, 1_229)
    } else {
        (100_000, 9_592)
    };
    let all = run.all;
    let mut case = run.timed("sieve, a number", limit / 2);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        sieve(limit, primes)
    );
    case.run();
}

fn is_prime(candidate: u64, primes: &[u64]) -> bool {
    primes.iter().all(|&prime| !candidate.is_multiple_of(prime))
}

#[cfg(feature = "nimsync")]
mod ours {
    use std::sync::{Arc, Weak};

    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Report, report};
    use nimsync_benches::ours::in_task;

    use super::{PRIMES, is_prime};

    #[actor]
    struct Filter {
        system: Weak<ActorSystem>,
        primes: Vec<u64>,
        /// How many those before it have.
        before: u64,
        next: Option<FilterHandle>,
        report: Option<Report<u64>>,
    }

    #[actor]
    impl Filter {
        pub(crate) async fn candidate(&mut self, number: u64) {
            if !is_prime(number, &self.primes) {
                return;
            }
            if let Some(next) = &self.next {
                next.candidate(number).tell().await.expect("it runs");
            } else if self.primes.len() < PRIMES {
                self.primes.push(number);
            } else {
                let system = self.system.upgrade().expect("it runs");
                self.next = Some(system.spawn(Filter {
                    system: self.system.clone(),
                    primes: vec![number],
                    before: self.before + PRIMES as u64,
                    next: None,
                    report: self.report.take(),
                }));
            }
        }

        pub(crate) async fn end(&mut self, cx: &mut Cx<Self>) {
            match (&self.next, &mut self.report) {
                (Some(next), _) => next.end().tell().await.expect("it runs"),
                (None, Some(report)) => report.send(self.before + self.primes.len() as u64),
                (None, None) => unreachable!("the last has the report"),
            }
            cx.stop();
        }
    }

    pub(crate) fn sieve(runtime: &Runtime, limit: u64, primes: u64) {
        in_task(runtime, async move {
            let (report, found) = report();
            let system = Arc::new(ActorSystem::new());
            let first = system.spawn(Filter {
                system: Arc::downgrade(&system),
                primes: vec![2],
                before: 0,
                next: None,
                report: Some(report),
            });
            for number in (3..limit).step_by(2) {
                first.candidate(number).tell().await.expect("it runs");
            }
            first.end().tell().await.expect("it runs");
            assert_eq!(found.await, Ok(primes));
            let system = Arc::into_inner(system).expect("nobody else holds it");
            system.join().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Library, Report, report};

    use super::{PRIMES, is_prime};

    struct Filter<L: Library> {
        primes: Vec<u64>,
        /// How many those before it have.
        before: u64,
        next: Option<L::Address<Filter<L>>>,
        report: Option<Report<u64>>,
        done: bool,
    }

    enum ToFilter {
        Candidate(u64),
        End,
    }

    impl<L: Library> Filter<L> {
        async fn candidate(&mut self, number: u64) {
            if !is_prime(number, &self.primes) {
                return;
            }
            if let Some(next) = &self.next {
                L::tell(next, ToFilter::Candidate(number)).await;
            } else if self.primes.len() < PRIMES {
                self.primes.push(number);
            } else {
                let next = Filter::<L> {
                    primes: vec![number],
                    before: self.before + PRIMES as u64,
                    next: None,
                    report: self.report.take(),
                    done: false,
                };
                self.next = Some(L::spawn(next.before / PRIMES as u64, next).await);
            }
        }
    }

    impl<L: Library> Behavior<L> for Filter<L> {
        type Message = ToFilter;
        type Reply = ();

        async fn handle(&mut self, message: ToFilter) {
            match message {
                ToFilter::Candidate(number) => self.candidate(number).await,
                ToFilter::End => {
                    self.done = true;
                    match (&self.next, &mut self.report) {
                        (Some(next), _) => L::tell(next, ToFilter::End).await,
                        (None, Some(report)) => {
                            report.send(self.before + self.primes.len() as u64);
                        }
                        (None, None) => unreachable!("the last has the report"),
                    }
                }
            }
        }

        fn is_done(&self) -> bool {
            self.done
        }
    }

    pub(crate) fn sieve<L: Library>(library: &L, limit: u64, primes: u64) {
        let found = library.run(async move {
            let (report, found) = report();
            let first = Filter::<L> {
                primes: vec![2],
                before: 0,
                next: None,
                report: Some(report),
                done: false,
            };
            let first = L::spawn(0, first).await;
            for number in (3..limit).step_by(2) {
                L::tell(&first, ToFilter::Candidate(number)).await;
            }
            L::tell(&first, ToFilter::End).await;
            found.await
        });
        assert_eq!(found, Ok(primes));
    }
}
