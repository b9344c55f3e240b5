//! Supervisors: who is restarted, when, and what becomes of messages meanwhile.

use super::record::Record;
use nimsync::actor::{Lifetime, Strategy, Supervisor};
use nimsync::prelude::*;
use nimsync::{ActorId, CallError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[actor(mailbox = 4, stop_within = "1s")]
struct Part {
    name: &'static str,
    record: Record,
    count: u32,
}

#[actor]
impl Part {
    pub fn count(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    pub fn fail(&mut self) -> Result<(), &'static str> {
        Err("as told")
    }

    pub fn panic(&mut self) {
        panic!("as told")
    }

    pub async fn nap(&mut self, ms: u64) {
        sleep(ms.milliseconds()).await;
    }

    pub fn leave(&mut self, cx: &mut Cx<Self>) {
        cx.stop();
    }

    #[on_start]
    fn up(&mut self) {
        self.record.note(format!("{} up", self.name));
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        let why = match why {
            StopReason::Failed(_) => "failed".to_owned(),
            why => why.to_string(),
        };
        self.record.note(format!("{} {why}", self.name));
    }

    #[on_exit]
    fn gone(&mut self, _id: ActorId, why: StopReason) {
        self.record.note(format!("{} hears: {why}", self.name));
    }
}

fn part(
    supervisor: &mut Supervisor<'_>,
    lifetime: Lifetime,
    name: &'static str,
    record: &Record,
) -> PartHandle {
    let record = record.clone();
    supervisor.named_child(name, lifetime, move || {
        let record = record.clone();
        async move {
            Ok(Part {
                name,
                record,
                count: 0,
            })
        }
    })
}

/// Three permanent children, running.
async fn three(system: &ActorSystem, strategy: Strategy, record: &Record) -> [PartHandle; 3] {
    let mut supervisor = system.supervisor(strategy);
    let parts =
        ["a", "b", "c"].map(|name| part(&mut supervisor, Lifetime::Permanent, name, record));
    supervisor.start().await.unwrap();
    assert_eq!(record.take(), ["a up", "b up", "c up"]);
    parts
}

const RESTARTED: &str = "restarted with another actor";

#[nimsync::test(start_paused = true)]
async fn one_for_one_restarts_that_child() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, b, c] = three(&system, Strategy::OneForOne, &record).await;
    for part in [&a, &b, &c] {
        assert_eq!(part.count().await, Ok(1));
    }
    b.fail().tell().await.unwrap();
    assert_eq!(b.count().await, Ok(1), "a new value, by the old handle");
    assert_eq!(record.take(), ["b failed", "b up"]);
    assert_eq!(a.count().await, Ok(2));
    assert_eq!(c.count().await, Ok(2));
    system.stop().await.unwrap();
    assert_eq!(record.take(), ["c stopped", "b stopped", "a stopped"]);
}

