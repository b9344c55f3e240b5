//! Random trees of supervisors, in which random actors are killed.

use nimsync::actor::{Lifetime, Strategy, Supervisor};
use nimsync::prelude::*;
use proptest::prelude::*;
use proptest::strategy::Strategy as _;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

/// A declared tree.
#[derive(Clone, Debug)]
enum Tree {
    Leaf,
    Node(Strategy, Vec<Tree>),
}

fn strategies() -> impl proptest::strategy::Strategy<Value = Strategy> {
    prop_oneof![
        Just(Strategy::OneForOne),
        Just(Strategy::OneForAll),
        Just(Strategy::RestForOne),
    ]
}

fn trees() -> impl proptest::strategy::Strategy<Value = Tree> {
    let node = |below: BoxedStrategy<Tree>| {
        (strategies(), prop::collection::vec(below, 1..5))
            .prop_map(|(strategy, below)| Tree::Node(strategy, below))
    };
    let below = Just(Tree::Leaf).prop_recursive(3, 20, 4, move |below| node(below).boxed());
    node(below.boxed())
}

#[actor]
struct Leaf;

#[actor]
impl Leaf {
    pub fn nothing(&mut self) {}
}

/// A leaf as the test sees it.
struct Known {
    handle: LeafHandle,
    /// How often it was made.
    made: Arc<AtomicU32>,
}

/// The order in which leaves were made.
type Order = Arc<Mutex<Vec<usize>>>;

fn declare<'a>(
    strategy: Strategy,
    below: &[Tree],
    system: &'a ActorSystem,
    known: &mut Vec<Known>,
    order: &Order,
) -> Supervisor<'a> {
    let mut supervisor = system.supervisor(strategy).restarts(100, 1.minutes());
    for each in below {
        match each {
            Tree::Leaf => {
                let made = Arc::new(AtomicU32::new(0));
                let (count, order, number) = (made.clone(), order.clone(), known.len());
                let handle = supervisor.child(Lifetime::Permanent, move || {
                    count.fetch_add(1, Relaxed);
                    order.lock().unwrap().push(number);
                    async { Ok(Leaf) }
                });
                known.push(Known { handle, made });
            }
            Tree::Node(strategy, below) => {
                let nested = declare(*strategy, below, system, known, order);
                supervisor.supervise(Lifetime::Permanent, nested);
            }
        }
    }
    supervisor
}

/// Counts the leaves, which are numbered in the order of declaration.
fn leaves(tree: &Tree) -> usize {
    match tree {
        Tree::Leaf => 1,
        Tree::Node(_, below) => below.iter().map(leaves).sum(),
    }
}

/// Which leaves are restarted when the leaf `killed` of `tree` is, the first of
/// the tree's being number `first`; none if it is not in the tree.
fn restarted(tree: &Tree, first: usize, killed: usize) -> Option<std::ops::Range<usize>> {
    let Tree::Node(strategy, below) = tree else {
        return None;
    };
    let end = first + leaves(tree);
    let mut at = first;
    for each in below {
        let next = at + leaves(each);
        if (at..next).contains(&killed) {
            return match each {
                Tree::Node(..) => restarted(each, at, killed),
                Tree::Leaf => Some(match strategy {
                    Strategy::OneForOne => at..next,
                    Strategy::OneForAll => first..end,
                    Strategy::RestForOne => at..end,
                }),
            };
        }
        at = next;
    }
    None
}

fn check(tree: &Tree, kills: &[usize]) {
    let Tree::Node(strategy, below) = tree else {
        return;
    };
    let runtime = nimsync::Runtime::builder().workers(1).build().unwrap();
    runtime.block_on(async {
        let system = ActorSystem::new();
        let (mut known, order) = (Vec::new(), Order::default());
        let supervisor = declare(*strategy, below, &system, &mut known, &order);
        supervisor.start().await.unwrap();
        let mut expected = vec![1; known.len()];
        let take = || std::mem::take(&mut *order.lock().unwrap());
        assert_eq!(take(), (0..known.len()).collect::<Vec<_>>());
        for kill in kills {
            let kill = kill % known.len();
            let affected = restarted(tree, 0, kill).unwrap();
            affected.clone().for_each(|leaf| expected[leaf] += 1);
            drop(known[kill].handle.kill());
            for _ in 0..100_000 {
                if made_so_far(&known) == expected {
                    break;
                }
                nimsync::yield_now().await;
            }
            for leaf in &known {
                leaf.handle.nothing().await.unwrap();
            }
            assert_eq!(made_so_far(&known), expected, "exactly those");
            assert_eq!(take(), affected.collect::<Vec<_>>(), "in their order");
        }
        system.stop().await.unwrap();
        assert!(known.iter().all(|leaf| !leaf.handle.is_alive()));
    });
}

fn made_so_far(known: &[Known]) -> Vec<u32> {
    known.iter().map(|leaf| leaf.made.load(Relaxed)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn exactly_the_predicted_part_is_restarted(
        tree in trees(),
        kills in prop::collection::vec(0..1000usize, 1..6),
    ) {
        check(&tree, &kills);
    }
}
