//! What a failure is, and what a restart does with the message in hand and those that wait.

use super::super::record::{Record, set_up};
use super::{Part, PartHandle, RESTARTED, part, three};
use nimsync::CallError;
use nimsync::actor::{Lifetime, Strategy, Supervisor};
use nimsync::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[nimsync::test(start_paused = true)]
async fn a_panic_is_a_failure_and_the_asker_learns_of_it() {
    let (record, system) = set_up();
    let [a, ..] = three(&system, Strategy::OneForOne, &record).await;
    let asked = a.panic().await;
    assert!(matches!(asked, Err(CallError::Panicked(cause)) if cause.message() == "as told"));
    assert_eq!(a.count().await, Ok(1));
    system.stop().await.unwrap();
}

#[nimsync::test(start_paused = true)]
async fn a_restart_keeps_the_mailbox() {
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
