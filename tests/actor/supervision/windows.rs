//! How often, and after which waits.

use super::super::record::set_up;
use super::part;
use nimsync::actor::{Lifetime, Strategy};
use nimsync::prelude::*;

#[nimsync::test(start_paused = true)]
async fn each_child_has_its_sliding_window() {
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
