//! What actors wait for elsewhere: futures and streams.

use nimsync::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

type Record = Arc<Mutex<Vec<String>>>;

fn take(record: &Record) -> Vec<String> {
    std::mem::take(&mut record.lock().unwrap())
}

/// Says when it is dropped.
struct Dropped(Record, &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(format!("dropped {}", self.1));
    }
}

#[actor(mailbox = 4, stop_within = "1s")]
struct Page {
    record: Record,
}

impl Page {
    fn new(record: &Record) -> Self {
        Self {
            record: record.clone(),
        }
    }

    fn note(&self, what: impl Into<String>) {
        self.record.lock().unwrap().push(what.into());
    }
}

#[actor]
impl Page {
    pub fn fetch(&mut self, what: &'static str, ms: u64, cx: &mut Cx<Self>) {
        let dropped = Dropped(self.record.clone(), what);
        let fetch = async move {
            sleep(ms.milliseconds()).await;
            std::mem::forget(dropped);
            what
        };
        cx.pipe(fetch, |me, what| me.note(format!("fetched {what}")));
    }

    /// The pipe is not part of the handler, which waits for long.
    pub async fn fetch_and_nap(&mut self, ms: u64, cx: &mut Cx<Self>) {
        let record = self.record.clone();
        let fetch = async move {
            sleep(ms.milliseconds()).await;
            record.lock().unwrap().push("ran".to_owned());
        };
        cx.pipe(fetch, |me, ()| me.note("handled"));
        sleep(100.milliseconds()).await;
        self.note("awake");
    }

    pub fn retry(&mut self, left: u32, cx: &mut Cx<Self>) {
        cx.pipe_with(sleep(10.milliseconds()), move |me, (), cx| {
            me.note(format!("{left} left"));
            if left != 0 {
                me.retry(left - 1, cx);
            }
        });
    }

    pub fn crash(&mut self, inside: bool, cx: &mut Cx<Self>) {
        cx.pipe(
            async move { assert!(!inside, "on purpose, inside") },
            |_, ()| panic!("on purpose, after"),
        );
    }

    pub fn save(&mut self, cx: &mut Cx<Self>) {
        let record = self.record.clone();
        let save = async move {
            shield!(sleep(50.milliseconds())).await;
            record.lock().unwrap().push("saved".to_owned());
        };
        cx.pipe(save, |me, ()| me.note("never"));
    }

    #[message]
    pub async fn line(&mut self, text: String) {
        sleep(1.milliseconds()).await;
        self.note(text);
    }

    pub fn listen(&mut self, every: u64, cx: &mut Cx<Self>) {
        let dropped = Dropped(self.record.clone(), "the stream");
        cx.attach(futures::stream::unfold(0, move |n| {
            let _ = &dropped;
            async move {
                sleep(every.milliseconds()).await;
                Some((format!("item {n}"), n + 1))
            }
        }));
    }

    pub fn listen_to(&mut self, items: Vec<String>, cx: &mut Cx<Self>) {
        cx.attach(futures::stream::iter(items));
    }

    pub fn say(&mut self, what: &'static str) {
        self.note(what);
    }

    #[on_stop]
    fn down(&mut self, why: StopReason) {
        let why = why.to_string();
        self.note(format!("down: {}", why.lines().next().unwrap()));
    }
}

