//! Random trees of supervisors, in which random actors fail.

mod model;

use self::model::{Event, Model, Tree, trees};
use nimsync::actor::{Lifetime, Strategy, Supervised, Supervisor};
use nimsync::prelude::*;
use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

#[actor]
struct Leaf;

#[actor]
impl Leaf {
    pub fn nothing(&mut self) {}

    pub fn fail(&mut self) -> Result<(), &'static str> {
        Err("as told")
    }

    pub fn leave(&mut self, cx: &mut Cx<Self>) {
        cx.stop();
    }
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
    most: usize,
    below: &[Tree],
    system: &'a ActorSystem,
    known: &mut Vec<Known>,
    order: &Order,
) -> Supervisor<'a> {
    let mut supervisor = system.supervisor(strategy).restarts(most, 60.minutes());
    for each in below {
        match each {
            Tree::Leaf(lifetime) => {
                let made = Arc::new(AtomicU32::new(0));
                let (count, order, number) = (made.clone(), order.clone(), known.len());
                let handle = supervisor.child(*lifetime, move || {
                    count.fetch_add(1, Relaxed);
                    order.lock().unwrap().push(number);
                    async { Ok(Leaf) }
                });
                known.push(Known { handle, made });
            }
            Tree::Node(strategy, most, below) => {
                let nested = declare(*strategy, *most, below, system, known, order);
                supervisor.supervise(Lifetime::Permanent, nested);
            }
        }
    }
    supervisor
}

/// A tree that runs, and what is known of it.
struct Running {
    supervised: Supervised,
    known: Vec<Known>,
    order: Order,
}

impl Running {
    async fn start(tree: &Tree, system: &ActorSystem) -> Self {
        let Tree::Node(strategy, most, below) = tree else {
            unreachable!("the root is a supervisor");
        };
        let (mut known, order) = (Vec::new(), Order::default());
        let supervisor = declare(*strategy, *most, below, system, &mut known, &order);
        let supervised = supervisor.start().await.unwrap();
        Self {
            supervised,
            known,
            order,
        }
    }

    fn take_order(&self) -> Vec<usize> {
        std::mem::take(&mut *self.order.lock().unwrap())
    }

    /// How often each leaf was made, and whether it has not ended.
    fn state(&self) -> Vec<(u32, bool)> {
        let state = |leaf: &Known| (leaf.made.load(Relaxed), leaf.handle.is_alive());
        self.known.iter().map(state).collect()
    }

    async fn happen(&self, leaf: usize, event: Event) {
        let leaf = &self.known[leaf].handle;
        match event {
            Event::Kill => drop(leaf.kill()),
            Event::Fail => leaf.fail().tell().await.unwrap(),
            Event::Leave => leaf.leave().tell().await.unwrap(),
        }
    }
}

fn check(tree: &Tree, events: &[(usize, Event)]) {
    let runtime = nimsync::Runtime::builder().workers(1).build().unwrap();
    runtime.block_on(async {
        let system = ActorSystem::new();
        let running = Running::start(tree, &system).await;
        let count = running.known.len();
        assert_eq!(running.take_order(), (0..count).collect::<Vec<_>>());
        let mut model = Model::new(tree);
        let mut expected = vec![(1, true); count];
        for &(leaf, event) in events {
            let leaf = leaf % count;
            if !expected[leaf].1 {
                continue;
            }
            let restarted = model.happen(leaf, event);
            for &leaf in restarted.iter().flatten() {
                expected[leaf].0 += 1;
            }
            for (leaf, state) in expected.iter_mut().enumerate() {
                state.1 = restarted.is_some() && model.is_alive(leaf);
            }
            running.happen(leaf, event).await;
            for _ in 0..100_000 {
                if running.state() == expected {
                    break;
                }
                nimsync::yield_now().await;
            }
            for (leaf, (_, alive)) in running.known.iter().zip(&expected) {
                assert_eq!(leaf.handle.nothing().await.is_ok(), *alive);
            }
            assert_eq!(running.state(), expected, "exactly those");
            let Some(restarted) = restarted else {
                assert!(running.supervised.ended().await.is_failure());
                system.stop().await.unwrap_err();
                return;
            };
            assert_eq!(running.take_order(), restarted, "in their order");
        }
        system.stop().await.unwrap();
        assert!(running.known.iter().all(|leaf| !leaf.handle.is_alive()));
    });
}

/// Kills many at a time, on two threads.
fn storm(tree: &Tree, kills: &[usize]) {
    let runtime = nimsync::Runtime::builder().workers(2).build().unwrap();
    runtime.block_on(async {
        let system = ActorSystem::new();
        let running = Running::start(tree, &system).await;
        // Not a measure of time: without this a tree that stalls would be waited for.
        let settled = with_timeout!(1.minutes(), async {
            task_group!(|g| {
                for part in kills.chunks(8) {
                    let handles: Vec<_> = part
                        .iter()
                        .map(|kill| running.known[kill % running.known.len()].handle.clone())
                        .collect();
                    g.spawn(async move {
                        for handle in handles {
                            drop(handle.kill());
                            nimsync::yield_now().await;
                        }
                    });
                }
            })
            .await
            .unwrap();
            for leaf in &running.known {
                leaf.handle.nothing().await.unwrap();
            }
            system.stop().await.unwrap();
        });
        settled.await.expect("the tree settles, and stops");
        assert!(running.known.iter().all(|leaf| !leaf.handle.is_alive()));
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn exactly_the_predicted_part_is_restarted(
        tree in trees(1..4),
        events in prop::collection::vec((0..1000usize, model::events()), 1..12),
    ) {
        check(&tree, &events);
    }

    #[test]
    fn a_tree_in_which_many_are_killed_at_once_settles(
        tree in trees(10_000..10_001),
        kills in prop::collection::vec(0..1000usize, 1..40),
    ) {
        storm(&tree.permanent(), &kills);
    }
}