#[nimsync::test(start_paused = true)]
async fn one_for_all_restarts_all_in_order() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, b, c] = three(&system, Strategy::OneForAll, &record).await;
    c.count().await.unwrap();
    b.fail().tell().await.unwrap();
    sleep(1.milliseconds()).await;
    assert_eq!(c.count().await, Ok(1));
    assert_eq!(
        record.take(),
        [
            "b failed",
            &format!("c {RESTARTED}"),
            &format!("a {RESTARTED}"),
            "a up",
            "b up",
            "c up"
        ]
    );
    assert_eq!(a.count().await, Ok(1));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn rest_for_one_restarts_those_behind() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, b, c] = three(&system, Strategy::RestForOne, &record).await;
    a.count().await.unwrap();
    b.fail().tell().await.unwrap();
    sleep(1.milliseconds()).await;
    assert_eq!(
        record.take(),
        ["b failed", &format!("c {RESTARTED}"), "b up", "c up"]
    );
    assert_eq!(a.count().await, Ok(2));
    c.fail().tell().await.unwrap();
    sleep(1.milliseconds()).await;
    assert_eq!(record.take(), ["c failed", "c up"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_panic_is_a_failure_and_the_asker_learns_of_it() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, ..] = three(&system, Strategy::OneForOne, &record).await;
    let asked = a.panic().await;
    assert!(matches!(asked, Err(CallError::Panicked(cause)) if cause.message() == "as told"));
    assert_eq!(a.count().await, Ok(1));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_restart_keeps_the_mailbox() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, ..] = three(&system, Strategy::OneForOne, &record).await;
    a.fail().try_tell().unwrap();
    a.count().try_tell().unwrap();
    a.count().try_tell().unwrap();
    assert_eq!(a.count().await, Ok(3));
    assert_eq!(record.take(), ["a failed", "a up"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_kill_is_a_failure_and_who_was_cut_is_told_so() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, ..] = three(&system, Strategy::OneForOne, &record).await;
    let (asked, behind, ()) = futures::join!(a.nap(1000), a.count(), async {
        sleep(1.milliseconds()).await;
        drop(a.kill());
    });
    assert_eq!(asked, Err(CallError::Restarting));
    assert_eq!(behind, Ok(1), "it waited in the mailbox");
    assert_eq!(record.take(), ["a killed", "a up"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_sibling_finishes_its_message_before_it_is_restarted() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, _, c] = three(&system, Strategy::OneForAll, &record).await;
    let begin = nimsync::now();
    let (napped, behind, failed) = futures::join!(c.nap(500), c.count(), a.fail().tell());
    failed.unwrap();
    assert_eq!(napped, Ok(()));
    assert_eq!(behind, Ok(1));
    assert_eq!(nimsync::now() - begin, 500.milliseconds());
    // Longer than it may take.
    let (napped, failed) = futures::join!(c.nap(5000), async {
        nimsync::yield_now().await;
        a.fail().tell().await
    });
    failed.unwrap();
    assert_eq!(napped, Err(CallError::Restarting));
    assert_eq!(nimsync::now() - begin, 1500.milliseconds());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn lifetimes_say_who_comes_back() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut supervisor = system.supervisor(Strategy::OneForOne);
    let permanent = part(&mut supervisor, Lifetime::Permanent, "p", &record);
    let transient = part(&mut supervisor, Lifetime::Transient, "t", &record);
    let temporary = part(&mut supervisor, Lifetime::Temporary, "x", &record);
    let other = part(&mut supervisor, Lifetime::Temporary, "y", &record);
    supervisor.start().await.unwrap();
    record.take();
    permanent.leave().tell().await.unwrap();
    assert_eq!(permanent.count().await, Ok(1));
    assert_eq!(record.take(), ["p stopped", "p up"]);
    transient.fail().tell().await.unwrap();
    assert_eq!(transient.count().await, Ok(1));
    assert_eq!(record.take(), ["t failed", "t up"]);
    transient.leave().tell().await.unwrap();
    assert!(matches!(transient.ended().await, StopReason::Stopped));
    temporary.fail().tell().await.unwrap();
    assert!(matches!(temporary.ended().await, StopReason::Failed(_)));
    other.leave().tell().await.unwrap();
    assert!(matches!(other.ended().await, StopReason::Stopped));
    assert_eq!(record.take(), ["t stopped", "x failed", "y stopped"]);
    permanent.stop().await;
    system.join().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stop_by_the_handle_is_for_good() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, b, _] = three(&system, Strategy::OneForAll, &record).await;
    a.stop().await;
    assert_eq!(record.take(), ["a stopped"]);
    b.fail().tell().await.unwrap();
    b.count().await.unwrap();
    assert_eq!(
        record.take()[2..],
        ["b up"],
        "it does not come back with the others"
    );
    assert!(!a.is_alive());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn each_child_has_its_sliding_window() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut supervisor = system
        .supervisor(Strategy::OneForOne)
        .restarts(2, 10.seconds());
    let a = part(&mut supervisor, Lifetime::Permanent, "a", &record);
    let b = part(&mut supervisor, Lifetime::Permanent, "b", &record);
    let supervised = supervisor.start().await.unwrap();
    for _ in 0..3 {
        for part in [&a, &a, &b, &b] {
            part.fail().tell().await.unwrap();
            part.count().await.unwrap();
        }
        sleep(11.seconds()).await;
    }
    assert!(supervised.is_alive());
    // The window slides: the third within ten seconds, but never in one block.
    a.fail().tell().await.unwrap();
    sleep(6.seconds()).await;
    a.fail().tell().await.unwrap();
    sleep(5.seconds()).await;
    a.fail().tell().await.unwrap();
    sleep(1.seconds()).await;
    assert!(supervised.is_alive(), "the first is eleven seconds old");
    record.take();
    a.fail().tell().await.unwrap();
    let why = supervised.ended().await;
    assert!(why.is_failure());
    assert_eq!(record.take(), ["a failed", "b stopped"]);
    let error = system.stop().await.unwrap_err();
    assert!(error.to_string().contains("as told"), "{error}");
}

