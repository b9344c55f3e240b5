//! The live tree.

use nimsync::prelude::*;
use nimsync::{Runtime, TaskKind};
use std::time::Duration;

#[test]
fn the_tree_shows_what_is_alive() {
    let runtime = Runtime::builder()
        .workers(1)
        .thread_name("tree-test")
        .build()
        .unwrap();
    let tree = runtime.block_on(async {
        let mut seen = None;
        task_group!(name = "outer", |g| {
            g.task("sleeper").spawn(sleep(1.minutes()));
            g.task("helper").service(std::future::pending::<()>());
            g.task("here").spawn_local(std::future::pending::<()>());
            let cancelled = g.task("gone").spawn(async {
                shield!(sleep(50.milliseconds())).await;
            });
            sleep(2.milliseconds()).await;
            cancelled.cancel();
            sleep(2.milliseconds()).await;
            seen = Some(nimsync::tree());
            g.cancel();
        })
        .await
        .unwrap();
        seen.unwrap()
    });
    let ours = tree
        .runtimes
        .iter()
        .find(|runtime| runtime.name == "tree-test")
        .unwrap();
    let root = &ours.roots[0];
    assert_eq!(root.kind, TaskKind::Root);
    let group = &root.groups[0];
    assert_eq!(group.name.as_deref(), Some("outer"));
    let find = |name: &str| {
        let mut tasks = group.tasks.iter();
        tasks
            .find(|task| task.name.as_deref() == Some(name))
            .unwrap()
    };
    let sleeper = find("sleeper");
    assert!(sleeper.spawned_at.file().ends_with("tree.rs"));
    assert!(sleeper.waiting_for.as_ref().unwrap().starts_with("sleep, "));
    assert!(sleeper.polls >= 1 && sleeper.age > Duration::ZERO);
    assert_eq!(find("helper").kind, TaskKind::Service);
    assert_eq!(find("here").kind, TaskKind::InPlace);
    let gone = find("gone").cancelled.as_ref().unwrap();
    assert!(gone.contains("cancelled by hand (at"), "{gone}");
    let drawn = tree.to_string();
    assert!(drawn.contains("\n    group `outer` (tree.rs:"), "{drawn}");
    assert!(tree.len() >= 5);
}

#[test]
fn a_runtime_without_tasks_is_not_shown() {
    let runtime = Runtime::builder()
        .workers(2)
        .thread_name("nothing-here")
        .build()
        .unwrap();
    runtime.block_on(async {});
    assert!(!nimsync::tree().to_string().contains("nothing-here"));
}
