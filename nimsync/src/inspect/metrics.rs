//! The statistics as OpenMetrics text.
//!
//! Written by hand: a library would keep metrics that change, and here there is
//! only a snapshot to be put into words.

use crate::stats::{Counts, RuntimeStats, Stats};
use std::fmt::Write;

pub(super) const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Metrics of a runtime: name, what it is, and the number.
type Metric = (&'static str, &'static str, fn(&Counts) -> u64);

const COUNTERS: &[Metric] = &[
    ("tasks_spawned", "Tasks that were spawned.", |c| c.spawned),
    ("tasks_completed", "Tasks that ended with a value.", |c| {
        c.completed
    }),
    ("tasks_failed", "Tasks that ended with an error.", |c| {
        c.failed
    }),
    ("tasks_cancelled", "Tasks that were cancelled.", |c| {
        c.cancelled
    }),
    ("tasks_panicked", "Tasks that panicked.", |c| c.panicked),
    ("polls", "Polls of tasks.", |c| c.polls),
    ("wakes", "Times that a waker made a task ready.", |c| {
        c.wakes
    }),
    (
        "steals",
        "Times that a worker took tasks from another.",
        |c| c.steals,
    ),
    ("parks", "Times that a worker went to sleep.", |c| c.parks),
    ("unparks", "Times that a worker was woken for work.", |c| {
        c.unparks
    }),
    ("timers_set", "Timers that were set.", |c| c.timers_set),
    ("timers_fired", "Timers that fired.", |c| c.timers_fired),
    (
        "timers_cancelled",
        "Timers that were dropped before.",
        |c| c.timers_cancelled,
    ),
    ("blocking_jobs", "Blocking calls that were begun.", |c| {
        c.blocking_jobs
    }),
];

pub(super) fn text(stats: &Stats) -> String {
    let mut text = String::new();
    let runtimes = || stats.runtimes.iter().enumerate();
    // Two runtimes may have the same name, so they have numbers as well.
    let labels = |(number, runtime): (usize, &RuntimeStats)| {
        format!(
            "{{runtime=\"{}\",number=\"{number}\"}}",
            escaped(&runtime.name)
        )
    };
    for (name, help, get) in COUNTERS {
        family(&mut text, name, "counter", help);
        for (number, runtime) in runtimes() {
            let labels = labels((number, runtime));
            line(
                &mut text,
                &format!("{name}_total"),
                &labels,
                get(&runtime.total),
            );
        }
    }
    family(
        &mut text,
        "tasks_alive",
        "gauge",
        "Tasks that have not ended.",
    );
    for (number, runtime) in runtimes() {
        line(
            &mut text,
            "tasks_alive",
            &labels((number, runtime)),
            runtime.total.alive(),
        );
    }
    let messages = &stats.messages;
    for (name, help, number) in [
        (
            "messages_sent",
            "Messages that were accepted.",
            messages.sent,
        ),
        (
            "messages_received",
            "Messages that were taken.",
            messages.received,
        ),
        (
            "messages_dropped",
            "Messages that were dropped.",
            messages.dropped,
        ),
        (
            "messages_spilled",
            "Items that went through a spill.",
            messages.spilled,
        ),
    ] {
        family(&mut text, name, "counter", help);
        line(&mut text, &format!("{name}_total"), "", number);
    }
    channels(&mut text, stats);
    text.push_str("# EOF\n");
    text
}

fn channels(text: &mut String, stats: &Stats) {
    let labels = stats.channels.iter().map(|channel| {
        let (name, kind, id) = (escaped(&channel.name), channel.kind, channel.id);
        format!("{{name=\"{name}\",kind=\"{kind}\",id=\"{id}\"}}")
    });
    let labels: Vec<_> = labels.collect();
    let all = || stats.channels.iter().zip(&labels);
    family(text, "channel_depth", "gauge", "Messages in a channel.");
    for (channel, labels) in all() {
        line(text, "channel_depth", labels, channel.depth as u64);
    }
    family(
        text,
        "channel_capacity",
        "gauge",
        "Messages that a channel can hold.",
    );
    for (channel, labels) in all() {
        if let Some(capacity) = channel.capacity {
            line(text, "channel_capacity", labels, capacity as u64);
        }
    }
    family(
        text,
        "channel_high_water",
        "gauge",
        "The largest depth of a channel.",
    );
    for (channel, labels) in all() {
        line(
            text,
            "channel_high_water",
            labels,
            channel.high_water as u64,
        );
    }
    family(
        text,
        "channel_sent",
        "counter",
        "Messages that a channel accepted.",
    );
    for (channel, labels) in all() {
        line(text, "channel_sent_total", labels, channel.sent);
    }
    family(
        text,
        "channel_received",
        "counter",
        "Messages taken from a channel.",
    );
    for (channel, labels) in all() {
        line(text, "channel_received_total", labels, channel.received);
    }
    family(
        text,
        "channel_dropped",
        "counter",
        "Messages dropped by a channel.",
    );
    for (channel, labels) in all() {
        line(text, "channel_dropped_total", labels, channel.dropped);
    }
}

fn family(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "# TYPE nimsync_{name} {kind}\n# HELP nimsync_{name} {help}\n"
    );
}

fn line(text: &mut String, name: &str, labels: &str, number: u64) {
    let _ = writeln!(text, "nimsync_{name}{labels} {number}");
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}
