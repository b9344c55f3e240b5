//! Who comes back, and who is gone for good.

use super::super::record::{Record, set_up};
use super::{part, three};
use nimsync::actor::{Lifetime, Strategy};
use nimsync::prelude::*;

#[nimsync::test(start_paused = true)]
async fn lifetimes_say_who_comes_back() {
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
async fn a_watcher_hears_of_the_end_and_not_of_restarts() {
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
