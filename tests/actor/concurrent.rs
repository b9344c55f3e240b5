//! Messages that are handled beside each other.

use nimsync::CallError;
use nimsync::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

type Record = Arc<Mutex<Vec<String>>>;

fn take(record: &Record) -> Vec<String> {
    std::mem::take(&mut record.lock().unwrap())
}

#[actor(mailbox = 64, stop_within = "1s")]
struct Store {
    value: u32,
    record: Record,
    at_once: AtomicUsize,
    most: AtomicUsize,
}

impl Store {
    fn new(record: &Record) -> Self {
        Self {
            value: 0,
            record: record.clone(),
            at_once: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    fn note(&self, what: impl Into<String>) {
        self.record.lock().unwrap().push(what.into());
    }
}

struct Counted<'a>(&'a Store);

impl<'a> Counted<'a> {
    fn new(store: &'a Store) -> Self {
        let now = store.at_once.fetch_add(1, Relaxed) + 1;
        store.most.fetch_max(now, Relaxed);
        Self(store)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Relaxed);
    }
}

#[actor]
impl Store {
    #[message(concurrent)]
    pub async fn read(&self, ms: u64) -> u32 {
        let _counted = Counted::new(self);
        let value = self.value;
        sleep(ms.milliseconds()).await;
        assert_eq!(self.value, value, "nobody writes meanwhile");
        self.note(format!("read {value}"));
        value
    }

    #[message(concurrent)]
    pub async fn check(&self, ms: u64, good: bool) -> Result<u32, String> {
        sleep(ms.milliseconds()).await;
        match good {
            true => Ok(self.value),
            false => Err("it is bad".to_owned()),
        }
    }

    #[message(concurrent)]
    pub async fn crash(&self, ms: u64) {
        sleep(ms.milliseconds()).await;
        panic!("on purpose");
    }

    #[message(concurrent)]
    pub async fn save(&self) {
        shield!(sleep(50.milliseconds())).await;
        self.note("saved");
    }

    pub fn write(&mut self, value: u32) {
        assert_eq!(self.at_once.load(Relaxed), 0);
        self.value = value;
        self.note(format!("wrote {value}"));
    }

    pub fn most(&mut self) -> usize {
        std::mem::take(self.most.get_mut())
    }

    #[on_exit]
    fn gone(&mut self) {
        assert_eq!(self.at_once.load(Relaxed), 0);
        self.note("gone");
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        assert_eq!(self.at_once.load(Relaxed), 0);
        self.note(format!("down: {why}"));
    }
}

#[nimsync::test(start_paused = true)]
async fn neighbouring_reads_overlap_and_a_write_waits_for_them() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    let begin = nimsync::now();
    let (a, b, (), c) = futures::join!(
        store.read(100),
        store.read(60),
        async { store.write(7).await.unwrap() },
        store.read(10),
    );
    assert_eq!((a, b, c), (Ok(0), Ok(0), Ok(7)));
    assert_eq!(nimsync::now() - begin, 110.milliseconds());
    assert_eq!(take(&record), ["read 0", "read 0", "wrote 7", "read 7"]);
    assert_eq!(store.most().await, Ok(2));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_read_that_comes_while_others_run_joins_them() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    let begin = nimsync::now();
    store.read(100).tell().await.unwrap();
    sleep(50.milliseconds()).await;
    store.read(10).await.unwrap();
    assert_eq!(nimsync::now() - begin, 60.milliseconds());
    store.write(1).await.unwrap();
    assert_eq!(nimsync::now() - begin, 100.milliseconds());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stream_of_reads_does_not_starve_a_write() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    for _ in 0..3 {
        store.read(100).tell().await.unwrap();
    }
    store.write(1).tell().await.unwrap();
    nimsync::yield_now().await;
    for _ in 0..20 {
        store.read(100).tell().await.unwrap();
    }
    sleep(150.milliseconds()).await;
    assert_eq!(take(&record), ["read 0", "read 0", "read 0", "wrote 1"]);
    system.stop().await.unwrap();
}

