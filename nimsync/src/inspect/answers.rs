//! What is behind each path.

use super::http::{Request, Response};
use super::metrics;
use crate::json::Json;
use crate::runtime::{slow_polls, stalls, stats, trace, tree};
use crate::stats::{Counts, Stats};
use crate::tree::{Doing, Opened};
use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Instant;

const PAGE: &str = include_str!("page.html");
/// Channels that the page shows, the fullest first.
const MOST_CHANNELS: usize = 200;
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
        find: decoded(request.parameter("find").unwrap_or_default()).to_lowercase(),
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
        stalled(json.key("stalls"));
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

/// Undoes what an address does to a text: `+` for a space, `%` for the rest.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => bytes.push(if *first == b'+' { b' ' } else { *first }),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
    let mut fullest: Vec<_> = stats.channels.iter().collect();
    fullest.sort_by_key(|channel| Reverse(channel.depth));
    let more = fullest.len().saturating_sub(MOST_CHANNELS);
    json.key("channels_more").number(more as u64);
    json.key("channels").array(|json| {
        for channel in fullest.iter().take(MOST_CHANNELS) {
            json.object(|json| {
                json.key("id").number(channel.id);
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

/// Polls that are too long and have not ended.
fn stalled(json: &mut Json) {
    json.array(|json| {
        for stall in stalls() {
            json.object(|json| {
                json.key("task").string(&stall.task.to_string());
                json.maybe("name", stall.name.as_deref());
                json.key("at").string(&stall.spawned_at.to_string());
                json.key("runtime").string(&stall.runtime);
                json.key("worker").number(stall.worker as u64);
                json.key("lasted_us")
                    .number(stall.lasted.as_micros() as u64);
                doing(json, stall.doing);
            });
        }
    });
}

fn doing(json: &mut Json, doing: Option<Doing>) {
    if let Some(doing) = doing {
        json.key("doing").string(&doing.to_string());
        json.key("advice").string(doing.advice());
    }
}

fn slow(json: &mut Json) {
    json.array(|json| {
        for poll in slow_polls() {
            json.object(|json| {
                json.key("task").string(&poll.task.to_string());
                json.maybe("name", poll.name.as_deref());
                json.key("at").string(&poll.spawned_at.to_string());
                json.key("took_us").number(poll.took.as_micros() as u64);
                doing(json, poll.doing);
            });
        }
    });
}
