//! Trying again.

use backon::BackoffBuilder;
use nimsync::prelude::*;
use nimsync::{Retry, retry};
use std::cell::Cell;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Fails a number of times, then returns the number of the attempt.
fn failing(times: u32) -> impl FnMut() -> std::future::Ready<io::Result<u32>> {
    let mut made = 0;
    move || {
        made += 1;
        std::future::ready(match made > times {
            true => Ok(made),
            false => Err(ErrorKind::ConnectionRefused.into()),
        })
    }
}

#[nimsync::test(start_paused = true)]
async fn it_succeeds_after_pauses_of_virtual_time() {
    let before = nimsync::now();
    let policy = Retry::times(3).backoff(10.seconds()).longest(15.seconds());
    assert_eq!(retry(policy, failing(3)).await.unwrap(), 4);
    assert_eq!(nimsync::now() - before, 40.seconds());
}

#[nimsync::test(start_paused = true)]
async fn the_last_error_is_kept_with_its_chain() {
    let policy = [1.seconds(), 60.minutes()];
    let error = retry(policy, failing(9)).await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    let kind = error.downcast_ref::<io::Error>().unwrap().kind();
    assert_eq!(kind, ErrorKind::ConnectionRefused);
    assert_eq!(
        error.to_string(),
        "gave up after 3 attempts: connection refused"
    );
    // The text of the error is in that of this one.
    assert!(error.source().is_none());
    assert!(error.error().is::<io::Error>());
    let io: io::Error = error.into();
    assert_eq!(io.kind(), ErrorKind::ConnectionRefused);
    assert!(io.to_string().contains("after 3 attempts"));
}

#[nimsync::test(start_paused = true)]
async fn an_error_that_is_not_worth_it_ends_it_at_once() {
    let policy = Retry::times(9).backoff(60.minutes());
    let before = nimsync::now();
    let error = retry(policy, failing(9))
        .when(|error| error.kind() == ErrorKind::TimedOut)
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert!(error.to_string().starts_with("gave up after 1 attempt: "));
    assert_eq!(nimsync::now(), before);
}

#[nimsync::test(start_paused = true)]
async fn the_hook_hears_of_each_pause_and_of_no_other() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = heard.clone();
    let policy = Retry::times(2).backoff(1.seconds());
    let outcome = retry(policy, failing(9))
        .notify(move |_, pause| hearing.lock().unwrap().push(pause))
        .await;
    assert!(outcome.is_err());
    assert_eq!(*heard.lock().unwrap(), [1.seconds(), 2.seconds()]);
}

#[nimsync::test]
async fn policies_at_the_edges() {
    assert_eq!(retry(Retry::times(0), failing(0)).await.unwrap(), 1);
    let none: [Duration; 0] = [];
    assert_eq!(retry(none, failing(1)).await.unwrap_err().attempts(), 1);
    let many = Retry::times(10_000);
    assert_eq!(retry(many, failing(10_000)).await.unwrap(), 10_001);
    // Doubling stops at the longest pause, however often.
    let pauses = Retry::times(u32::MAX)
        .backoff(1.seconds())
        .longest(1.minutes());
    assert_eq!(pauses.into_iter().nth(100_000), Some(1.minutes()));
    for pause in Retry::times(1_000)
        .backoff(1.seconds())
        .longest(1.seconds())
        .jitter()
    {
        assert!((750..=1_250).contains(&pause.as_millis()));
    }
}

#[nimsync::test(start_paused = true)]
async fn a_policy_of_another_crate() {
    let policy = backon::ExponentialBuilder::new()
        .with_min_delay(1.seconds())
        .with_factor(3.0)
        .with_max_times(3)
        .build();
    let before = nimsync::now();
    let error = retry(policy, failing(9)).await.unwrap_err();
    assert_eq!(error.attempts(), 4);
    assert_eq!(nimsync::now() - before, 13.seconds());
}

/// Dropped during an attempt, and during a pause.
#[nimsync::test(start_paused = true)]
async fn it_may_be_dropped_at_any_time() {
    let made = Cell::new(0);
    let slow = || {
        made.set(made.get() + 1);
        async {
            sleep(10.seconds()).await;
            Err::<(), _>("down")
        }
    };
    let policy = Retry::times(9).backoff(10.seconds());
    let cut_off = with_timeout!(5.seconds(), retry(policy, slow)).await;
    assert!(cut_off.is_err());
    assert_eq!(made.get(), 1);
    let cut_off = with_timeout!(15.seconds(), retry(policy, slow)).await;
    assert!(cut_off.is_err());
    assert_eq!(made.get(), 2);
}

#[nimsync::test(start_paused = true)]
async fn cancellation_ends_it_in_a_pause() {
    let group = task_group!(|g| {
        g.spawn(async {
            retry(Retry::times(9).backoff(60.minutes()), failing(9)).await?;
        });
        sleep(1.minutes()).await;
        g.cancel();
    });
    let before = nimsync::now();
    let _ = group.await;
    assert_eq!(nimsync::now() - before, 1.minutes());
}

#[nimsync::test(start_paused = true)]
async fn anyhow_keeps_the_context() {
    use anyhow::Context;
    let attempt = async || -> anyhow::Result<()> {
        Err(io::Error::from(ErrorKind::NotFound)).context("reading the key")
    };
    let outcome = retry(Retry::times(1), attempt).await;
    let error = outcome.context("starting").unwrap_err();
    let chain: Vec<_> = error.chain().map(ToString::to_string).collect();
    assert_eq!(
        chain,
        [
            "starting",
            "gave up after 2 attempts: reading the key",
            "entity not found",
        ]
    );
}
