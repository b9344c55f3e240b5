//! The folded tree, as far as somebody has opened it: what a page shows.

use super::Tree;
use super::draw::{file_name, words};
use super::fold::{Fold, GroupFold};
use crate::json::Json;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// How many entries of a list are shown until somebody asks for the rest.
const FIRST: usize = 50;
/// How many are shown at most.
const MOST: usize = 2000;
/// How deep the tree is open before somebody has opened or closed anything.
const OPEN: usize = 3;

/// What somebody has opened and closed, by the keys of the nodes.
#[derive(Default)]
pub(crate) struct Opened {
    /// Nodes that are not as they are at first.
    pub(crate) toggled: HashSet<u64>,
    /// Nodes of which all children are shown.
    pub(crate) whole: HashSet<u64>,
    /// What is looked for, in lower case: if it is not empty, only nodes are shown
    /// that have it, with what is above and below them.
    pub(crate) find: String,
}

struct Page<'a> {
    opened: &'a Opened,
    /// Whether something above has what is looked for.
    found: bool,
    json: &'a mut Json,
}

/// A number that stays the same from one snapshot to the next.
fn key(above: u64, node: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (above, node).hash(&mut hasher);
    // What a number of a page's script can hold.
    hasher.finish() >> 12
}

/// What a node can have below it.
enum Node<'a, 'b> {
    Tasks(&'b Fold<'a>),
    Groups(&'b GroupFold<'a>),
}

/// Returns what is below a node: tasks, then groups.
fn nodes<'a, 'b>(tasks: &'b [Fold<'a>], groups: &'b [GroupFold<'a>]) -> Vec<Node<'a, 'b>> {
    let tasks = tasks.iter().map(Node::Tasks);
    tasks.chain(groups.iter().map(Node::Groups)).collect()
}

impl Node<'_, '_> {
    /// Whether it has a text, in lower case.
    fn has(&self, text: &str) -> bool {
        let has = |part: &str| part.to_lowercase().contains(text);
        match self {
            Self::Tasks(tasks) => {
                let first = tasks.first;
                has(&tasks.title())
                    || first.waiting_for.as_deref().is_some_and(has)
                    || has(&file_name(first.spawned_at))
            }
            Self::Groups(groups) => has(&groups.title()) || has(&file_name(groups.first.opened_at)),
        }
    }

    /// Whether it, or something below it, has a text.
    fn leads_to(&self, text: &str) -> bool {
        let below = match self {
            Self::Tasks(tasks) => nodes(&[], &tasks.groups),
            Self::Groups(groups) => nodes(&groups.tasks, &groups.groups),
        };
        self.has(text) || below.iter().any(|node| node.leads_to(text))
    }
}

impl Tree {
    /// Writes the folded tree, without what is closed.
    pub(crate) fn page(&self, opened: &Opened, json: &mut Json) {
        json.array(|json| {
            for runtime in &self.runtimes {
                let key = key(0, &runtime.name);
                let (roots, groups) = (runtime.fold(), runtime.fold_groups());
                let title = format!("runtime `{}`", runtime.name);
                let found = title.to_lowercase().contains(&opened.find);
                let below = nodes(&roots, &groups);
                if found || below.iter().any(|node| node.leads_to(&opened.find)) {
                    let mut page = Page {
                        opened,
                        found,
                        json,
                    };
                    page.node(key, 0, below, |json| {
                        json.key("title").string(&title);
                        let workers = match runtime.workers {
                            1 => "one worker".to_owned(),
                            workers => format!("{workers} workers"),
                        };
                        json.key("life").string(&workers);
                    });
                }
            }
        });
    }
}

impl Page<'_> {
    /// Writes a node, and what is below it if it is open.
    fn node(
        &mut self,
        key: u64,
        depth: usize,
        mut below: Vec<Node<'_, '_>>,
        about: impl FnOnce(&mut Json),
    ) {
        let opened = self.opened;
        let mut open = (depth < OPEN) != opened.toggled.contains(&key);
        if !self.found {
            below.retain(|node| node.leads_to(&opened.find));
            open = true;
        }
        let most = if opened.whole.contains(&key) {
            MOST
        } else {
            FIRST
        };
        // To open what has one thing in it shows what is in that.
        let next = match below.len() {
            1 => (depth + 1).min(OPEN - 1),
            _ => depth + 1,
        };
        self.json.object(|json| {
            json.key("key").number(key);
            about(json);
            json.key("children").number(below.len() as u64);
            if open && !below.is_empty() {
                json.key("below").array(|json| {
                    for one in below.iter().take(most) {
                        let found = self.found || one.has(&opened.find);
                        let mut page = Page {
                            opened,
                            found,
                            json,
                        };
                        match one {
                            Node::Tasks(tasks) => page.tasks(key, next, tasks),
                            Node::Groups(groups) => page.groups(key, next, groups),
                        }
                    }
                });
                let more = below.len().saturating_sub(most);
                json.key("more").number(more as u64);
            }
        });
    }

    fn tasks(&mut self, above: u64, depth: usize, tasks: &Fold<'_>) {
        let first = tasks.first;
        let id = (tasks.count == 1).then_some(&first.id);
        let waiting_for = first.waiting_for.as_ref().filter(|_| id.is_none());
        let key = key(
            above,
            (first.kind, &first.name, first.spawned_at, id, waiting_for),
        );
        self.node(key, depth, nodes(&[], &tasks.groups), |json| {
            json.key("title").string(&tasks.title());
            json.key("at").string(&file_name(first.spawned_at));
            json.key("life").string(&tasks.life());
            json.maybe("wait", first.wait(tasks.due).as_deref());
            json.maybe("stall", first.stall().as_deref());
            json.maybe("cancelled", first.cancelled.as_deref());
        });
    }

    fn groups(&mut self, above: u64, depth: usize, groups: &GroupFold<'_>) {
        let first = groups.first;
        let key = key(
            above,
            (&first.name, first.opened_at, first.cancelled.is_some()),
        );
        self.node(key, depth, nodes(&groups.tasks, &groups.groups), |json| {
            json.key("title").string(&groups.title());
            json.key("at").string(&file_name(first.opened_at));
            if let (Some(due), 1) = (first.due, groups.count) {
                json.key("due").string(&format!("until +{}", words(due)));
            }
            json.maybe("cancelled", first.cancelled.as_deref());
        });
    }
}
