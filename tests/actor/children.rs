//! Actors that an actor has spawned: they end with it, and fail it.

use super::record::{Record, set_up};
use nimsync::actor::testing::TestActor;
use nimsync::actor::{Lifetime, Strategy};
use nimsync::prelude::*;
use nimsync::{ActorId, CallError};
use std::sync::{Arc, Mutex};

#[actor(stop_within = "10s")]
struct Leaf {
    name: &'static str,
    record: Record,
}

#[actor]
impl Leaf {
    pub async fn work(&mut self, ms: u64) {
        sleep(ms.milliseconds()).await;
        self.record.note(format!("{} worked", self.name));
    }

    pub fn fail(&mut self) -> Result<(), &'static str> {
        Err("as told")
    }

    pub fn panic(&mut self) {
        panic!("as told")
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        self.record.note(format!("{}: {why}", self.name));
    }
}

#[actor(stop_within = "1s")]
struct Above {
    record: Record,
}

#[actor]
impl Above {
    pub fn grow(&mut self, name: &'static str, cx: &mut Cx<Self>) -> LeafHandle {
        let record = self.record.clone();
        cx.named(name).spawn(Leaf { name, record })
    }

    pub fn grow_watched(&mut self, name: &'static str, cx: &mut Cx<Self>) -> LeafHandle {
        let leaf = self.grow(name, cx);
        cx.watch(&leaf);
        leaf
    }

    pub fn grow_narrow(&mut self, cx: &mut Cx<Self>) -> LeafHandle {
        let record = self.record.clone();
        let leaf = Leaf {
            name: "narrow",
            record,
        };
        cx.spawn_with(leaf, |options| options.mailbox(1))
    }

    pub fn ready(&self) -> bool {
        true
    }

    pub fn fail(&mut self) -> Result<(), &'static str> {
        Err("by itself")
    }

    pub fn leave(&mut self, cx: &mut Cx<Self>) {
        cx.stop();
    }

    #[on_exit]
    fn gone(&mut self, _: ActorId, why: StopReason) {
        self.record.note(format!("hears: {why}"));
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        self.record.note(format!("above: {why}"));
    }
}

/// An actor that has no children yet.
fn one_above() -> (Record, ActorSystem, AboveHandle) {
    let (record, system) = set_up();
    let above = system.spawn(Above {
        record: record.clone(),
    });
    (record, system, above)
}