#[nimsync::test(start_paused = true)]
async fn waits_before_restarts_grow_and_begin_anew() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut supervisor = system
        .supervisor(Strategy::OneForOne)
        .restarts(10, 60.seconds())
        .backoff(100.milliseconds(), 1.seconds());
    let a = part(&mut supervisor, Lifetime::Permanent, "a", &record);
    supervisor.start().await.unwrap();
    let wait = async |expected: u64| {
        let begin = nimsync::now();
        a.fail().tell().await.unwrap();
        a.count().await.unwrap();
        let waited = (nimsync::now() - begin).as_millis() as u64;
        assert!(
            (expected * 3 / 4..=expected * 5 / 4).contains(&waited),
            "{waited} for {expected}"
        );
    };
    for expected in [100, 200, 400, 800, 1000, 1000] {
        wait(expected).await;
    }
    sleep(2.minutes()).await;
    wait(100).await;
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_child_that_waits_for_its_restart_holds_up_nobody() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut supervisor = system
        .supervisor(Strategy::OneForOne)
        .backoff(10.seconds(), 10.seconds());
    let a = part(&mut supervisor, Lifetime::Permanent, "a", &record);
    let b = part(&mut supervisor, Lifetime::Permanent, "b", &record);
    supervisor.start().await.unwrap();
    a.fail().tell().await.unwrap();
    sleep(5.seconds()).await;
    b.fail().tell().await.unwrap();
    a.count().await.unwrap();
    b.count().await.unwrap();
    assert_eq!(
        record.take(),
        ["a up", "b up", "a failed", "b failed", "a up", "b up"]
    );
    // A stop does not wait for it either.
    a.fail().tell().await.unwrap();
    sleep(1.milliseconds()).await;
    let begin = nimsync::now();
    system.stop().await.unwrap();
    assert_eq!(nimsync::now(), begin);
}

/// Makes a part if there is luck.
fn lucky(
    supervisor: &mut Supervisor<'_>,
    name: &'static str,
    record: &Record,
    luck: &Arc<AtomicU32>,
) -> PartHandle {
    let (record, luck) = (record.clone(), luck.clone());
    supervisor.child(Lifetime::Permanent, move || {
        let (record, luck) = (record.clone(), luck.clone());
        async move {
            record.note(format!("{name} init"));
            let left = luck.load(Relaxed);
            if left > 0 {
                luck.store(left - 1, Relaxed);
                return Err("no luck".to_owned());
            }
            Ok(Part {
                name,
                record,
                count: 0,
            })
        }
    })
}

