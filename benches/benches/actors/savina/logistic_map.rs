//! Logistic map: series whose terms are computed by other actors, who are asked.

use nimsync_benches::add_actors;

use crate::Run;

const SERIES: u64 = 10;
const START: f64 = 0.1;

pub(crate) fn case(run: &Run<'_>) {
    let (all, terms) = (run.all, run.size(25_000));
    let mut case = run.timed("logistic map, a term", SERIES * terms);
    add_actors!(case.time, all, [by_hand, kameo, ractor], series(terms));
    case.run();
}

fn rate(series: u64) -> f64 {
    3.46 + series as f64 * 0.0025
}

fn next(rate: f64, term: f64) -> f64 {
    rate * term * (1.0 - term)
}

/// What all series come to.
fn expected(terms: u64) -> f64 {
    let last = |series| (0..terms).fold(START, |term, _| next(rate(series), term));
    (0..SERIES).map(last).sum()
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::ours::in_task;

    use super::{SERIES, START, expected, next, rate};

    #[actor]
    struct Computer {
        rate: f64,
    }

    #[actor]
    impl Computer {
        pub(crate) fn compute(&mut self, term: f64) -> f64 {
            next(self.rate, term)
        }
    }

    #[actor]
    struct Series {
        computer: ComputerHandle,
        term: f64,
    }

    #[actor]
    impl Series {
        pub(crate) async fn next(&mut self) {
            self.term = self.computer.compute(self.term).await.expect("it runs");
        }

        pub(crate) fn term(&self) -> f64 {
            self.term
        }
    }

    pub(crate) fn series(runtime: &Runtime, terms: u64) {
        in_task(runtime, async move {
            let system = ActorSystem::new();
            let start = |number| {
                let rate = rate(number);
                let computer = system.spawn(Computer { rate });
                let term = START;
                system.spawn(Series { computer, term })
            };
            let all: Vec<_> = (0..SERIES).map(start).collect();
            for _ in 0..terms {
                for series in &all {
                    series.next().tell().await.expect("it runs");
                }
            }
            let mut sum = 0.0;
            for series in &all {
                sum += series.term().await.expect("it runs");
            }
            assert_eq!(sum, expected(terms));
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Library};

    use super::{SERIES, START, expected, next, rate};

    struct Computer {
        rate: f64,
    }

    impl<L: Library> Behavior<L> for Computer {
        type Message = f64;
        type Reply = f64;

        async fn handle(&mut self, term: f64) -> f64 {
            next(self.rate, term)
        }
    }

    struct Series<L: Library> {
        computer: L::Address<Computer>,
        term: f64,
    }

    enum ToSeries {
        Next,
        Term,
    }

    impl<L: Library> Behavior<L> for Series<L> {
        type Message = ToSeries;
        type Reply = f64;

        async fn handle(&mut self, message: ToSeries) -> f64 {
            if let ToSeries::Next = message {
                self.term = L::ask(&self.computer, self.term).await;
            }
            self.term
        }
    }

    pub(crate) fn series<L: Library>(library: &L, terms: u64) {
        let sum = library.run(async move {
            let mut all = Vec::new();
            for number in 0..SERIES {
                let rate = rate(number);
                let computer: L::Address<Computer> = L::spawn(number, Computer { rate }).await;
                let series = Series::<L> {
                    computer: computer.clone(),
                    term: START,
                };
                all.push((L::spawn(number, series).await, computer));
            }
            for _ in 0..terms {
                for (series, _) in &all {
                    L::tell(series, ToSeries::Next).await;
                }
            }
            let mut sum = 0.0;
            for (series, computer) in all {
                sum += L::ask(&series, ToSeries::Term).await;
                L::stop(series).await;
                L::stop(computer).await;
            }
            sum
        });
        assert_eq!(sum, expected(terms));
    }
}