#[nimsync::test(start_paused = true)]
async fn a_stop_stops_the_children_first_and_the_last_of_them_before_the_others() {
    let (record, system, above) = one_above();
    let a = above.grow("a").await.unwrap();
    let b = above.grow("b").await.unwrap();
    a.work(1).tell().await.unwrap();
    b.work(500).tell().await.unwrap();
    b.work(100).tell().await.unwrap();
    assert!(matches!(above.stop().await, StopReason::Stopped));
    assert_eq!(
        record.take(),
        [
            "a worked",
            "b worked",
            "b worked",
            "b: stopped",
            "a: stopped",
            "above: stopped"
        ]
    );
    assert!(!a.is_alive() && !b.is_alive());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn children_have_no_longer_than_the_actor_above_them() {
    let (record, system, above) = one_above();
    let a = above.grow("a").await.unwrap();
    let b = above.grow("b").await.unwrap();
    b.work(5000).tell().await.unwrap();
    let begin = nimsync::now();
    above.stop().await;
    assert_eq!(nimsync::now() - begin, 1.seconds());
    let mut lines = record.take();
    assert_eq!(lines.pop().unwrap(), "above: stopped");
    assert_eq!(lines.len(), 2, "{lines:?}");
    let why = "the actor above it was killed";
    assert!(lines.iter().all(|line| line.contains(why)), "{lines:?}");
    assert!(!a.is_alive() && !b.is_alive());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_kill_kills_the_children() {
    let (record, system, above) = one_above();
    let a = above.grow("a").await.unwrap();
    let (worked, why) = futures::join!(a.work(5000), async {
        sleep(1.milliseconds()).await;
        above.kill().await
    });
    assert_eq!(worked, Err(CallError::Stopped));
    assert!(matches!(why, StopReason::Killed));
    let lines = record.take();
    assert!(lines[0].starts_with("a: cancelled"), "{lines:?}");
    assert_eq!(lines[1..], ["above: killed"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_failure_kills_the_children_and_says_why() {
    let (record, system, above) = one_above();
    let a = above.grow("a").await.unwrap();
    above.fail().tell().await.unwrap();
    a.ended().await;
    above.ended().await;
    let lines = record.take();
    assert!(
        lines[0].contains("the actor above it has failed"),
        "{lines:?}"
    );
    assert!(lines[1].contains("by itself"), "{lines:?}");
    system.stop().await.unwrap_err();
}

#[nimsync::test(start_paused = true)]
async fn the_failure_of_a_child_is_one_of_the_actor_above() {
    let (_, system, above) = one_above();
    let a = above.grow("a").await.unwrap();
    let _b = above.grow("b").await.unwrap();
    a.fail().tell().await.unwrap();
    let why = above.ended().await;
    let StopReason::Failed(failure) = &why else {
        panic!("{why:?}");
    };
    assert_eq!(failure.during(), "spawn");
    assert_eq!(
        why.to_string(),
        "actor `Above` failed in `spawn`: actor `a` failed in `fail`: as told"
    );
    let error = system.stop().await.unwrap_err();
    assert!(error.to_string().contains("as told"), "{error}");
}

#[nimsync::test]
#[should_panic(expected = "as told")]
async fn the_panic_of_a_child_goes_on_above() {
    let (_, system, above) = one_above();
    let a = above.grow("a").await.unwrap();
    a.panic().tell().await.unwrap();
    above.ended().await;
    drop(system.stop().await);
}

#[nimsync::test(start_paused = true)]
async fn who_watches_a_child_hears_of_its_failure_and_goes_on() {
    let (record, system, above) = one_above();
    for name in ["a", "b", "c"] {
        let leaf = above.grow_watched(name).await.unwrap();
        match name {
            "a" => leaf.fail().tell().await.unwrap(),
            "b" => leaf.panic().tell().await.unwrap(),
            _ => drop(leaf.stop()),
        }
        leaf.ended().await;
        assert_eq!(above.ready().await, Ok(true));
        let lines = record.take();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[1].starts_with("hears: "), "{lines:?}");
    }
    assert!(matches!(above.stop().await, StopReason::Stopped));
    system.stop().await.unwrap();
}

/// A child that fails when it is told to stop: its failure comes when the actor above ends already.
#[actor]
struct SoreLoser;

#[actor]
impl SoreLoser {
    pub fn good(&self) {}

    #[on_stop]
    fn down(&mut self) {
        panic!("not yet")
    }
}

#[actor]
struct Host;

#[actor]
impl Host {
    pub fn grow(&mut self, cx: &mut Cx<Self>) {
        cx.spawn(SoreLoser).good().try_tell().unwrap();
        // It has no handle, but may be stopped before it sees that.
        cx.stop();
    }
}

#[nimsync::test]
#[should_panic(expected = "not yet")]
async fn a_child_that_fails_while_it_is_stopped_is_not_lost() {
    let system = ActorSystem::new();
    let host = system.spawn(Host);
    host.grow().await.unwrap();
    assert!(host.ended().await.is_failure());
    drop(system.stop().await);
}

#[nimsync::test(start_paused = true)]
async fn a_restart_begins_without_children() {
    let (record, system) = set_up();
    let mut supervisor = system.supervisor(Strategy::OneForOne);
    let above = supervisor.child(Lifetime::Permanent, {
        let record = record.clone();
        move || {
            let record = record.clone();
            async { Ok(Above { record }) }
        }
    });
    supervisor.start().await.unwrap();
    let a = above.grow("a").await.unwrap();
    a.fail().tell().await.unwrap();
    a.ended().await;
    assert_eq!(above.ready().await, Ok(true));
    assert_eq!(
        record.take()[1],
        "above: actor `Above` failed in `spawn`: actor `a` failed in `fail`: as told"
    );
    let b = above.grow("b").await.unwrap();
    above.leave().tell().await.unwrap();
    b.ended().await;
    assert_eq!(above.ready().await, Ok(true));
    assert_eq!(record.take(), ["b: stopped", "above: stopped"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_dropped_system_leaves_no_grandchild() {
    let record = Record::default();
    task_group!(|g| {
        let record = record.clone();
        g.spawn(async move {
            let system = ActorSystem::new();
            let above = system.spawn(Above { record });
            let a = above.grow("a").await.unwrap();
            a.work(10_000).tell().await.unwrap();
            sleep(1.milliseconds()).await;
            drop(system);
        });
    })
    .await
    .unwrap();
    let lines = record.take();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("a: cancelled"), "{lines:?}");
    assert!(lines[1].starts_with("above: cancelled"), "{lines:?}");
}

#[nimsync::test(start_paused = true)]
async fn a_child_is_below_its_actor_in_the_tree_and_comes_from_where_it_was_spawned() {
    let system = ActorSystem::new();
    let above = system.named("above").spawn(Above {
        record: Record::default(),
    });
    let above = above.unwrap();
    let _leaf = above.grow("leaf").await.unwrap();
    nimsync::yield_now().await;
    let tree = nimsync::tree().to_string();
    let indent = |name: &str| {
        let line = tree.lines().find(|line| line.contains(name)).unwrap();
        assert!(line.contains("children.rs"), "{tree}");
        line.len() - line.trim_start().len()
    };
    assert!(indent("`leaf`") > indent("`above`"), "{tree}");
    system.stop().await.unwrap();
}

#[nimsync::test]
async fn a_child_may_have_other_options_than_its_attribute_says() {
    let (_, system, above) = one_above();
    let leaf = above.grow_narrow().await.unwrap();
    leaf.work(0).try_tell().unwrap();
    assert!(leaf.work(0).try_tell().unwrap_err().is_full());
    system.stop().await.unwrap();
}

#[nimsync::test]
async fn what_a_child_does_not_handle_is_reported_as_the_system_says() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let system = ActorSystem::new().on_undelivered({
        let reported = reported.clone();
        move |what| reported.lock().unwrap().push(what.actor_name.to_string())
    });
    let record = Record::default();
    let above = system.spawn(Above { record });
    let leaf = above.grow("leaf").await.unwrap();
    leaf.work(0).try_tell().unwrap();
    leaf.kill().await;
    system.stop().await.unwrap();
    assert_eq!(*reported.lock().unwrap(), ["leaf"]);
}

#[test]
fn a_test_actor_drives_its_children() {
    let record = Record::default();
    let mut above = TestActor::new(Above {
        record: record.clone(),
    });
    let leaf = above.ask(|above| above.grow("leaf")).unwrap();
    leaf.work(0).try_tell().unwrap();
    leaf.fail().try_tell().unwrap();
    above.run();
    assert_eq!(record.take()[0], "leaf worked");
    assert_eq!(
        above.failure(),
        Some("actor `leaf` failed in `fail`: as told")
    );
}