#[nimsync::test(start_paused = true)]
async fn a_failing_init_fails_the_start() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut supervisor = system.supervisor(Strategy::OneForOne);
    let luck = Arc::new(AtomicU32::new(1));
    let a = part(&mut supervisor, Lifetime::Permanent, "a", &record);
    let b = lucky(&mut supervisor, "b", &record, &luck);
    let c = part(&mut supervisor, Lifetime::Permanent, "c", &record);
    b.count().try_tell().unwrap();
    let failure = supervisor.start().await.unwrap_err();
    assert_eq!(failure.during(), "init");
    assert!(failure.to_string().contains("no luck"), "{failure}");
    assert_eq!(record.take(), ["a up", "b init", "a stopped"]);
    assert!(!a.is_alive() && !b.is_alive() && !c.is_alive());
    assert_eq!(b.count().await, Err(CallError::Stopped));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_failing_init_at_a_restart_counts_as_a_restart() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut supervisor = system
        .supervisor(Strategy::OneForOne)
        .restarts(3, 1.seconds());
    let luck = Arc::new(AtomicU32::new(0));
    let a = lucky(&mut supervisor, "a", &record, &luck);
    let supervised = supervisor.start().await.unwrap();
    luck.store(2, Relaxed);
    a.fail().tell().await.unwrap();
    assert_eq!(a.count().await, Ok(1));
    assert_eq!(
        record.take(),
        [
            "a init", "a up", "a failed", "a init", "a init", "a init", "a up"
        ]
    );
    sleep(2.seconds()).await;
    luck.store(3, Relaxed);
    a.fail().tell().await.unwrap();
    assert!(supervised.ended().await.is_failure());
    assert_eq!(record.take(), ["a failed", "a init", "a init", "a init"]);
    system.stop().await.unwrap_err();
}

#[nimsync::test(start_paused = true)]
async fn an_escalation_restarts_the_supervisor_with_all_below() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut outer = system
        .supervisor(Strategy::OneForOne)
        .restarts(1, 1.minutes());
    let before = part(&mut outer, Lifetime::Permanent, "before", &record);
    let mut inner = system
        .supervisor(Strategy::OneForOne)
        .restarts(1, 1.minutes());
    let a = part(&mut inner, Lifetime::Permanent, "a", &record);
    let b = part(&mut inner, Lifetime::Permanent, "b", &record);
    outer.supervise(Lifetime::Permanent, inner);
    let after = part(&mut outer, Lifetime::Permanent, "after", &record);
    let supervised = outer.start().await.unwrap();
    assert_eq!(record.take(), ["before up", "a up", "b up", "after up"]);
    a.fail().tell().await.unwrap();
    a.count().await.unwrap();
    assert_eq!(record.take(), ["a failed", "a up"]);
    a.fail().tell().await.unwrap();
    assert_eq!(b.count().await, Ok(1));
    assert_eq!(a.count().await, Ok(1));
    sleep(1.milliseconds()).await;
    let lines = record.take();
    assert_eq!(
        lines,
        ["a failed", &format!("b {RESTARTED}"), "a up", "b up"]
    );
    assert_eq!(before.count().await, Ok(1));
    assert_eq!(after.count().await, Ok(1));
    // Its window is empty again; the next escalation is one too many for the outer one.
    a.fail().tell().await.unwrap();
    a.count().await.unwrap();
    assert_eq!(record.take(), ["a failed", "a up"]);
    a.fail().tell().await.unwrap();
    assert!(supervised.ended().await.is_failure());
    assert_eq!(
        record.take(),
        [
            "a failed",
            &format!("b {RESTARTED}"),
            "after stopped",
            "before stopped"
        ]
    );
    system.stop().await.unwrap_err();
}

