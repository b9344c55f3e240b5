//! The folded tree, as far as somebody has opened it: what a page shows.

use super::Tree;
use super::draw::file_name;
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
}

struct Page<'a> {
    opened: &'a Opened,
    json: &'a mut Json,
}

/// A number that stays the same from one snapshot to the next.
fn key(above: u64, node: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (above, node).hash(&mut hasher);
    // What a number of a page's script can hold.
    hasher.finish() >> 12
}

impl Tree {
    /// Writes the folded tree, without what is closed.
    pub(crate) fn page(&self, opened: &Opened, json: &mut Json) {
        json.array(|json| {
            for runtime in &self.runtimes {
                let key = key(0, &runtime.name);
                let roots = runtime.fold();
                let mut page = Page { opened, json };
                page.node(
                    key,
                    0,
                    roots.len(),
                    &roots,
                    |page, key, depth, root| page.tasks(key, depth, root),
                    |json| {
                        json.key("title")
                            .string(&format!("runtime `{}`", runtime.name));
                    },
                );
            }
        });
    }
}

impl Page<'_> {
    /// Writes a node, and what is below it if it is open.
    fn node<T>(
        &mut self,
        key: u64,
        depth: usize,
        children: usize,
        below: &[T],
        child: impl Fn(&mut Page<'_>, u64, usize, &T),
        about: impl FnOnce(&mut Json),
    ) {
        let opened = self.opened;
        let open = (depth < OPEN) != opened.toggled.contains(&key);
        let most = if opened.whole.contains(&key) {
            MOST
        } else {
            FIRST
        };
        self.json.object(|json| {
            json.key("key").number(key);
            about(json);
            json.key("children").number(children as u64);
            if open && children != 0 {
                json.key("below").array(|json| {
                    let mut page = Page { opened, json };
                    for one in below.iter().take(most) {
                        child(&mut page, key, depth + 1, one);
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
        let (children, below) = (tasks.groups.len(), &tasks.groups);
        self.node(
            key,
            depth,
            children,
            below,
            |page, key, depth, group| page.groups(key, depth, group),
            |json| {
                json.key("title").string(&tasks.title());
                json.key("at").string(&file_name(first.spawned_at));
                json.key("life").string(&tasks.life());
                json.maybe("wait", first.wait(tasks.due).as_deref());
                json.maybe("cancelled", first.cancelled.as_deref());
            },
        );
    }

    fn groups(&mut self, above: u64, depth: usize, groups: &GroupFold<'_>) {
        let first = groups.first;
        let key = key(
            above,
            (&first.name, first.opened_at, first.cancelled.is_some()),
        );
        let (children, below) = (groups.tasks.len(), &groups.tasks);
        self.node(
            key,
            depth,
            children,
            below,
            |page, key, depth, task| page.tasks(key, depth, task),
            |json| {
                json.key("title").string(&groups.title());
                json.key("at").string(&file_name(first.opened_at));
                json.maybe("cancelled", first.cancelled.as_deref());
            },
        );
    }
}
