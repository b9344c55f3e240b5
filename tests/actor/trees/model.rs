//! What a tree of supervisors is expected to do, without actors.

use nimsync::actor::{Lifetime, Strategy};
use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;
use std::ops::Range;

/// A declared tree.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Leaf(Lifetime),
    /// With how often each child may be restarted.
    Node(Strategy, usize, Vec<Tree>),
}

impl Tree {
    /// The same with leaves that always come back.
    pub(super) fn permanent(&self) -> Self {
        match self {
            Self::Leaf(_) => Self::Leaf(Lifetime::Permanent),
            Self::Node(strategy, most, below) => {
                let below = below.iter().map(Self::permanent).collect();
                Self::Node(*strategy, *most, below)
            }
        }
    }
}

/// What happens to a leaf.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Kill,
    Fail,
    Leave,
}

pub(super) fn events() -> impl Generator<Value = Event> {
    prop_oneof![Just(Event::Kill), Just(Event::Fail), Just(Event::Leave)]
}

fn strategies() -> impl Generator<Value = Strategy> {
    prop_oneof![
        Just(Strategy::OneForOne),
        Just(Strategy::OneForAll),
        Just(Strategy::RestForOne),
    ]
}

fn lifetimes() -> impl Generator<Value = Lifetime> {
    prop_oneof![
        3 => Just(Lifetime::Permanent),
        1 => Just(Lifetime::Transient),
        1 => Just(Lifetime::Temporary),
    ]
}

/// Trees whose supervisors allow so many restarts of each child.
pub(super) fn trees(most: Range<usize>) -> impl Generator<Value = Tree> {
    let node = move |below: BoxedStrategy<Tree>| {
        (
            strategies(),
            most.clone(),
            prop::collection::vec(below, 1..5),
        )
            .prop_map(|(strategy, most, below)| Tree::Node(strategy, most, below))
    };
    let inner = node.clone();
    let below = lifetimes()
        .prop_map(Tree::Leaf)
        .prop_recursive(3, 20, 4, move |below| inner(below).boxed());
    node(below.boxed())
}

/// The state that a tree is expected to be in.
pub(super) struct Model(Node);

struct Node {
    strategy: Strategy,
    most: usize,
    children: Vec<Child>,
}

struct Child {
    restarts: usize,
    kind: Kind,
}

enum Kind {
    Leaf {
        number: usize,
        lifetime: Lifetime,
        alive: bool,
    },
    Node(Node),
}

/// That a child was restarted too often.
struct Escalation;

impl Model {
    pub(super) fn new(tree: &Tree) -> Self {
        match Child::new(tree, &mut 0).kind {
            Kind::Node(root) => Self(root),
            Kind::Leaf { .. } => unreachable!("the root is a supervisor"),
        }
    }

    /// Returns which leaves are restarted, in order, or `None` if all end.
    pub(super) fn happen(&mut self, leaf: usize, event: Event) -> Option<Vec<usize>> {
        let mut restarted = Vec::new();
        let done = self.0.happen(leaf, event, &mut restarted);
        done.ok().map(|()| restarted)
    }

    pub(super) fn is_alive(&self, leaf: usize) -> bool {
        self.0.children.iter().any(|child| child.has_alive(leaf))
    }
}

impl Child {
    fn new(tree: &Tree, next: &mut usize) -> Self {
        let kind = match tree {
            Tree::Leaf(lifetime) => {
                *next += 1;
                Kind::Leaf {
                    number: *next - 1,
                    lifetime: *lifetime,
                    alive: true,
                }
            }
            Tree::Node(strategy, most, below) => Kind::Node(Node {
                strategy: *strategy,
                most: *most,
                children: below.iter().map(|tree| Self::new(tree, next)).collect(),
            }),
        };
        Self { restarts: 0, kind }
    }

    fn has_alive(&self, leaf: usize) -> bool {
        match &self.kind {
            Kind::Leaf { number, alive, .. } => *number == leaf && *alive,
            Kind::Node(node) => node.children.iter().any(|child| child.has_alive(leaf)),
        }
    }

    /// What is alive is made again; supervisors have forgotten what was before.
    fn restart(&mut self, restarted: &mut Vec<usize>) {
        match &mut self.kind {
            Kind::Leaf { number, alive, .. } => restarted.extend(alive.then_some(*number)),
            Kind::Node(node) => {
                for child in &mut node.children {
                    child.restarts = 0;
                    child.restart(restarted);
                }
            }
        }
    }
}

impl Node {
    fn happen(
        &mut self,
        leaf: usize,
        event: Event,
        restarted: &mut Vec<usize>,
    ) -> Result<(), Escalation> {
        let at = self.children.iter().position(|child| child.has_alive(leaf));
        let at = at.expect("the leaf is alive");
        let comes_back = match &mut self.children[at].kind {
            Kind::Leaf {
                lifetime, alive, ..
            } => {
                *alive = match (*lifetime, event) {
                    (Lifetime::Permanent, _) => true,
                    (Lifetime::Transient, event) => !matches!(event, Event::Leave),
                    (Lifetime::Temporary, _) => false,
                };
                *alive
            }
            // Its failure is one of the child.
            Kind::Node(node) => node.happen(leaf, event, restarted).is_err(),
        };
        if !comes_back {
            return Ok(());
        }
        if self.children[at].restarts == self.most {
            return Err(Escalation);
        }
        self.children[at].restarts += 1;
        let affected = match self.strategy {
            Strategy::OneForOne => at..at + 1,
            Strategy::OneForAll => 0..self.children.len(),
            Strategy::RestForOne => at..self.children.len(),
        };
        for child in &mut self.children[affected] {
            if let Kind::Leaf {
                lifetime: Lifetime::Temporary,
                alive,
                ..
            } = &mut child.kind
            {
                *alive = false;
            }
            child.restart(restarted);
        }
        Ok(())
    }
}
