//! Traces: what is written down, and how it is exported.

use nimsync::prelude::*;
use nimsync::{Runtime, Trace};

fn traced(events: usize) -> Runtime {
    let builder = Runtime::builder().workers(1).thread_name("traced");
    builder.trace(events).build().unwrap()
}

/// Returns the events of an exported trace, as text, that have all of `parts`.
fn events(trace: &Trace, parts: &[&str]) -> Vec<String> {
    let json = trace.to_json();
    assert!(json.starts_with(r#"{"displayTimeUnit":"ns","traceEvents":["#));
    let events = json.split(r#"{"ph":"#).skip(1);
    let ours = events.filter(|event| parts.iter().all(|part| event.contains(part)));
    ours.map(str::to_owned).collect()
}

#[test]
fn polls_tasks_and_waits_are_in_the_trace() {
    let runtime = traced(1000);
    runtime.block_on(async {
        task_group!(|g| {
            g.task("napper").spawn(async {
                sleep(1.milliseconds()).await;
                sleep(1.milliseconds()).await;
            });
        })
        .await
        .unwrap();
    });
    let trace = runtime.trace();
    let polls = events(&trace, &[r#""X""#, r#""name":"napper""#, "trace.rs:"]);
    assert_eq!(polls.len(), 3);
    assert!(polls[0].contains(r#""waits_for":"sleep""#), "{}", polls[0]);
    assert!(!polls[2].contains("waits_for"), "{}", polls[2]);
    for (phase, times) in [("b", 1), ("e", 1)] {
        let phase = format!("\"{phase}\"");
        assert_eq!(events(&trace, &[&phase, r#""name":"napper""#]).len(), times);
        assert_eq!(events(&trace, &[&phase, r#""name":"sleep""#]).len(), 2);
    }
    assert_eq!(events(&trace, &[r#""M""#, "worker 0"]).len(), 1);
    assert_eq!(trace.lost(), 0);
}

#[test]
fn messages_and_cancellations_are_in_the_trace() {
    let runtime = traced(1000);
    runtime.block_on(async {
        let (mut tx, mut rx) = channel::named("traced-jobs").spsc::<u8>(4);
        tx.send(1).await.unwrap();
        tx.send(2).await.unwrap();
        rx.recv().await.unwrap();
        let scope = CancelScope::new();
        scope.cancel();
    });
    let trace = runtime.trace();
    assert_eq!(
        events(&trace, &[r#""i""#, "send on `traced-jobs`"]).len(),
        2
    );
    assert_eq!(
        events(&trace, &[r#""i""#, "recv on `traced-jobs`"]).len(),
        1
    );
    let depths = events(&trace, &[r#""C""#, "depth of `traced-jobs`"]);
    assert_eq!(depths.len(), 3);
    assert!(depths[1].contains(r#""messages":2"#), "{}", depths[1]);
    assert!(depths[2].contains(r#""messages":1"#), "{}", depths[2]);
    let cancels = events(&trace, &[r#""i""#, r#""name":"cancel""#]);
    assert!(cancels[0].contains("cancelled by hand"), "{cancels:?}");
}

#[test]
fn the_ring_keeps_the_newest() {
    let runtime = traced(10);
    runtime.block_on(async {
        for _ in 0..100 {
            nimsync::yield_now().await;
        }
    });
    let trace = runtime.trace();
    assert_eq!((trace.len(), trace.lost()), (10, 91));
    // The last poll is there, so the root has an end; its begin is that of the
    // oldest poll that is left.
    assert_eq!(events(&trace, &[r#""b""#, r##""name":"#"##]).len(), 1);
    assert_eq!(events(&trace, &[r#""e""#, r##""name":"#"##]).len(), 1);
}

#[test]
fn who_did_not_ask_has_no_trace() {
    let runtime = Runtime::local().build().unwrap();
    runtime.block_on(async { nimsync::yield_now().await });
    assert!(runtime.trace().is_empty());
    assert!(runtime.trace().to_json().ends_with(r#""traceEvents":[]}"#));
}

#[test]
fn all_workers_are_traced_while_tasks_move_between_them() {
    let builder = Runtime::builder().workers(2).thread_name("moving");
    let runtime = builder.trace(100_000).build().unwrap();
    runtime.block_on(async {
        task_group!(|g| {
            for _ in 0..200 {
                g.spawn(async {
                    for _ in 0..20 {
                        nimsync::yield_now().await;
                    }
                });
            }
        })
        .await
        .unwrap();
    });
    let trace = runtime.trace();
    // 21 for each task, and those of the root.
    let polls = events(&trace, &[r#""X""#]).len();
    assert!(polls > 200 * 21, "{polls}");
    assert_eq!(events(&trace, &[r#""b""#, r##""name":"#"##]).len(), 201);
    assert_eq!(events(&trace, &[r#""e""#, r##""name":"#"##]).len(), 201);
}