#[nimsync::test(start_paused = true)]
async fn values_are_handled_in_the_order_in_which_they_arrive() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    page.fetch("slow", 30).await.unwrap();
    page.fetch("quick", 10).await.unwrap();
    page.say("meanwhile").await.unwrap();
    sleep(50.milliseconds()).await;
    assert_eq!(
        take(&record),
        ["meanwhile", "fetched quick", "fetched slow"]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_pipe_runs_while_its_handler_does_and_is_handled_afterwards() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    page.fetch_and_nap(10).tell().await.unwrap();
    page.say("next").await.unwrap();
    assert_eq!(take(&record), ["ran", "awake", "handled", "next"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_value_may_lead_to_the_next_pipe() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    let begin = nimsync::now();
    page.retry(2).await.unwrap();
    assert!(matches!(page.stop().await, StopReason::Stopped));
    assert_eq!(nimsync::now() - begin, 30.milliseconds());
    assert_eq!(
        take(&record),
        ["2 left", "1 left", "0 left", "down: stopped"]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stop_waits_for_pipes_within_its_limit() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    page.fetch("quick", 500).await.unwrap();
    page.fetch("slow", 5000).await.unwrap();
    let begin = nimsync::now();
    assert!(matches!(page.stop().await, StopReason::Killed));
    assert_eq!(nimsync::now() - begin, 1.seconds());
    assert_eq!(
        take(&record),
        ["fetched quick", "dropped slow", "down: killed"]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn an_actor_without_handles_waits_for_its_pipes() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    page.fetch("late", 500).tell().await.unwrap();
    drop(page);
    system.join().await.unwrap();
    assert_eq!(take(&record), ["fetched late", "down: no handle was left"]);
}

#[nimsync::test(start_paused = true)]
async fn a_kill_cancels_pipes_before_the_last_words() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    page.fetch("it", 500).await.unwrap();
    page.save().await.unwrap();
    nimsync::yield_now().await;
    let begin = nimsync::now();
    page.kill().await;
    assert_eq!(nimsync::now() - begin, 50.milliseconds(), "the shield");
    assert_eq!(take(&record), ["dropped it", "saved", "down: killed"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_group_that_is_cancelled_leaves_no_pipe_behind() {
    let record = Record::default();
    let group = task_group!(timeout = 100.milliseconds(), |g| {
        let page = g.actor(Page::new(&record));
        page.fetch("it", 500).await.unwrap();
        std::future::pending::<()>().await;
    });
    group.await.unwrap_err();
    let lines = take(&record);
    assert_eq!(lines[0], "dropped it");
    assert!(lines[1].starts_with("down: cancelled"), "{lines:?}");
}

#[nimsync::test(start_paused = true)]
async fn a_service_that_is_done_stops_and_waits_for_its_pipes() {
    let record = Record::default();
    task_group!(|g| {
        let page = g.actor(Page::new(&record));
        page.fetch("it", 500).await.unwrap();
    })
    .await
    .unwrap();
    let lines = take(&record);
    assert_eq!(lines[0], "fetched it");
}

#[nimsync::test(start_paused = true)]
async fn a_panic_in_a_pipe_or_after_it_is_a_failure_of_the_actor() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for inside in [true, false] {
        let record = Record::default();
        let system = ActorSystem::new();
        let page = system.spawn(Page::new(&record));
        page.fetch("it", 500).await.unwrap();
        page.crash(inside).await.unwrap();
        let why = page.ended().await;
        let StopReason::Failed(failure) = why else {
            panic!("{why}")
        };
        assert_eq!(failure.during(), "pipe");
        let said = failure.panic_cause().unwrap().message().to_owned();
        assert!(said.starts_with("on purpose"), "{said}");
        assert_eq!(take(&record)[0], "dropped it");
        let ended = std::panic::AssertUnwindSafe(system.stop());
        assert!(futures::FutureExt::catch_unwind(ended).await.is_err());
    }
    std::panic::set_hook(quiet);
}

#[nimsync::test(start_paused = true)]
async fn a_stream_becomes_messages_until_the_actor_stops() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    page.listen(10).await.unwrap();
    sleep(35.milliseconds()).await;
    let begin = nimsync::now();
    page.stop().await;
    assert_eq!(nimsync::now(), begin, "the stream is not waited for");
    assert_eq!(
        take(&record),
        [
            "item 0",
            "item 1",
            "item 2",
            "dropped the stream",
            "down: stopped"
        ]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stream_keeps_its_actor_until_it_ends() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    let items = (0..20).map(|n| n.to_string()).collect();
    page.listen_to(items).await.unwrap();
    drop(page);
    system.join().await.unwrap();
    let lines = take(&record);
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[19..], ["19", "down: no handle was left"]);
}

#[nimsync::test(start_paused = true)]
async fn a_stream_waits_for_room_in_the_mailbox() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = pulled.clone();
    let stream = futures::stream::iter((0..100).map(move |n| {
        count.fetch_add(1, Relaxed);
        n.to_string()
    }));
    let attached = page.attach(stream);
    let (sent, ()) = futures::join!(attached, async {
        sleep(2500.microseconds()).await;
        // Two or three handled, one in hand, four in the mailbox, one that waits.
        assert!(pulled.load(Relaxed) < 10);
    });
    assert_eq!(sent, 100);
    page.say("behind it").await.unwrap();
    assert_eq!(take(&record).len(), 101);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn attaching_ends_with_the_actor() {
    let record = Record::default();
    let system = ActorSystem::new();
    let page = system.spawn(Page::new(&record));
    let attached = page.attach(futures::stream::pending());
    let (sent, ()) = futures::join!(attached, async {
        sleep(10.milliseconds()).await;
        page.stop().await;
    });
    assert_eq!(sent, 0);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_restart_cancels_the_pipes_of_the_incarnation() {
    #[actor]
    struct Worker(Record);

    #[actor]
    impl Worker {
        pub fn fetch(&mut self, cx: &mut Cx<Self>) {
            let dropped = Dropped(self.0.clone(), "it");
            let fetch = async move {
                sleep(1.seconds()).await;
                drop(dropped);
            };
            cx.pipe(fetch, |me, ()| {
                me.0.lock().unwrap().push("fetched".to_owned())
            });
        }

        pub fn fail(&mut self) -> Result<(), String> {
            Err("it is bad".to_owned())
        }

        pub fn hello(&mut self) {}
    }

    let record = Record::default();
    let inside = record.clone();
    let system = ActorSystem::new();
    let mut supervisor = system.supervisor(nimsync::actor::Strategy::OneForOne);
    let worker = supervisor.child(nimsync::actor::Lifetime::Permanent, move || {
        let record = inside.clone();
        async move { Ok::<_, String>(Worker(record)) }
    });
    let supervised = supervisor.start().await.unwrap();
    worker.fetch().await.unwrap();
    worker.fail().tell().await.unwrap();
    worker.hello().await.unwrap();
    sleep(2.seconds()).await;
    assert_eq!(take(&record), ["dropped it"]);
    drop(supervised);
    system.stop().await.unwrap();
}
