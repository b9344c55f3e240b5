//! Every accepted message is handled, handed back or reported, exactly once.

use nimsync::CallError;
use nimsync::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// One message. It knows what became of it.
struct Token {
    tally: Arc<Tally>,
    handled: bool,
}

#[derive(Default)]
struct Tally {
    accepted: AtomicUsize,
    handled: AtomicUsize,
    told: AtomicUsize,
    reported: AtomicUsize,
    dropped: AtomicUsize,
    made: AtomicUsize,
}

impl Token {
    fn new(tally: &Arc<Tally>) -> Self {
        tally.made.fetch_add(1, Relaxed);
        Self {
            tally: tally.clone(),
            handled: false,
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.tally.dropped.fetch_add(1, Relaxed);
    }
}

#[actor(mailbox = 4)]
struct Sink {
    left: u32,
}

#[actor]
impl Sink {
    pub async fn take(&mut self, mut token: Token, slow: bool) {
        assert!(!std::mem::replace(&mut token.handled, true));
        token.tally.handled.fetch_add(1, Relaxed);
        self.left -= 1;
        if slow {
            nimsync::yield_now().await;
        }
        assert!(self.left > 0, "it is enough");
    }
}

/// Sends until the actor is gone.
async fn feed(sink: SinkHandle, tally: Arc<Tally>, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    loop {
        let token = Token::new(&tally);
        let slow = random.bool();
        match random.u32(..3) {
            0 => match sink.take(token, slow).tell().await {
                Ok(()) => _ = tally.accepted.fetch_add(1, Relaxed),
                Err(refused) => {
                    assert!(refused.is_stopped());
                    assert!(!refused.into_args().0.handled);
                    return;
                }
            },
            1 => match sink.take(token, slow).try_tell() {
                Ok(()) => _ = tally.accepted.fetch_add(1, Relaxed),
                Err(refused) if refused.is_full() => nimsync::yield_now().await,
                Err(_) => return,
            },
            _ => match sink.take(token, slow).await {
                Ok(()) => _ = tally.accepted.fetch_add(1, Relaxed),
                // The handler began, and has counted it.
                Err(CallError::Panicked(_)) => _ = tally.accepted.fetch_add(1, Relaxed),
                // Refused, left in the mailbox, or cut: the asker is told.
                Err(CallError::Stopped) => {
                    tally.told.fetch_add(1, Relaxed);
                    return;
                }
                Err(other) => panic!("{other:?}"),
            },
        }
    }
}

async fn round(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let tally = Arc::<Tally>::default();
    let reports = tally.clone();
    let how = random.u32(..4);
    let panics_at = if how == 0 {
        random.u32(2..60)
    } else {
        u32::MAX
    };
    let waits = random.u32(..60);
    let ended = task_group!(policy = ignore_errors, |g| {
        let inner = tally.clone();
        g.spawn(async move {
            let system = ActorSystem::new().on_undelivered(move |undelivered| {
                assert_eq!(undelivered.message, "take");
                reports.reported.fetch_add(1, Relaxed);
            });
            let sink = system.spawn(Sink { left: panics_at });
            task_group!(|g| {
                for feeder in 0..3 {
                    g.spawn(feed(sink.clone(), inner.clone(), seed * 8 + feeder));
                }
                if how == 0 {
                    sink.ended().await;
                } else {
                    for _ in 0..waits {
                        nimsync::yield_now().await;
                    }
                    match how {
                        1 => _ = sink.stop().await,
                        2 => _ = sink.kill().await,
                        _ => {
                            sink.stop();
                            sink.kill().await;
                        }
                    }
                }
            })
            .await
            .unwrap();
            drop(
                futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(system.stop())).await,
            );
        });
    })
    .await;
    ended.unwrap();
    let [accepted, handled, told, reported, dropped, made] = [
        &tally.accepted,
        &tally.handled,
        &tally.told,
        &tally.reported,
        &tally.dropped,
        &tally.made,
    ]
    .map(|count| count.load(Relaxed));
    // An asker that was told "stopped" may have been cut in the handler, which
    // has counted the message as handled: at most one, the last.
    let cut = (handled + reported).checked_sub(accepted);
    assert!(
        cut.is_some_and(|cut| cut <= told.min(1)),
        "seed {seed}: accepted {accepted}, handled {handled}, reported {reported}, told {told}"
    );
    assert_eq!(dropped, made, "seed {seed}: no message is left anywhere");
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn every_accepted_message_is_handled_or_reported_once() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for seed in 0..200 {
        round(seed).await;
    }
    std::panic::set_hook(quiet);
}

#[nimsync::test]
async fn the_same_on_one_thread() {
    for seed in (1000..1400).filter(|seed| fastrand::Rng::with_seed(*seed).u32(..4) != 0) {
        round(seed).await;
    }
}
