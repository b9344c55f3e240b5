//! Who is restarted with a child.

use super::super::record::set_up;
use super::{RESTARTED, three};
use nimsync::CallError;
use nimsync::actor::Strategy;
use nimsync::prelude::*;

#[nimsync::test(start_paused = true)]
async fn one_for_one_restarts_that_child() {
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
    let (record, system) = set_up();
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
async fn a_sibling_finishes_its_message_before_it_is_restarted() {
    let (record, system) = set_up();
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
