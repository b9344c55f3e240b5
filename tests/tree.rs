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
    assert!(sleeper.waiting_for.as_ref().unwrap().starts_with("sleep"));
    assert!(sleeper.due.is_some_and(|due| due > Duration::from_secs(50)));
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

/// Returns what the tree of a runtime says while `body` waits in it.
fn seen<F: Future<Output = ()> + Send + 'static>(body: F) -> nimsync::Tree {
    let runtime = Runtime::local().paused_clock().thread_name("seen").build();
    let tree = runtime.unwrap().block_on(async {
        let mut seen = None;
        task_group!(|g| {
            g.task("body").service(body);
            sleep(2.milliseconds()).await;
            seen = Some(nimsync::tree());
        })
        .await
        .unwrap();
        seen.unwrap()
    });
    let mut ours = tree;
    ours.runtimes.retain(|runtime| runtime.name == "seen");
    ours
}

#[track_caller]
fn assert_waits(tree: &nimsync::Tree, for_what: &str) {
    let drawn = tree.to_string();
    assert!(drawn.contains(&format!("waits for {for_what}")), "{drawn}");
}

#[test]
fn a_wait_for_a_named_channel_says_its_name() {
    let tree = seen(async {
        let (_tx, mut rx) = channel::named("jobs").spsc::<u8>(1);
        let _ = rx.recv().await;
    });
    assert_waits(&tree, "recv on `jobs`\n");
    let tree = seen(async {
        let (tx, _rx) = channel::named("full").mpsc::<u8>(1);
        tx.send(1).await.unwrap();
        tx.send(2).await.unwrap();
    });
    assert_waits(&tree, "send on `full`\n");
    let tree = seen(async {
        let (_tx, mut rx) = stream::with::<u8>(Backpressure::Block)
            .named("ticks")
            .build();
        let _ = rx.next().await;
    });
    assert_waits(&tree, "next of `ticks`\n");
}

#[test]
fn a_sleep_and_a_time_limit_say_when_they_end() {
    let tree = seen(sleep(1.minutes()));
    assert_waits(&tree, "sleep until +59.9");
    // The limit does not hide what is waited for.
    let tree = seen(async {
        let (_tx, mut rx) = channel::spsc::<u8>(1);
        let _ = with_timeout!(1.minutes(), rx.recv()).await;
    });
    assert_waits(&tree, "recv on channel, until +59.9");
    let tree = seen(async {
        let _ = with_timeout!(10.seconds(), sleep(1.minutes())).await;
    });
    assert_waits(&tree, "sleep until +9.9");
    let tree = seen(async {
        let waits = task_group!(timeout = 30.seconds(), name = "limited", |g| {
            g.spawn(std::future::pending::<()>());
        });
        let _ = waits.await;
    });
    assert_waits(&tree, "the children of a group, until +29.9");
    let drawn = tree.to_string();
    let group = drawn.lines().find(|line| line.contains("`limited`"));
    assert!(group.unwrap().contains("until +29.9"), "{drawn}");
}

#[actor]
struct Db;

#[actor]
impl Db {
    pub(crate) async fn get(&mut self, _key: u32) -> u32 {
        std::future::pending().await
    }
}

#[test]
fn an_ask_says_whom_and_what() {
    let tree = seen(async {
        let system = ActorSystem::new();
        let db = system.named("db").spawn(Db).ok().unwrap();
        let _ = db.get(1).await;
    });
    assert_waits(&tree, "ask `db.get`\n");
    let tree = seen(async {
        let system = ActorSystem::new();
        let db = system.spawn(Db);
        let _ = db.get(1).await;
    });
    assert_waits(&tree, "ask `get`\n");
}

#[test]
fn equal_tasks_are_one_line() {
    let tree = seen(async {
        let _ = task_group!(name = "clients", |g| {
            for i in 0..12_000 {
                g.task("client").spawn(async move {
                    let inner = task_group!(name = "parts", |g| {
                        g.task("part").spawn(sleep(1.minutes()));
                    });
                    drop(inner.await);
                    i
                });
            }
            g.task("other").spawn(std::future::pending::<()>());
        })
        .await;
    });
    assert!(tree.len() > 24_000);
    let drawn = tree.to_string();
    assert!(drawn.lines().count() < 15, "{drawn}");
    assert!(
        drawn.contains("12,000 × task `client` (tree.rs:"),
        "{drawn}"
    );
    assert!(drawn.contains("12,000 × group `parts`"), "{drawn}");
    let parts = drawn.lines().find(|line| line.contains("× task `part`"));
    assert!(
        parts.unwrap().contains("wait for sleep until +59.9"),
        "{drawn}"
    );
    let dot = tree.to_dot();
    assert!(dot.contains("12,000 × task `client`") && dot.len() < 3000);
    assert_eq!(tree.to_json().matches(r#""name":"part""#).count(), 12_000);
}

#[test]
fn a_group_in_the_body_of_another_is_below_it() {
    let runtime = Runtime::builder().workers(1).thread_name("nested-tree");
    runtime.build().unwrap().block_on(async {
        task_group!(name = "outer", |g| {
            g.task("above").service(std::future::pending::<()>());
            let scope = CancelScope::new();
            let inner = scope.run(async {
                task_group!(name = "inner", |h| {
                    h.task("below").service(std::future::pending::<()>());
                    sleep(1.milliseconds()).await;
                    let tree = nimsync::tree();
                    let mut ours = tree.runtimes.iter();
                    let ours = ours.find(|runtime| runtime.name == "nested-tree").unwrap();
                    let outer = &ours.roots[0].groups[0];
                    assert_eq!(outer.name.as_deref(), Some("outer"));
                    assert_eq!(outer.tasks[0].name.as_deref(), Some("above"));
                    let inner = &outer.groups[0];
                    assert_eq!(inner.name.as_deref(), Some("inner"));
                    assert_eq!(inner.tasks[0].name.as_deref(), Some("below"));
                    let text = tree.to_string();
                    assert!(text.contains("\n      group `inner` (tree.rs:"), "{text}");
                    assert!(tree.to_json().contains(r#""name":"below""#));
                    assert!(tree.to_dot().contains("`below`"));
                })
                .await
                .unwrap();
            });
            inner.await.unwrap();
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_group_outside_of_any_task_is_in_the_tree() {
    let text = || nimsync::tree().to_string();
    futures::executor::block_on(async {
        task_group!(name = "from-outside", |g| {
            g.task("outer-child").service(std::future::pending::<()>());
            task_group!(name = "inside-that", |h| {
                h.task("inner-child").service(std::future::pending::<()>());
                let tree = text();
                let (_, ours) = tree
                    .split_once("\n  group `from-outside` (tree.rs:")
                    .unwrap();
                let (_, ours) = ours.split_once("\n    service `outer-child` ").unwrap();
                let (_, ours) = ours.split_once("\n    group `inside-that` ").unwrap();
                assert!(ours.contains("\n      service `inner-child` "), "{tree}");
                assert_eq!(tree.matches("group `inside-that`").count(), 1, "{tree}");
            })
            .await
            .unwrap();
        })
        .await
        .unwrap();
    });
    assert!(!text().contains("from-outside"), "{}", text());
    // Many that have ended leave nothing behind.
    for _ in 0..1000 {
        futures::executor::block_on(async { task_group!(name = "brief", |_g| {}).await }).unwrap();
    }
    assert!(!text().contains("`brief`"));
}
