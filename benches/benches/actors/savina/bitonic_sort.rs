//! Bitonic sort: numbers flow through a network of actors that compare two.
//!
//! Actors of the suite's that only pass on are left out. 1,024 numbers and
//! not its 4,096: that takes 200,000 actors, and gigabytes in some libraries.

use std::collections::VecDeque;

use nimsync_benches::actors::Report;
use nimsync_benches::add_actors;

use super::Random;
use crate::Run;

pub(crate) fn case(run: &Run<'_>) {
    let (all, numbers) = (run.all, if run.is_quick() { 128 } else { 1_024 });
    let mut case = run.timed("bitonic sort, a number", numbers as u64);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        sort(numbers)
    );
    case.run();
}

fn numbers(count: usize) -> Vec<u64> {
    let mut random = Random::new(2_048);
    (0..count).map(|_| random.below(1 << 40)).collect()
}

/// A number, and which of a joiner's inputs it comes from.
type Item = (usize, u64);

/// What an actor of the network does.
enum Role {
    /// Gives each of its outputs `run` numbers, in turn.
    Split { run: usize, given: usize },
    /// Takes `run` numbers of each of its inputs, in turn.
    Join {
        run: usize,
        taken: usize,
        inputs: Vec<VecDeque<u64>>,
    },
    /// Orders two numbers.
    Compare {
        input: usize,
        up: bool,
        first: Option<u64>,
    },
    /// Says which input of the next one it is.
    Mark { input: usize },
    /// Checks the order, and reports the sum.
    Check {
        left: usize,
        last: u64,
        sum: u64,
        report: Option<Report<u64>>,
    },
}

impl Role {
    /// Takes a number; `out` is told which output gets which.
    fn step(&mut self, (from, number): Item, out: &mut Vec<(usize, Item)>, outputs: usize) {
        match self {
            Role::Split { run, given } => {
                out.push((*given / *run, (0, number)));
                *given = (*given + 1) % (*run * outputs);
            }
            Role::Join { run, taken, inputs } => {
                inputs[from].push_back(number);
                while let Some(number) = inputs[*taken / *run].pop_front() {
                    out.push((0, (0, number)));
                    *taken = (*taken + 1) % (*run * inputs.len());
                }
            }
            Role::Compare { input, up, first } => match first.take() {
                None => *first = Some(number),
                Some(first) => {
                    let (low, high) = (first.min(number), first.max(number));
                    let pair = if *up { [low, high] } else { [high, low] };
                    out.extend(pair.map(|number| (0, (*input, number))));
                }
            },
            Role::Mark { input } => out.push((0, (*input, number))),
            Role::Check {
                left,
                last,
                sum,
                report,
            } => {
                assert!(*last <= number, "they are in order");
                *last = number;
                *sum += number;
                *left -= 1;
                if *left == 0 {
                    report.as_mut().expect("it was given one").send(*sum);
                }
            }
        }
    }
}

/// The network: each role, and which of those before it are its outputs.
struct Plan(Vec<(Role, Vec<usize>)>);

impl Plan {
    /// The first is the check, the last the entry.
    fn new(count: usize, report: Report<u64>) -> Plan {
        let mut plan = Plan(Vec::new());
        let check = Role::Check {
            left: count,
            last: 0,
            sum: 0,
            report: Some(report),
        };
        let mut next = plan.add(check, vec![]);
        for parts in halves(count / 2, 1) {
            next = plan.step(count / parts, parts, |_| true, next);
        }
        for sorted in halves(count / 2, 2) {
            for parts in halves(sorted / 2, 1) {
                let up = |part| (part / parts) % 2 == 0;
                next = plan.step(sorted / parts, count / sorted * parts, up, next);
            }
        }
        plan
    }

    fn add(&mut self, role: Role, outputs: Vec<usize>) -> usize {
        self.0.push((role, outputs));
        self.0.len() - 1
    }

    /// Adds a step of a merge: `parts` sequences of a length, each partitioned.
    fn step(
        &mut self,
        length: usize,
        parts: usize,
        up: impl Fn(usize) -> bool,
        next: usize,
    ) -> usize {
        let join = self.join(length, parts, next);
        let workers = (0..parts).map(|part| self.partition(part, length, up(part), join));
        let workers = workers.collect();
        self.split(length, workers)
    }

