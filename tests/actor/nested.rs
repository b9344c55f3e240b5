//! Supervisors that are declared as structs, and in each other.

use super::record::Record;
use nimsync::CallError;
use nimsync::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Fails as it is told, and says so.
#[actor]
struct Part {
    name: String,
    record: Record,
    count: u32,
}

#[actor]
impl Part {
    #[init]
    fn new(name: String, record: Record) -> Self {
        Self {
            name,
            record,
            count: 0,
        }
    }

    pub fn count(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    pub fn fail(&mut self) -> Result<(), &'static str> {
        Err("as told")
    }

    #[on_start]
    fn up(&mut self) {
        self.record.note(format!("{} up", self.name));
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        let why = match why {
            StopReason::Failed(_) => "failed".to_owned(),
            StopReason::Restarting => "makes way".to_owned(),
            why => why.to_string(),
        };
        self.record.note(format!("{} {why}", self.name));
    }
}

#[supervisor(strategy = one_for_one, restarts = 1, within = "60s")]
struct Storage {
    #[arg]
    record: Record,
    #[child(init("db".into(), record))]
    db: Part,
    #[child(init("cache".into(), record))]
    cache: Part,
}

#[supervisor(strategy = rest_for_one, restarts = 2, within = "60s")]
struct App {
    /// Where the parts say what they do.
    #[arg]
    record: Record,
    #[child(init("log".into(), record))]
    log: Part,
    #[child(init(record))]
    storage: Storage,
    #[child(init("web".into(), record))]
    web: Part,
}

async fn app() -> (App, Record) {
    let record = Record::default();
    let app = App::start(record.clone()).await.unwrap();
    assert_eq!(record.take(), ["log up", "db up", "cache up", "web up"]);
    (app, record)
}

#[nimsync::test(start_paused = true)]
async fn a_tree_starts_in_order_and_stops_in_reverse() {
    let (app, record) = app().await;
    assert_eq!(app.storage().db().count().await, Ok(1));
    let db = app.storage().db().clone();
    app.stop().await.unwrap();
    assert_eq!(
        record.take(),
        ["web stopped", "cache stopped", "db stopped", "log stopped"]
    );
    assert!(!db.is_alive());
}

