//! What is behind each path.

use super::http::{Request, Response};
use super::metrics;
use crate::json::Json;
use crate::runtime::{slow_polls, stats, trace, tree};
use crate::stats::{Counts, Stats};
use crate::tree::Opened;
use std::collections::HashSet;
use std::time::Instant;

const PAGE: &str = include_str!("page.html");
const JSON: &str = "application/json";

pub(super) fn get(request: &Request) -> Response {
    match &*request.path {
        "/" => Response::new("text/html; charset=utf-8", PAGE),
        "/state" => Response::new(JSON, state(request)),
        "/tree.json" => Response::new(JSON, tree().to_json()),
        "/tree.txt" => Response::text(200, &tree().to_string()),
        "/tree.dot" => Response::new("text/vnd.graphviz; charset=utf-8", tree().to_dot()),
        "/trace.json" => Response::new(JSON, trace().to_json()),
        "/metrics" => Response::new(metrics::KIND, metrics::text(&stats())),
        _ => Response::text(
            404,
            "there is /, /state, /tree.json, /tree.txt, /tree.dot, /trace.json and /metrics\n",
        ),
    }
}

/// Everything that the page shows.
fn state(request: &Request) -> String {
    let opened = Opened {
        toggled: keys(request.parameter("toggled")),
        whole: keys(request.parameter("whole")),
    };
    let began = Instant::now();
    let tree = tree();
    let stats = stats();
    let mut json = Json::new();
    json.object(|json| {
        json.key("tasks").number(tree.len() as u64);
        counts(json.key("total"), &stats.total);
        runtimes(json.key("runtimes"), &stats);
        channels(json, &stats);
        slow(json.key("slow"));
        tree.page(&opened, json.key("tree"));
        let took = began.elapsed().as_micros() as u64;
        json.key("took_us").number(took);
    });
    json.finish()
}

fn keys(list: Option<&str>) -> HashSet<u64> {
    let keys = list.unwrap_or_default().split('.');
    keys.filter_map(|key| key.parse().ok()).collect()
}

fn counts(json: &mut Json, counts: &Counts) {
    json.object(|json| {
        for (name, number) in counts.rows() {
            json.key(name).number(number);
        }
    });
}

fn runtimes(json: &mut Json, stats: &Stats) {
    json.array(|json| {
        for runtime in &stats.runtimes {
            json.object(|json| {
                json.key("name").string(&runtime.name);
                counts(json.key("total"), &runtime.total);
                json.key("workers").array(|json| {
                    runtime
                        .workers
                        .iter()
                        .for_each(|worker| counts(json, worker));
                });
            });
        }
    });
}

fn channels(json: &mut Json, stats: &Stats) {
    json.key("messages").object(|json| {
        json.key("sent").number(stats.messages.sent);
        json.key("received").number(stats.messages.received);
        json.key("dropped").number(stats.messages.dropped);
        json.key("spilled").number(stats.messages.spilled);
    });
    json.key("channels").array(|json| {
        for channel in &stats.channels {
            json.object(|json| {
                json.key("name").string(&channel.name);
                json.key("kind").string(&channel.kind.to_string());
                json.key("depth").number(channel.depth as u64);
                if let Some(capacity) = channel.capacity {
                    json.key("capacity").number(capacity as u64);
                }
                json.key("sent").number(channel.sent);
                json.key("received").number(channel.received);
                json.key("dropped").number(channel.dropped);
                json.key("spilled").number(channel.spilled);
                json.key("high_water").number(channel.high_water as u64);
                json.key("senders").number(channel.senders as u64);
                json.key("receivers").number(channel.receivers as u64);
                json.key("closed").number(u64::from(channel.closed));
            });
        }
    });
}

fn slow(json: &mut Json) {
    json.array(|json| {
        for poll in slow_polls() {
            json.object(|json| {
                json.key("task").string(&poll.task.to_string());
                json.maybe("name", poll.name.as_deref());
                json.key("at").string(&poll.spawned_at.to_string());
                json.key("took_us").number(poll.took.as_micros() as u64);
            });
        }
    });
}