#[nimsync::test(start_paused = true)]
async fn a_watcher_hears_of_the_end_and_not_of_restarts() {
    let record = Record::default();
    let system = ActorSystem::new();
    let [a, b, _] = three(&system, Strategy::OneForOne, &record).await;
    a.watch(&b);
    b.fail().tell().await.unwrap();
    b.count().await.unwrap();
    a.fail().tell().await.unwrap();
    a.count().await.unwrap();
    assert_eq!(record.take(), ["b failed", "b up", "a failed", "a up"]);
    b.stop().await;
    a.count().await.unwrap();
    assert_eq!(
        record.take(),
        ["b stopped", "a hears: stopped"],
        "also when it was restarted itself"
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_supervisor_can_be_stopped_alone() {
    let record = Record::default();
    let system = ActorSystem::new();
    let mut supervisor = system.supervisor(Strategy::OneForOne);
    let a = part(&mut supervisor, Lifetime::Permanent, "a", &record);
    let b = part(&mut supervisor, Lifetime::Permanent, "b", &record);
    let supervised = supervisor.start().await.unwrap();
    record.take();
    a.nap(100).tell().await.unwrap();
    a.count().tell().await.unwrap();
    assert!(matches!(supervised.stop().await, StopReason::Stopped));
    assert_eq!(record.take(), ["b stopped", "a stopped"]);
    assert!(!a.is_alive() && !b.is_alive());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_dropped_system_takes_its_supervisors_with_it() {
    let record = Record::default();
    task_group!(|g| {
        let record = record.clone();
        g.spawn(async move {
            let system = ActorSystem::new();
            let [a, ..] = three(&system, Strategy::OneForAll, &record).await;
            a.nap(10_000).tell().await.unwrap();
            sleep(1.milliseconds()).await;
            drop(system);
        });
    })
    .await
    .unwrap();
    let lines = record.take();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines.iter().all(|line| line.contains("cancelled")),
        "{lines:?}"
    );
}

mod declared {
    use super::*;

    #[actor]
    struct Store {
        table: &'static str,
        rows: Vec<u32>,
    }

    #[actor]
    impl Store {
        #[init]
        fn open(table: &'static str) -> Result<Self, std::io::Error> {
            if table.is_empty() {
                return Err(std::io::Error::other("no table"));
            }
            let rows = Vec::new();
            Ok(Self { table, rows })
        }

        pub fn add(&mut self, row: u32) -> (&'static str, usize) {
            assert_ne!(row, 13, "an unlucky row");
            self.rows.push(row);
            (self.table, self.rows.len())
        }
    }

    #[actor]
    struct Worker {
        done: u32,
    }

    #[actor]
    impl Worker {
        #[init]
        async fn new() -> Self {
            nimsync::yield_now().await;
            Self { done: 0 }
        }

        pub fn job(&mut self) -> u32 {
            self.done += 1;
            self.done
        }
    }

    #[supervisor(strategy = rest_for_one, restarts = 3, within = "5s", backoff = "100ms..10s")]
    struct App {
        #[child(init("users"))]
        store: Store,
        #[child(count = 3)]
        workers: Worker,
        #[child(count = 2, route = key, lifetime = temporary)]
        shards: Worker,
    }

    #[nimsync::test(start_paused = true)]
    async fn a_declared_supervisor_starts_its_fields() {
        let app = App::start().await.unwrap();
        assert_eq!(app.store().add(1).await, Ok(("users", 1)));
        for expected in [1, 1, 1, 2] {
            assert_eq!(app.workers().job().await, Ok(expected), "in turn");
        }
        for expected in [1, 2, 3] {
            assert_eq!(app.shards("same key").job().await, Ok(expected));
        }
        let store = app.store().clone();
        let begin = nimsync::now();
        assert!(matches!(
            store.add(13).await,
            Err(CallError::Panicked(cause)) if cause.message().contains("an unlucky row")
        ));
        assert_eq!(store.add(2).await, Ok(("users", 1)));
        assert!(nimsync::now() - begin >= 75.milliseconds(), "with backoff");
        sleep(1.milliseconds()).await;
        assert_eq!(app.workers().job().await, Ok(1), "the rest was restarted");
        app.stop().await.unwrap();
        assert!(!store.is_alive());
    }

    #[supervisor]
    struct Broken {
        #[child(init(""))]
        store: Store,
    }

    #[nimsync::test(start_paused = true)]
    async fn a_declared_supervisor_says_why_it_does_not_start() {
        let failure = Broken::start().await.err().unwrap();
        assert!(
            failure.to_string().ends_with("`init`: no table"),
            "{failure}"
        );
        assert_eq!(failure.actor_name(), "store");
    }
}
