//! Restarts that meet each other: what else happens while children come and go.

use super::record::{Record, set_up};
use nimsync::CallError;
use nimsync::actor::{Lifetime, Strategy, Supervisor};
use nimsync::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[actor(mailbox = 2, stop_within = "1s")]
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

    pub async fn nap(&mut self, ms: u64) {
        sleep(ms.milliseconds()).await;
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

/// What the making of a part depends on.
#[derive(Clone, Default)]
struct Luck {
    /// How often it fails before it succeeds.
    bad: Arc<AtomicU32>,
    /// How long it takes, in milliseconds.
    takes: Arc<AtomicU32>,
}

fn part(
    supervisor: &mut Supervisor<'_>,
    lifetime: Lifetime,
    name: &'static str,
    record: &Record,
    luck: &Luck,
) -> PartHandle {
    let (record, luck) = (record.clone(), luck.clone());
    supervisor.named_child(name, lifetime, move || {
        let (record, luck) = (record.clone(), luck.clone());
        async move {
            sleep(u64::from(luck.takes.load(Relaxed)).milliseconds()).await;
            let bad = luck.bad.load(Relaxed);
            if bad > 0 {
                luck.bad.store(bad - 1, Relaxed);
                record.note(format!("{name} has no luck"));
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

fn permanent(supervisor: &mut Supervisor<'_>, name: &'static str, record: &Record) -> PartHandle {
    part(
        supervisor,
        Lifetime::Permanent,
        name,
        record,
        &Luck::default(),
    )
}

#[nimsync::test(start_paused = true)]
async fn a_sibling_that_does_not_come_up_again_begins_the_round_anew() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        let (record, luck) = (Record::default(), Luck::default());
        let system = ActorSystem::new();
        let mut supervisor = system.supervisor(strategy);
        let a = permanent(&mut supervisor, "a", &record);
        let b = part(&mut supervisor, Lifetime::Permanent, "b", &record, &luck);
        let c = permanent(&mut supervisor, "c", &record);
        supervisor.start().await.unwrap();
        record.take();
        luck.bad.store(1, Relaxed);
        a.fail().tell().await.unwrap();
        sleep(1.milliseconds()).await;
        let begin = [
            "a failed",
            "c makes way",
            "b makes way",
            "a up",
            "b has no luck",
        ];
        let rest: &[&str] = match strategy {
            Strategy::OneForAll => &["a makes way", "a up", "b up", "c up"],
            // The one before it stays.
            _ => &["b up", "c up"],
        };
        assert_eq!(record.take(), [&begin, rest].concat(), "{strategy:?}");
        for part in [a, b, c] {
            assert_eq!(part.count().await, Ok(1));
        }
        system.stop().await.unwrap();
    }
}

#[nimsync::test(start_paused = true)]
async fn failures_at_the_same_time_count_for_each() {
    let (record, system) = set_up();
    let mut supervisor = system
        .supervisor(Strategy::OneForAll)
        .restarts(1, 1.minutes());
    let parts = ["a", "b", "c"].map(|name| permanent(&mut supervisor, name, &record));
    let supervised = supervisor.start().await.unwrap();
    record.take();
    for part in &parts {
        part.fail().try_tell().unwrap();
    }
    sleep(1.milliseconds()).await;
    for part in &parts {
        assert_eq!(part.count().await, Ok(1));
    }
    assert!(supervised.is_alive(), "each has failed once");
    let lines = record.take();
    let failed = lines.iter().filter(|line| line.ends_with("failed"));
    assert_eq!(failed.count(), 3, "{lines:?}");
    assert_eq!(lines[lines.len() - 3..], ["a up", "b up", "c up"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_temporary_bystander_does_not_come_back() {
    let (record, system) = set_up();
    let mut supervisor = system.supervisor(Strategy::OneForAll);
    let a = permanent(&mut supervisor, "a", &record);
    let t = part(
        &mut supervisor,
        Lifetime::Temporary,
        "t",
        &record,
        &Luck::default(),
    );
    let c = permanent(&mut supervisor, "c", &record);
    supervisor.start().await.unwrap();
    record.take();
    t.nap(100).tell().await.unwrap();
    t.count().tell().await.unwrap();
    a.fail().tell().await.unwrap();
    assert!(matches!(t.ended().await, StopReason::Stopped));
    c.count().await.unwrap();
    assert_eq!(
        record.take(),
        ["a failed", "c makes way", "t stopped", "a up", "c up"]
    );
    assert_eq!(t.count().await, Err(CallError::Stopped));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_kill_under_a_full_mailbox_restarts_and_all_that_wait_are_served() {
    let (record, system) = set_up();
    let mut supervisor = system.supervisor(Strategy::OneForOne);
    let a = permanent(&mut supervisor, "a", &record);
    supervisor.start().await.unwrap();
    a.nap(60_000).tell().await.unwrap();
    nimsync::yield_now().await;
    let begin = nimsync::now();
    let asks = (0..8).map(|_| async { a.count().await });
    let (answers, ()) = futures::join!(futures::future::join_all(asks), async {
        sleep(1.milliseconds()).await;
        assert!(a.count().try_tell().unwrap_err().is_full());
        drop(a.kill());
    });
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, (1..=8).collect::<Vec<_>>());
    assert_eq!(nimsync::now() - begin, 1.milliseconds());
    assert_eq!(record.take(), ["a up", "a killed", "a up"]);
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stop_under_a_full_mailbox_drains_it_and_refuses_those_that_wait_for_room() {
    let (record, system) = set_up();
    let mut supervisor = system.supervisor(Strategy::OneForOne);
    let a = permanent(&mut supervisor, "a", &record);
    supervisor.start().await.unwrap();
    a.nap(500).tell().await.unwrap();
    nimsync::yield_now().await;
    let asks = (0..4).map(|_| async { a.count().await });
    let (answers, why) = futures::join!(futures::future::join_all(asks), async {
        sleep(1.milliseconds()).await;
        a.stop().await
    });
    assert!(matches!(why, StopReason::Stopped));
    assert_eq!(
        answers,
        [
            Ok(1),
            Ok(2),
            Err(CallError::Stopped),
            Err(CallError::Stopped)
        ]
    );
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_stop_ends_a_loop_of_restarts() {
    let (record, luck) = (Record::default(), Luck::default());
    let system = ActorSystem::new();
    let mut supervisor = system
        .supervisor(Strategy::OneForOne)
        .restarts(usize::MAX, 1.minutes());
    let a = part(&mut supervisor, Lifetime::Permanent, "a", &record, &luck);
    let supervised = supervisor.start().await.unwrap();
    luck.bad.store(u32::MAX, Relaxed);
    luck.takes.store(1, Relaxed);
    a.fail().tell().await.unwrap();
    let asked = futures::join!(a.count(), async {
        sleep(1.seconds()).await;
        assert!(matches!(supervised.stop().await, StopReason::Stopped));
    });
    assert_eq!(asked.0, Err(CallError::Stopped));
    let tries = record.take().len();
    assert!(tries > 500, "{tries}");
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn weak_addresses_and_dropped_handles_outlive_restarts() {
    let (record, system) = set_up();
    let mut supervisor = system.supervisor(Strategy::OneForOne);
    let a = permanent(&mut supervisor, "a", &record);
    let supervised = supervisor.start().await.unwrap();
    let weak = a.downgrade();
    a.fail().tell().await.unwrap();
    drop(a);
    sleep(1.milliseconds()).await;
    let again = weak.upgrade().expect("its supervisor has a handle");
    assert_eq!(again.count().await, Ok(1));
    supervised.stop().await;
    assert!(weak.upgrade().is_none());
    assert!(!again.is_alive());
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_subtree_makes_way_while_a_child_of_it_is_being_made() {
    let (record, luck) = (Record::default(), Luck::default());
    let system = ActorSystem::new();
    let mut above = system.supervisor(Strategy::OneForAll);
    let x = permanent(&mut above, "x", &record);
    let mut below = system.supervisor(Strategy::OneForOne).named("below");
    let a = permanent(&mut below, "a", &record);
    let slow = part(&mut below, Lifetime::Permanent, "slow", &record, &luck);
    let below = above.supervise(Lifetime::Permanent, below);
    assert_eq!(below.name(), "below");
    above.start().await.unwrap();
    record.take();
    luck.takes.store(100, Relaxed);
    slow.fail().tell().await.unwrap();
    sleep(10.milliseconds()).await;
    x.fail().tell().await.unwrap();
    assert_eq!(slow.count().await, Ok(1));
    assert_eq!(a.count().await, Ok(1));
    assert_eq!(
        record.take(),
        [
            "slow failed",
            "x failed",
            "slow up",
            "slow makes way",
            "a makes way",
            "x up",
            "a up",
            "slow up"
        ]
    );
    system.stop().await.unwrap();
}
