//! Traces in the format of Chrome and Perfetto.

use super::{Event, Poll, What};
use crate::json::Json;
use std::collections::HashMap;

/// What the workers of one or more runtimes did lately; made by
/// [`trace`](crate::trace()) and [`Runtime::trace`](crate::Runtime::trace).
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub(crate) runtimes: Vec<RuntimeTrace>,
}

#[derive(Clone, Debug)]
pub(crate) struct RuntimeTrace {
    pub(crate) name: String,
    pub(crate) workers: Vec<WorkerTrace>,
}

/// The events of one worker, the oldest first.
#[derive(Clone, Debug)]
pub(crate) struct WorkerTrace {
    pub(crate) events: Vec<Event>,
    pub(crate) lost: u64,
}

impl Trace {
    /// Returns how many events it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.workers().map(|worker| worker.events.len()).sum()
    }

    /// Tells whether nothing has happened, or no runtime is traced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many older events have made room for those that are there.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.workers().map(|worker| worker.lost).sum()
    }

    fn workers(&self) -> impl Iterator<Item = &WorkerTrace> {
        self.runtimes.iter().flat_map(|runtime| &runtime.workers)
    }

    /// Returns the trace as JSON for <https://ui.perfetto.dev> or
    /// `chrome://tracing`.
    ///
    /// A runtime is a process and a worker a thread, with a slice for each poll.
    /// Each task has a track with its waits, and each channel with a name one with
    /// its depth; messages and cancellations are marks on the worker's.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// let rt = nimsync::Runtime::builder().workers(1).trace(10_000).build()?;
    /// rt.block_on(async {
    ///     task_group!(|g| { g.task("napper").spawn(sleep(1.milliseconds())); }).await
    /// }).unwrap();
    /// let json = rt.trace().to_json();
    /// assert!(json.contains(r#""name":"napper""#) && json.contains(r#""name":"sleep""#));
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Json::new();
        json.object(|json| {
            json.key("displayTimeUnit").string("ns");
            json.key("traceEvents").array(|json| {
                for (process, runtime) in self.runtimes.iter().enumerate() {
                    runtime.json(json, process as u64 + 1);
                }
            });
        });
        json.finish()
    }
}

/// Where an event belongs.
#[derive(Clone, Copy)]
struct Track {
    process: u64,
    worker: u64,
}

impl Track {
    fn event(
        self,
        json: &mut Json,
        phase: &str,
        name: &str,
        at: u64,
        more: impl FnOnce(&mut Json),
    ) {
        json.object(|json| {
            json.key("ph").string(phase);
            json.key("pid").number(self.process);
            json.key("tid").number(self.worker);
            json.key("name").string(name);
            json.key("ts").thousandths(at);
            more(json);
        });
    }

    /// A part of the track of a task.
    fn of_task(self, json: &mut Json, phase: &str, name: &str, at: u64, task: u64) {
        self.event(json, phase, name, at, |json| {
            json.key("cat").string("task");
            json.key("id").string(&format!("{}-{task}", self.process));
        });
    }

    fn is_called(self, json: &mut Json, what: &str, name: &str) {
        self.event(json, "M", what, 0, |json| {
            json.key("args")
                .object(|json| json.key("name").string(name));
        });
    }
}

impl RuntimeTrace {
    fn json(&self, json: &mut Json, process: u64) {
        let track = |worker: usize| Track {
            process,
            worker: worker as u64,
        };
        track(0).is_called(json, "process_name", &self.name);
        let mut polls = Vec::new();
        for (worker, trace) in self.workers.iter().enumerate() {
            let track = track(worker);
            track.is_called(json, "thread_name", &format!("worker {worker}"));
            for event in &trace.events {
                match &event.what {
                    What::Poll(poll) => {
                        poll.json(json, track, event.at);
                        polls.push((event.at, track, poll));
                    }
                    What::Message { name, sent, depth } => {
                        let verb = if *sent { "send on" } else { "recv on" };
                        track.event(json, "i", &format!("{verb} `{name}`"), event.at, |json| {
                            json.key("cat").string("message");
                            json.key("s").string("t");
                        });
                        track.event(json, "C", &format!("depth of `{name}`"), event.at, |json| {
                            json.key("args")
                                .object(|json| json.key("messages").number(*depth as u64));
                        });
                    }
                    What::Cancel(why) => track.event(json, "i", "cancel", event.at, |json| {
                        json.key("cat").string("cancel");
                        json.key("s").string("t");
                        json.key("args").object(|json| json.key("why").string(why));
                    }),
                }
            }
        }
        polls.sort_by_key(|(at, ..)| *at);
        tasks(json, &polls);
    }
}

impl Poll {
    fn title(&self) -> String {
        match &self.name {
            Some(name) => name.to_string(),
            None => format!("#{}", self.task),
        }
    }

    fn json(&self, json: &mut Json, track: Track, at: u64) {
        track.event(json, "X", &self.title(), at, |json| {
            json.key("cat").string("poll");
            json.key("dur").thousandths(self.took);
            json.key("args").object(|json| {
                json.key("task").string(&format!("#{}", self.task));
                json.key("spawned_at").string(&self.spawned_at.to_string());
                json.maybe("waits_for", self.wait.as_deref());
            });
        });
    }
}

/// Writes the track of each task: its life as far as it is known, and in it the
/// waits between its polls.
fn tasks(json: &mut Json, polls: &[(u64, Track, &Poll)]) {
    /// The wait that is open in the track of a task.
    type Open<'a> = (&'a str, Track);
    let mut open: HashMap<u64, Option<Open<'_>>> = HashMap::new();
    let mut last = 0;
    for (at, track, poll) in polls {
        let (track, end) = (*track, at + poll.took);
        last = end.max(last);
        let title = poll.title();
        match open.insert(poll.task, None) {
            // The first poll that is in the trace.
            None => track.of_task(json, "b", &title, *at, poll.task),
            Some(Some((wait, begun))) => begun.of_task(json, "e", wait, *at, poll.task),
            Some(None) => {}
        }
        if poll.ended {
            track.of_task(json, "e", &title, end, poll.task);
            open.remove(&poll.task);
        } else {
            let wait = poll.wait.as_deref().unwrap_or("something unknown");
            track.of_task(json, "b", wait, end, poll.task);
            open.insert(poll.task, Some((wait, track)));
        }
    }
    for (task, wait) in open {
        if let Some((wait, track)) = wait {
            track.of_task(json, "e", wait, last, task);
        }
    }
}
