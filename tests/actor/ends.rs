//! How actors end without failing.

use nimsync::actor::WeakAddr;
use nimsync::prelude::*;
use nimsync::{ActorId, CallError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What happened, in order.
type Record = Arc<Mutex<Vec<String>>>;

fn take(record: &Record) -> Vec<String> {
    std::mem::take(&mut record.lock().unwrap())
}

/// Writes down what is done to it.
#[actor(mailbox = 8, stop_within = "1s")]
struct Subject {
    record: Record,
    last_words: u64,
}

impl Subject {
    fn new(record: &Record) -> Self {
        Self {
            record: record.clone(),
            last_words: 0,
        }
    }

    fn note(&self, what: impl Into<String>) {
        self.record.lock().unwrap().push(what.into());
    }
}

#[actor]
impl Subject {
    pub fn say(&mut self, what: &'static str) {
        self.note(what);
    }

    pub async fn nap(&mut self, ms: u64) {
        self.note("nap");
        sleep(ms.milliseconds()).await;
        self.note("awake");
    }

    pub async fn save(&mut self) {
        shield!(sleep(50.milliseconds())).await;
        self.note("saved");
    }

    pub fn leave(&mut self, cx: &mut Cx<Self>) {
        cx.stop();
    }

    #[on_start]
    fn up(&mut self) {
        self.note("up");
    }

    #[on_stop]
    async fn down(&mut self, why: StopReason) {
        if self.last_words != 0 {
            sleep(self.last_words.milliseconds()).await;
        }
        self.note(format!("down: {why}"));
    }

    #[on_exit]
    fn gone(&mut self, _id: ActorId, why: StopReason) {
        self.note(format!("the other: {why}"));
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.note("dropped");
    }
}

#[nimsync::test(start_paused = true)]
async fn a_stop_handles_what_was_accepted() {
    let record = Record::default();
    let system = ActorSystem::new();
    let subject = system.spawn(Subject::new(&record));
    subject.nap(10).tell().await.unwrap();
    subject.say("one").tell().await.unwrap();
    subject.say("two").tell().await.unwrap();
    let why = subject.stop().await;
    assert!(matches!(why, StopReason::Stopped));
    assert!(!subject.is_alive());
    assert_eq!(
        take(&record),
        [
            "up",
            "nap",
            "awake",
            "one",
            "two",
            "down: stopped",
            "dropped"
        ]
    );
    assert!(matches!(subject.stop().await, StopReason::Stopped), "again");
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_kill_cuts_the_handler_and_reports_the_rest() {
    let record = Record::default();
    let reports = record.clone();
    let system = ActorSystem::new().on_undelivered(move |undelivered| {
        let mut reports = reports.lock().unwrap();
        reports.push(format!("undelivered: {}", undelivered.message));
    });
    let subject = system.spawn(Subject::new(&record));
    subject.nap(1000).tell().await.unwrap();
    subject.say("one").tell().await.unwrap();
    let begin = nimsync::now();
    let (asked, why) = futures::join!(subject.say("two"), async {
        nimsync::yield_now().await;
        subject.kill().await
    });
    assert_eq!(asked, Err(CallError::Stopped));
    assert!(matches!(why, StopReason::Killed));
    assert_eq!(nimsync::now(), begin);
    assert_eq!(
        take(&record),
        ["up", "nap", "down: killed", "dropped", "undelivered: say"]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_kill_waits_for_what_is_shielded() {
    let record = Record::default();
    let system = ActorSystem::new();
    let subject = system.spawn(Subject::new(&record));
    subject.save().tell().await.unwrap();
    nimsync::yield_now().await;
    subject.kill().await;
    assert_eq!(take(&record), ["up", "saved", "down: killed", "dropped"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn orders_do_not_wait_behind_a_full_mailbox() {
    let record = Record::default();
    let system = ActorSystem::new();
    let subject = system.spawn(Subject::new(&record));
    subject.nap(10).tell().await.unwrap();
    nimsync::yield_now().await;
    while subject.say("never").try_tell().is_ok() {}
    subject.kill().await;
    assert_eq!(take(&record), ["up", "nap", "down: killed", "dropped"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stop_that_takes_too_long_becomes_a_kill() {
    let record = Record::default();
    let system = ActorSystem::new();
    let subject = system.spawn(Subject::new(&record));
    subject.nap(10_000).tell().await.unwrap();
    let begin = nimsync::now();
    assert!(matches!(subject.stop().await, StopReason::Killed));
    assert_eq!(nimsync::now() - begin, 1.seconds());
    assert_eq!(take(&record), ["up", "nap", "down: killed", "dropped"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn last_words_that_take_too_long_are_cut() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut subject = Subject::new(&record);
    subject.last_words = 10_000;
    let subject = system.spawn(subject);
    subject.say("one").await.unwrap();
    let begin = nimsync::now();
    subject.stop().await;
    assert_eq!(
        nimsync::now() - begin,
        2.seconds(),
        "as a stop, then as a kill"
    );
    assert_eq!(take(&record), ["up", "one", "dropped"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_actor_can_stop_itself() {
    let record = Record::default();
    let system = ActorSystem::new();
    let subject = system.spawn(Subject::new(&record));
    subject.leave().tell().await.unwrap();
    subject.say("behind it").tell().await.unwrap();
    system.join().await.unwrap();
    assert_eq!(
        take(&record),
        ["up", "behind it", "down: stopped", "dropped"]
    );
}

#[nimsync::test(start_paused = true)]
async fn an_actor_without_handles_handles_the_rest_and_ends() {
    let record = Record::default();
    let system = ActorSystem::new();
    let subject = system.spawn(Subject::new(&record));
    subject.say("one").tell().await.unwrap();
    drop(subject);
    system.join().await.unwrap();
    assert_eq!(
        take(&record),
        ["up", "one", "down: no handle was left", "dropped"]
    );
}

#[nimsync::test(start_paused = true)]
async fn a_weak_address_keeps_nobody_alive() {
    let record = Record::default();
    let system = ActorSystem::new();
    let subject = system.spawn(Subject::new(&record));
    let weak: WeakAddr<Subject> = subject.downgrade();
    let again = weak.upgrade().unwrap();
    assert_eq!(again, subject);
    drop(subject);
    again.say("by the second handle").await.unwrap();
    drop(again);
    assert!(weak.upgrade().is_none());
    system.join().await.unwrap();
    assert!(weak.upgrade().is_none());
}

/// Says its name when it goes, after a while.
#[actor]
struct Leaver {
    name: &'static str,
    record: Record,
}

#[actor]
impl Leaver {
    pub fn hello(&self) {}

    #[on_stop]
    async fn down(&mut self) {
        sleep(10.milliseconds()).await;
        self.record.lock().unwrap().push(self.name.to_owned());
    }
}

#[nimsync::test(start_paused = true)]
async fn a_system_stops_the_last_actor_first() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut handles = Vec::new();
    for name in ["a", "b", "c"] {
        let record = record.clone();
        handles.push(system.spawn(Leaver { name, record }));
    }
    for handle in &handles {
        handle.hello().await.unwrap();
    }
    let before = nimsync::now();
    system.stop().await.unwrap();
    assert_eq!(take(&record), ["c", "b", "a"]);
    assert_eq!(nimsync::now() - before, 30.milliseconds(), "one by one");
    assert_eq!(handles.iter().filter(|handle| handle.is_alive()).count(), 0);
}

#[nimsync::test(start_paused = true)]
async fn a_dropped_system_cancels_its_actors_and_leaves_no_orphan() {
    let record = Record::default();
    task_group!(|g| {
        let record = record.clone();
        g.spawn(async move {
            let system = ActorSystem::new();
            let subject = system.spawn(Subject::new(&record));
            subject.nap(1000).tell().await.unwrap();
            nimsync::yield_now().await;
            drop(system);
        });
    })
    .await
    .unwrap();
    let lines = take(&record);
    assert_eq!(lines[..2], ["up", "nap"]);
    assert!(lines[2].starts_with("down: cancelled"), "{lines:?}");
    assert_eq!(lines[3], "dropped");
}

#[nimsync::test(start_paused = true)]
async fn an_actor_of_a_group_ends_after_the_ordinary_children() {
    let record = Record::default();
    task_group!(|g| {
        let subject = g.actor(Subject::new(&record));
        g.spawn(async move {
            sleep(10.milliseconds()).await;
            subject.say("one").tell().await?;
            subject.say("two").tell().await?;
        });
    })
    .await
    .unwrap();
    let lines = take(&record);
    assert_eq!(lines[..3], ["up", "one", "two"]);
    assert_eq!(lines.last().unwrap(), "dropped");
}

#[nimsync::test(start_paused = true)]
async fn a_cancelled_group_kills_its_actors_and_their_last_words_are_heard() {
    let record = Record::default();
    let group = task_group!(timeout = 100.milliseconds(), |g| {
        let mut subject = Subject::new(&record);
        subject.last_words = 500;
        let subject = g.actor(subject);
        subject.nap(1000).tell().await.unwrap();
        std::future::pending::<()>().await;
    });
    let begin = nimsync::now();
    group.await.unwrap_err();
    assert_eq!(nimsync::now() - begin, 600.milliseconds());
    let lines = take(&record);
    assert!(
        lines[2].starts_with("down: cancelled: time limit"),
        "{lines:?}"
    );
}

#[nimsync::test(start_paused = true)]
async fn a_watcher_is_told_once() {
    let record = Record::default();
    let system = ActorSystem::new();
    let watcher = system.spawn(Subject::new(&record));
    let other = system.spawn(Subject::new(&Record::default()));
    watcher.watch(&other);
    watcher.watch(&other);
    other.kill().await;
    watcher.say("later").await.unwrap();
    assert_eq!(take(&record), ["up", "the other: killed", "later"]);
    watcher.watch(&other);
    watcher.say("later").await.unwrap();
    assert_eq!(
        take(&record),
        ["the other: killed", "later"],
        "it had ended before"
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_watcher_that_looks_away_is_not_told() {
    let record = Record::default();
    let system = ActorSystem::new();
    let watcher = system.spawn(Subject::new(&record));
    let other = system.spawn(Subject::new(&Record::default()));
    watcher.watch(&other);
    watcher.unwatch(&other);
    other.kill().await;
    watcher.say("later").await.unwrap();
    assert_eq!(take(&record), ["up", "later"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn news_is_heard_before_the_messages_that_wait() {
    let record = Record::default();
    let system = ActorSystem::new();
    let watcher = system.spawn(Subject::new(&record));
    let other = system.spawn(Subject::new(&Record::default()));
    watcher.watch(&other);
    watcher.nap(10).tell().await.unwrap();
    watcher.say("one").tell().await.unwrap();
    other.kill().await;
    watcher.say("two").await.unwrap();
    assert_eq!(
        take(&record),
        ["up", "nap", "awake", "the other: killed", "one", "two"]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_name_belongs_to_one_actor_and_is_free_when_it_is_gone() {
    let record = Record::default();
    let system = ActorSystem::new();
    let first = system.named("it").spawn(Subject::new(&record)).unwrap();
    assert_eq!(first.name(), "it");
    assert_eq!(system.get::<Subject>("it"), Some(first.clone()));
    assert_eq!(system.get::<Subject>("that"), None);
    let refused = system.named("it").spawn(Subject::new(&record));
    drop(refused.unwrap_err().0);
    first.stop().await;
    assert_eq!(system.get::<Subject>("it"), None);
    let second = system.named("it").spawn(Subject::new(&record)).unwrap();
    assert_ne!(first, second);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_name_keeps_its_actor_alive() {
    let record = Record::default();
    let system = ActorSystem::new();
    drop(system.named("it").spawn(Subject::new(&record)).unwrap());
    sleep(1.seconds()).await;
    let found = system.get::<Subject>("it").unwrap();
    found.say("here").await.unwrap();
    drop(found);
    system.join().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_group_that_was_asked_to_end_and_does_stops_its_actors() {
    // It killed them, and what they had accepted was lost.
    let record = Record::default();
    let scope = CancelScope::new();
    let ran = scope.run(task_group!(|g| {
        let subject = g.actor(Subject::new(&record));
        scope.cancel_after(1.minutes());
        subject.say("hello").await?;
        subject.nap(5).tell().await?;
        subject.say("the last word").tell().await?;
    }));
    ran.await.unwrap().unwrap();
    let lines = take(&record);
    assert_eq!(lines[..5], ["up", "hello", "nap", "awake", "the last word"]);
}

/// The group is done before the actor has begun: what it has accepted is handled all the same.
#[nimsync::test]
async fn an_actor_of_a_group_handles_what_it_accepted_before_it_began() {
    let heard = Arc::new(AtomicUsize::new(0));
    let count = heard.clone();
    task_group!(|g| {
        let actor = g.actor(Hearing(count));
        actor.hear().tell().await?;
        actor.hear().try_tell()?;
    })
    .await
    .unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 2);
}

/// A handle that a waiting message gives out keeps the actor alive.
#[nimsync::test]
async fn a_handle_from_inside_is_good() {
    let heard = Arc::new(AtomicUsize::new(0));
    let system = ActorSystem::new();
    let (out, given) = nimsync::channel::oneshot();
    let actor = system.spawn(Hearing(heard.clone()));
    actor.give(out).tell().await.unwrap();
    drop(actor);
    let again = given.await.unwrap();
    again.hear().await.unwrap();
    drop(again);
    system.join().await.unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 1);
}

#[nimsync::test]
async fn a_named_actor_comes_from_where_it_was_named() {
    let system = ActorSystem::new();
    let named = system.named("listener");
    let _listener = named.spawn(Hearing(Arc::default())).unwrap();
    nimsync::yield_now().await;
    let tree = nimsync::tree().to_string();
    let line = tree.lines().find(|line| line.contains("listener"));
    assert!(line.unwrap().contains("ends.rs"), "{tree}");
    system.stop().await.unwrap();
}

#[actor]
struct Hearing(Arc<AtomicUsize>);

#[actor]
impl Hearing {
    // What a hook has no use for needs no name.
    #[on_stop]
    fn down(&self, _: nimsync::StopReason) {}

    pub fn hear(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn give(&self, to: nimsync::channel::oneshot::Sender<HearingHandle>, cx: &mut Cx<Self>) {
        drop(to.send(cx.handle()));
    }
}