    /// Adds what partitions a sequence into low numbers and high ones.
    fn partition(&mut self, input: usize, length: usize, up: bool, next: usize) -> usize {
        if length == 2 {
            return self.compare(input, up, next);
        }
        let mark = self.add(Role::Mark { input }, vec![next]);
        let join = self.join(1, length / 2, mark);
        let pairs = (0..length / 2).map(|pair| self.compare(pair, up, join));
        let pairs = pairs.collect();
        self.split(1, pairs)
    }

    fn compare(&mut self, input: usize, up: bool, next: usize) -> usize {
        let first = None;
        self.add(Role::Compare { input, up, first }, vec![next])
    }

    fn join(&mut self, run: usize, inputs: usize, next: usize) -> usize {
        let inputs = (0..inputs).map(|_| VecDeque::new()).collect();
        let taken = 0;
        self.add(Role::Join { run, taken, inputs }, vec![next])
    }

    fn split(&mut self, run: usize, outputs: Vec<usize>) -> usize {
        self.add(Role::Split { run, given: 0 }, outputs)
    }
}

/// Counts down by halves, from a power of two to another.
fn halves(from: usize, to: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(from), |n| Some(n / 2)).take_while(move |&n| n >= to)
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::report;
    use nimsync_benches::ours::in_task;

    use super::{Item, Plan, Role, numbers};

    #[actor(mailbox = 16)]
    struct Node {
        role: Role,
        outputs: Vec<NodeHandle>,
        out: Vec<(usize, Item)>,
    }

    #[actor]
    impl Node {
        pub(crate) async fn number(&mut self, item: Item) {
            self.role.step(item, &mut self.out, self.outputs.len());
            for (output, item) in self.out.drain(..) {
                let told = self.outputs[output].number(item).tell().await;
                told.expect("it runs");
            }
        }
    }

    pub(crate) fn sort(runtime: &Runtime, count: usize) {
        in_task(runtime, async move {
            let (report, sum) = report();
            let system = ActorSystem::new();
            let mut nodes: Vec<NodeHandle> = Vec::new();
            for (role, outputs) in Plan::new(count, report).0 {
                nodes.push(system.spawn(Node {
                    role,
                    outputs: outputs.into_iter().map(|i| nodes[i].clone()).collect(),
                    out: Vec::new(),
                }));
            }
            let entry = nodes.last().expect("there is one");
            let numbers = numbers(count);
            for &number in &numbers {
                entry.number((0, number)).tell().await.expect("it runs");
            }
            assert_eq!(sum.await, Ok(numbers.iter().sum()));
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Library, report};

    use super::{Item, Plan, Role, numbers};

    struct Node<L: Library> {
        role: Role,
        outputs: Vec<L::Address<Node<L>>>,
        out: Vec<(usize, Item)>,
    }

    impl<L: Library> Behavior<L> for Node<L> {
        const MAILBOX: usize = 16;
        type Message = Item;
        type Reply = ();

        async fn handle(&mut self, item: Item) {
            self.role.step(item, &mut self.out, self.outputs.len());
            for (output, item) in self.out.drain(..) {
                L::tell(&self.outputs[output], item).await;
            }
        }
    }

    pub(crate) fn sort<L: Library>(library: &L, count: usize) {
        let (sum, expected) = library.run(async move {
            let (report, sum) = report();
            let mut nodes: Vec<L::Address<Node<L>>> = Vec::new();
            for (near, (role, outputs)) in Plan::new(count, report).0.into_iter().enumerate() {
                let node = Node {
                    role,
                    outputs: outputs.into_iter().map(|i| nodes[i].clone()).collect(),
                    out: Vec::new(),
                };
                nodes.push(L::spawn(near as u64, node).await);
            }
            let entry = nodes.last().expect("there is one");
            let numbers = numbers(count);
            for &number in &numbers {
                L::tell(entry, (0, number)).await;
            }
            let sum = sum.await;
            for node in nodes.into_iter().rev() {
                L::stop(node).await;
            }
            (sum, numbers.iter().sum())
        });
        assert_eq!(sum, Ok(expected));
    }
}