#[actor(concurrent = 3)]
struct Three(AtomicUsize);

#[actor]
impl Three {
    #[message(concurrent)]
    pub async fn wait(&self) -> usize {
        let others = self.0.fetch_add(1, Relaxed);
        sleep(1.seconds()).await;
        self.0.fetch_sub(1, Relaxed);
        others
    }
}

#[nimsync::test(start_paused = true)]
async fn no_more_than_the_limit_run_at_once() {
    let system = ActorSystem::new();
    let three = system.spawn(Three(AtomicUsize::new(0)));
    let begin = nimsync::now();
    let waits = futures::future::join_all((0..7).map(|_| three.wait())).await;
    assert!(waits.into_iter().all(|others| others.unwrap() < 3));
    assert_eq!(nimsync::now() - begin, 3.seconds());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stop_handles_what_is_in_still_overlapping() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    for _ in 0..10 {
        store.read(200).tell().await.unwrap();
    }
    store.write(1).tell().await.unwrap();
    store.read(100).tell().await.unwrap();
    let begin = nimsync::now();
    assert!(matches!(store.stop().await, StopReason::Stopped));
    assert_eq!(nimsync::now() - begin, 300.milliseconds());
    let lines = take(&record);
    assert_eq!(lines.len(), 13);
    assert_eq!(lines[10..], ["wrote 1", "read 1", "down: stopped"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stop_that_comes_while_reads_run_waits_for_them() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    store.read(200).tell().await.unwrap();
    store.read(300).tell().await.unwrap();
    sleep(10.milliseconds()).await;
    store.read(300).tell().await.unwrap();
    assert!(matches!(store.stop().await, StopReason::Stopped));
    assert_eq!(
        take(&record),
        ["read 0", "read 0", "read 0", "down: stopped"]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_kill_cuts_all_and_reports_the_write_that_waited() {
    let record = Record::default();
    let reports = record.clone();
    let system = ActorSystem::new().on_undelivered(move |undelivered| {
        let line = format!("undelivered: {}", undelivered.message);
        reports.lock().unwrap().push(line);
    });
    let store = system.spawn(Store::new(&record));
    let begin = nimsync::now();
    let (one, two, write, ()) =
        futures::join!(store.read(1000), store.read(1000), store.write(1), async {
            store.write(2).tell().await.unwrap();
            sleep(10.milliseconds()).await;
            store.kill().await;
        });
    assert_eq!(
        (one, two),
        (Err(CallError::Stopped), Err(CallError::Stopped))
    );
    assert_eq!(write, Err(CallError::Stopped));
    assert_eq!(nimsync::now() - begin, 10.milliseconds());
    assert_eq!(take(&record), ["down: killed", "undelivered: write"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_kill_waits_for_what_is_shielded() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    store.save().tell().await.unwrap();
    store.read(1000).tell().await.unwrap();
    nimsync::yield_now().await;
    let begin = nimsync::now();
    store.kill().await;
    assert_eq!(nimsync::now() - begin, 50.milliseconds());
    assert_eq!(take(&record), ["saved", "down: killed"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_error_that_nobody_asked_for_fails_the_actor_and_cuts_the_others() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    let (bad, read, ended) = futures::join!(store.check(10, false), store.read(1000), async {
        store.check(20, false).tell().await.unwrap();
        store.write(9).tell().await.unwrap();
        store.ended().await
    });
    assert_eq!(bad, Err(CallError::Handler("it is bad".to_owned())));
    assert_eq!(read, Err(CallError::Stopped));
    let StopReason::Failed(failure) = ended else {
        panic!("{ended}")
    };
    assert_eq!(failure.during(), "check");
    assert!(failure.to_string().contains("it is bad"));
    let lines = take(&record);
    assert_eq!(lines.len(), 1, "{lines:?}");
    system.stop().await.unwrap_err();
}

#[nimsync::test(start_paused = true)]
async fn a_panic_of_one_is_a_failure_and_a_restart_keeps_what_waited() {
    #[actor]
    struct Worker(Record);

    #[actor]
    impl Worker {
        #[message(concurrent)]
        pub async fn read(&self, ms: u64) {
            sleep(ms.milliseconds()).await;
        }

        #[message(concurrent)]
        pub async fn crash(&self, ms: u64) {
            sleep(ms.milliseconds()).await;
            panic!("on purpose");
        }

        pub fn write(&mut self) -> u8 {
            self.0.lock().unwrap().push("write".to_owned());
            1
        }
    }

    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let record = Record::default();
    let inside = record.clone();
    let system = ActorSystem::new();
    let mut supervisor = system.supervisor(nimsync::actor::Strategy::OneForOne);
    let worker = supervisor.child(nimsync::actor::Lifetime::Permanent, move || {
        let record = inside.clone();
        record.lock().unwrap().push("init".to_owned());
        async move { Ok::<_, String>(Worker(record)) }
    });
    let supervised = supervisor.start().await.unwrap();
    let (crash, read, write, late) = futures::join!(
        worker.crash(10),
        worker.read(1000),
        worker.write(),
        worker.read(5),
    );
    std::panic::set_hook(quiet);
    assert!(matches!(crash, Err(CallError::Panicked(_))), "{crash:?}");
    assert_eq!(read, Err(CallError::Restarting));
    assert_eq!(write, Ok(1), "by the next incarnation");
    assert_eq!(late, Ok(()));
    assert_eq!(take(&record), ["init", "init", "write"]);
    drop(supervised);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn news_waits_for_the_reads_that_run_and_is_before_the_write() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    let other = system.spawn(Store::new(&Record::default()));
    store.watch(&other);
    store.read(100).tell().await.unwrap();
    store.write(1).tell().await.unwrap();
    nimsync::yield_now().await;
    other.stop().await;
    store.read(1).await.unwrap();
    assert_eq!(take(&record), ["read 0", "gone", "wrote 1", "read 1"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_read_that_asks_its_own_actor_is_told_of_the_circle() {
    #[actor]
    struct Loop;

    #[actor]
    impl Loop {
        #[message(concurrent)]
        pub async fn around(&self, own: LoopHandle) -> Result<(), CallError> {
            own.touch().await
        }

        pub fn touch(&mut self) {}
    }

    let system = ActorSystem::new();
    let actor = system.spawn(Loop);
    let answer = actor.around(actor.clone()).await.unwrap_err();
    assert!(matches!(answer, CallError::Handler(CallError::Deadlock(_))));
    system.stop().await.unwrap();
}

/// Its state is not `Sync`, and no message of it is concurrent.
#[nimsync::test]
async fn state_need_not_be_shareable_without_concurrent_messages() {
    #[actor]
    struct Single(std::cell::Cell<u32>);

    #[actor]
    impl Single {
        pub async fn next(&mut self) -> u32 {
            nimsync::yield_now().await;
            self.0.replace(self.0.get() + 1)
        }
    }

    let system = ActorSystem::new();
    let single = system.spawn(Single(std::cell::Cell::new(1)));
    assert_eq!(single.next().await, Ok(1));
    assert_eq!(single.next().await, Ok(2));
    system.stop().await.unwrap();
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn reads_and_writes_of_many_senders_are_all_answered() {
    let record = Record::default();
    let system = ActorSystem::new();
    let store = system.spawn(Store::new(&record));
    task_group!(|g| {
        for sender in 0..6_u32 {
            let store = store.clone();
            g.spawn(async move {
                for round in 0..100 {
                    if (round + sender) % 5 == 0 {
                        store.write(round).await?;
                    } else {
                        store
                            .check(0, true)
                            .await
                            .map_err(|error| error.to_string())?;
                    }
                }
            });
        }
    })
    .await
    .unwrap();
    assert_eq!(take(&record).len(), 120);
    system.stop().await.unwrap();
}
