//! What a subscriber such as that of `tokio-console` is told.

use nimsync::Runtime;
use nimsync::prelude::*;
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Collects what `console-subscriber` would.
#[derive(Clone, Default)]
struct Console(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    spans: Vec<Span>,
    inside: Vec<u64>,
}

#[derive(Clone, Default)]
struct Span {
    fields: HashMap<&'static str, String>,
    target: &'static str,
    polls: usize,
    clones: usize,
    wakes: usize,
    self_wakes: usize,
    handles: usize,
}

#[derive(Default)]
struct Fields(HashMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Console {
    fn with<R>(&self, f: impl FnOnce(&mut Seen) -> R) -> R {
        f(&mut self.0.lock().unwrap())
    }
}

impl Subscriber for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tokio::task")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        assert_eq!(attributes.metadata().name(), "runtime.spawn");
        assert!(attributes.is_root());
        self.with(|seen| {
            seen.spans.push(Span {
                fields: fields.0,
                target: attributes.metadata().target(),
                handles: 1,
                ..Span::default()
            });
            Id::from_u64(seen.spans.len() as u64)
        })
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        assert_eq!(event.metadata().target(), "tokio::task::waker");
        let mut fields = Fields::default();
        event.record(&mut fields);
        let id: u64 = fields.0["task.id"].parse().unwrap();
        self.with(|seen| {
            let inside = seen.inside.contains(&id);
            let span = &mut seen.spans[id as usize - 1];
            match &*fields.0["op"] {
                "waker.clone" => span.clones += 1,
                "waker.wake_by_ref" if inside => span.self_wakes += 1,
                "waker.wake_by_ref" => span.wakes += 1,
                other => panic!("unknown to the console: {other}"),
            }
        });
    }

    fn enter(&self, id: &Id) {
        self.with(|seen| {
            let id = id.into_u64();
            seen.inside.push(id);
            seen.spans[id as usize - 1].polls += 1;
        });
    }

    fn exit(&self, id: &Id) {
        assert_eq!(self.with(|seen| seen.inside.pop()), Some(id.into_u64()));
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.with(|seen| seen.spans[id.into_u64() as usize - 1].handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        self.with(|seen| {
            let handles = &mut seen.spans[id.into_u64() as usize - 1].handles;
            *handles -= 1;
            *handles == 0
        })
    }
}

/// Runs `future` on this thread, and returns what was told.
fn observed(future: impl Future<Output = ()>) -> Vec<Span> {
    let console = Console::default();
    tracing::subscriber::with_default(console.clone(), || {
        Runtime::local().build().unwrap().block_on(future);
    });
    console.with(|seen| {
        assert!(seen.inside.is_empty());
        seen.spans.clone()
    })
}

#[test]
fn a_task_has_a_span_that_is_entered_and_closed_and_events_of_its_waker() {
    let line = line!() + 3;
    let spans = observed(async {
        task_group!(|g| {
            g.task("tea").spawn(async { nimsync::yield_now().await });
            g.service(std::future::pending::<()>());
            g.spawn_local(async { sleep(1.milliseconds()).await });
        })
        .await
        .unwrap();
    });
    let kinds: Vec<_> = spans.iter().map(|span| &*span.fields["kind"]).collect();
    assert_eq!(kinds, ["block_on", "task", "service", "local"]);
    for span in &spans {
        assert_eq!(span.target, "tokio::task");
        assert_eq!(span.handles, 0, "the span of what has ended is closed");
        assert_eq!(span.clones, 1);
        assert!(span.polls > 0);
        assert!(span.fields["loc.file"].ends_with("tracing.rs"));
        assert!(span.fields["size.bytes"].parse::<usize>().is_ok());
    }
    let [_, tea, service, local] = &spans[..] else {
        panic!("{} spans", spans.len());
    };
    assert_eq!(tea.fields["task.name"], "tea");
    assert_eq!(tea.fields["loc.line"], line.to_string());
    assert_eq!((tea.polls, tea.wakes, tea.self_wakes), (2, 0, 1));
    assert_eq!(local.self_wakes, 0);
    assert!(local.wakes >= 1, "by the timer");
    assert!(service.wakes >= 1, "to be cancelled");
}

#[test]
fn a_child_that_is_never_polled_has_a_span_all_the_same() {
    let spans = observed(async {
        task_group!(|g| {
            g.spawn(std::future::pending::<()>());
            g.cancel();
        })
        .await
        .unwrap_or_default();
    });
    assert_eq!(spans.len(), 2);
    assert!(spans.iter().all(|span| span.handles == 0));
}