#[nimsync::test(start_paused = true)]
async fn a_failure_below_is_the_business_of_the_one_below() {
    let (app, record) = app().await;
    let db = app.storage().db();
    db.fail().tell().await.unwrap();
    assert_eq!(db.count().await, Ok(1));
    assert_eq!(record.take(), ["db failed", "db up"]);
    app.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_escalation_is_a_failure_of_the_subtree_and_its_handles_stay_good() {
    let (app, record) = app().await;
    let (db, cache) = (app.storage().db().clone(), app.storage().cache().clone());
    assert_eq!(cache.count().await, Ok(1));
    for round in 1..=2 {
        db.fail().tell().await.unwrap();
        db.count().await.unwrap();
        db.fail().tell().await.unwrap();
        sleep(1.milliseconds()).await;
        assert_eq!(cache.count().await, Ok(1), "round {round}");
        assert_eq!(app.web().count().await, Ok(1));
        assert_eq!(
            record.take(),
            [
                "db failed",
                "db up",
                "db failed",
                "cache makes way",
                "web makes way",
                "db up",
                "cache up",
                "web up"
            ],
            "its window is empty again, round {round}"
        );
    }
    assert_eq!(app.log().count().await, Ok(1));
    // Two restarts of the subtree are allowed.
    db.fail().tell().await.unwrap();
    db.fail().tell().await.unwrap();
    assert!(app.supervised().ended().await.is_failure());
    assert!(!cache.is_alive() && !app.log().is_alive());
    let error = app.stop().await.unwrap_err();
    assert!(error.to_string().contains("as told"), "{error}");
}

#[nimsync::test(start_paused = true)]
async fn a_failure_beside_it_restarts_the_subtree() {
    let (app, record) = app().await;
    app.storage().db().count().await.unwrap();
    app.log().fail().tell().await.unwrap();
    sleep(1.milliseconds()).await;
    assert_eq!(
        record.take(),
        [
            "log failed",
            "web makes way",
            "cache makes way",
            "db makes way",
            "log up",
            "db up",
            "cache up",
            "web up"
        ]
    );
    assert_eq!(app.storage().db().count().await, Ok(1));
    app.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_subtree_that_is_stopped_stays_down() {
    let (app, record) = app().await;
    let below = app.storage().supervised().clone();
    assert_eq!(below.name(), "storage");
    assert!(matches!(below.stop().await, StopReason::Stopped));
    assert_eq!(record.take(), ["cache stopped", "db stopped"]);
    app.log().fail().tell().await.unwrap();
    sleep(1.milliseconds()).await;
    assert_eq!(
        record.take(),
        ["log failed", "web makes way", "log up", "web up"]
    );
    app.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_clone_of_the_handles_does_not_own_the_system() {
    let (app, record) = app().await;
    let copy = app.clone();
    drop(app.storage().clone());
    assert_eq!(copy.storage().db(), app.storage().db());
    drop(copy);
    assert_eq!(app.web().count().await, Ok(1));
    record.take();
    app.clone().stop().await.unwrap();
    assert_eq!(record.take().len(), 4, "but it can stop the tree");
    app.stop().await.unwrap();
}

#[actor]
struct Picky {
    name: &'static str,
}

#[actor]
impl Picky {
    #[init]
    fn new(name: &'static str, luck: Arc<AtomicU32>) -> Result<Self, String> {
        let left = luck.load(Relaxed);
        if left == 0 {
            return Err(format!("no luck for {name}"));
        }
        luck.store(left - 1, Relaxed);
        Ok(Self { name })
    }

    pub fn who(&self) -> &'static str {
        self.name
    }

    pub fn panic(&self) {
        panic!("as told");
    }
}

#[supervisor(restarts = 0)]
struct Inner {
    #[arg]
    luck: Arc<AtomicU32>,
    #[child(init("first", luck))]
    first: Picky,
    #[child(init("second", luck))]
    second: Picky,
}

#[supervisor(restarts = 3, within = "60s")]
struct Outer {
    #[arg]
    luck: Arc<AtomicU32>,
    #[child(init("before", luck))]
    before: Picky,
    #[child(init(luck))]
    inner: Inner,
}

#[nimsync::test(start_paused = true)]
async fn what_does_not_start_below_fails_the_start() {
    let luck = Arc::new(AtomicU32::new(2));
    let failure = Outer::start(luck).await.err().unwrap();
    assert_eq!(failure.actor_name(), "second");
    assert_eq!(failure.during(), "init");
}

#[nimsync::test(start_paused = true)]
async fn what_does_not_start_below_again_counts_as_a_restart_of_the_subtree() {
    let luck = Arc::new(AtomicU32::new(3));
    let outer = Outer::start(luck.clone()).await.unwrap();
    // The first of the two comes up once more, and the second does not.
    luck.store(1, Relaxed);
    let begin = nimsync::now();
    let asked = outer.inner().first().panic().await;
    assert!(matches!(asked, Err(CallError::Panicked(_))), "{asked:?}");
    assert!(
        outer.supervised().ended().await.is_failure(),
        "three tries, and the end"
    );
    assert_eq!(nimsync::now(), begin);
    assert_eq!(outer.inner().second().who().await, Err(CallError::Stopped));
    assert!(outer.stop().await.is_err());
}

/// Makes something of the handle that it is given.
#[actor(mailbox = 32)]
struct Front {
    back: PartHandle,
    all: usize,
}

#[actor]
impl Front {
    #[init]
    fn new(back: PartHandle, all: usize) -> Self {
        Self { back, all }
    }

    pub async fn count(&self) -> (u32, usize) {
        (self.back.count().await.unwrap(), self.all)
    }

    pub async fn nap(&self) {
        sleep(1.minutes()).await;
    }
}

#[supervisor]
struct Shop {
    #[arg]
    record: Record,
    #[arg]
    size: usize,
    #[child(init("back".into(), record.clone()))]
    back: Part,
    #[child(count = size, init(format!("shelf of {size}"), record))]
    shelves: Part,
    #[child(init(back, shelves.all().len()), mailbox = 1, stop_within = "2s", full = reject)]
    front: Front,
    #[child(count = 2, route = key, init(record))]
    stores: Storage,
    #[child(init(stores.all()[0].db().clone(), 0), lifetime = transient)]
    other: Front,
}

#[nimsync::test(start_paused = true)]
async fn children_are_made_of_arguments_and_of_the_children_before_them() {
    let record = Record::default();
    let reports = record.clone();
    let system = ActorSystem::new().on_undelivered(move |undelivered| {
        reports.note(format!("undelivered: {}", undelivered.message));
    });
    let shop = Shop::start_in(&system, record.clone(), 3).await.unwrap();
    assert_eq!(record.take()[..2], ["back up", "shelf of 3 up"]);
    assert_eq!(shop.front().count().await, Ok((1, 3)));
    assert_eq!(shop.shelves().count().await, Ok(1));
    assert_eq!(shop.shelves().count().await, Ok(1), "in turn");
    assert_eq!(shop.other().count().await, Ok((1, 0)));
    assert_eq!(shop.stores(&1).db().name(), "db");
    // The options of the field come before those of the actor.
    shop.front().nap().tell().await.unwrap();
    nimsync::yield_now().await;
    shop.front().nap().try_tell().unwrap();
    assert!(shop.front().nap().tell().await.unwrap_err().is_full());
    let begin = nimsync::now();
    shop.front().stop().await;
    assert_eq!(nimsync::now() - begin, 2.seconds());
    assert_eq!(record.take(), ["undelivered: nap"]);
    shop.stop().await.unwrap();
    assert_eq!(record.take().len(), 4 + 4, "the others are stopped");
    assert!(system.is_empty());
    system.stop().await.unwrap();
}
