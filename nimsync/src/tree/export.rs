//! The tree for programs: as JSON, and for Graphviz.

use super::draw::file_name;
use super::fold::{Fold, GroupFold};
use super::{GroupReport, TaskReport, Tree};
use crate::json::Json;
use std::fmt::Write;
use std::time::Duration;

impl Tree {
    /// Returns the snapshot as JSON: every task, none folded.
    ///
    /// Times are in milliseconds. Members that do not apply are left out.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// nimsync::block_on(async {
    ///     let json = nimsync::tree().to_json();
    ///     assert!(json.contains(r#""kind":"root""#), "{json}");
    /// });
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Json::new();
        json.array(|json| {
            for runtime in &self.runtimes {
                json.object(|json| {
                    json.key("name").string(&runtime.name);
                    json.key("workers").number(runtime.workers as u64);
                    json.key("roots")
                        .array(|json| runtime.roots.iter().for_each(|root| root.json(json)));
                    json.key("groups")
                        .array(|json| runtime.groups.iter().for_each(|group| group.json(json)));
                });
            }
        });
        json.finish()
    }

    /// Returns the snapshot as a graph for Graphviz (`dot -Tsvg`), equal tasks
    /// folded.
    ///
    /// # Examples
    ///
    /// ```
    /// nimsync::block_on(async {
    ///     assert!(nimsync::tree().to_dot().starts_with("digraph tasks {"));
    /// });
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut dot = Dot {
            text: "digraph tasks {\n  rankdir=LR; node [shape=box];\n".to_owned(),
            nodes: 0,
        };
        for runtime in &self.runtimes {
            let above = dot.node(&["runtime", &runtime.name], "style=bold", None);
            for root in runtime.fold() {
                dot.tasks(&root, above);
            }
            for groups in runtime.fold_groups() {
                dot.groups(&groups, above);
            }
        }
        dot.text.push_str("}\n");
        dot.text
    }
}

fn millis(time: Duration) -> u64 {
    time.as_millis() as u64
}

impl TaskReport {
    fn json(&self, json: &mut Json) {
        json.object(|json| {
            json.key("id").string(&self.id);
            json.maybe("name", self.name.as_deref());
            json.key("kind").string(&self.kind.to_string());
            json.key("spawned_at").string(&self.spawned_at.to_string());
            json.key("age_ms").number(millis(self.age));
            json.key("polls").number(self.polls);
            if let Some(busy) = self.busy {
                json.key("busy_us").number(busy.as_micros() as u64);
            }
            if let Some(stalled) = self.stalled {
                json.key("stalled_ms").number(millis(stalled));
            }
            json.maybe(
                "doing",
                self.doing.map(|doing| doing.to_string()).as_deref(),
            );
            json.maybe("waiting_for", self.waiting_for.as_deref());
            if let Some(due) = self.due {
                json.key("due_ms").number(millis(due));
            }
            json.maybe("cancelled", self.cancelled.as_deref());
            json.key("groups")
                .array(|json| self.groups.iter().for_each(|group| group.json(json)));
        });
    }
}

impl GroupReport {
    fn json(&self, json: &mut Json) {
        json.object(|json| {
            json.maybe("name", self.name.as_deref());
            json.key("opened_at").string(&self.opened_at.to_string());
            json.key("age_ms").number(millis(self.age));
            if let Some(due) = self.due {
                json.key("due_ms").number(millis(due));
            }
            json.maybe("cancelled", self.cancelled.as_deref());
            json.key("tasks")
                .array(|json| self.tasks.iter().for_each(|task| task.json(json)));
            json.key("groups")
                .array(|json| self.groups.iter().for_each(|group| group.json(json)));
        });
    }
}

struct Dot {
    text: String,
    nodes: usize,
}

impl Dot {
    fn node(&mut self, lines: &[&str], style: &str, above: Option<usize>) -> usize {
        let number = self.nodes;
        self.nodes += 1;
        let lines: Vec<_> = lines.iter().filter(|line| !line.is_empty()).collect();
        let lines: Vec<_> = lines
            .iter()
            .map(|line| line.replace('\\', "\\\\").replace('"', "\\\""))
            .collect();
        let label = lines.join("\\n");
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "  n{number} [label=\"{label}\" {style}];");
        if let Some(above) = above {
            let _ = writeln!(self.text, "  n{above} -> n{number};");
        }
        number
    }

    fn tasks(&mut self, tasks: &Fold<'_>, above: usize) {
        let at = file_name(tasks.first.spawned_at);
        let wait = tasks.first.wait(tasks.due).unwrap_or_default();
        let stall = tasks.first.stall().unwrap_or_default();
        let style = match (&tasks.first.cancelled, tasks.first.stalled) {
            (None, None) => "",
            _ => "color=red",
        };
        let lines = [&*tasks.title(), &at, &tasks.life(), &wait, &stall];
        let node = self.node(&lines, style, Some(above));
        for group in &tasks.groups {
            self.groups(group, node);
        }
    }

    fn groups(&mut self, groups: &GroupFold<'_>, above: usize) {
        let at = file_name(groups.first.opened_at);
        let style = match &groups.first.cancelled {
            Some(_) => "shape=ellipse color=red",
            None => "shape=ellipse",
        };
        let node = self.node(&[&groups.title(), &at], style, Some(above));
        for tasks in &groups.tasks {
            self.tasks(tasks, node);
        }
        for below in &groups.groups {
            self.groups(below, node);
        }
    }
}
