//! Every accepted message is handled, handed back or reported, exactly once.
//!
//! Each message has a fate, which the handler, the sender and the end of the message write down. So nothing
//! has to be guessed from sums: an asker that is told "stopped" looks whether its message was begun.

use nimsync::CallError;
use nimsync::actor::{Lifetime, Strategy, Supervised};
use nimsync::prelude::*;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What became of one message.
#[derive(Default)]
struct Fate {
    begun: AtomicU32,
    dropped: AtomicU32,
}

impl Fate {
    fn begun(&self) -> u32 {
        self.begun.load(Relaxed)
    }
}

/// The part of a message that knows its fate.
struct Token(Arc<Fate>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Relaxed);
    }
}

/// What the handler does with a message.
#[derive(Clone, Copy, Debug)]
enum How {
    Quick,
    Slow,
    Panic,
    PanicLater,
    Fail,
}

fn any_how(random: &mut fastrand::Rng) -> How {
    match random.u32(..32) {
        0 => How::Panic,
        1 => How::PanicLater,
        2 => How::Fail,
        n if n % 2 == 0 => How::Slow,
        _ => How::Quick,
    }
}

#[derive(Debug)]
struct Broken;

#[actor(mailbox = 4)]
struct Sink;

#[actor]
impl Sink {
    pub async fn take(&mut self, token: Token, how: How) -> Result<(), Broken> {
        token.0.begun.fetch_add(1, Relaxed);
        match how {
            How::Quick => {}
            How::Slow => nimsync::yield_now().await,
            // Without the hook, which would print it.
            How::Panic => resume_unwind(Box::new("as told")),
            How::PanicLater => {
                nimsync::yield_now().await;
                resume_unwind(Box::new("as told"));
            }
            How::Fail => return Err(Broken),
        }
        Ok(())
    }
}

/// What the senders have seen.
#[derive(Default)]
struct Seen {
    /// Messages that a tell has had accepted.
    told: Vec<Arc<Fate>>,
    /// All others, each with what the sender was told, and whether that says that
    /// the handler has begun.
    others: Vec<(Arc<Fate>, String, Option<bool>)>,
}

/// Sends until the actor is gone.
async fn feed(sink: SinkHandle, seed: u64) -> Result<Seen, Infallible> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut seen = Seen::default();
    loop {
        let fate = Arc::<Fate>::default();
        let token = Token(fate.clone());
        let how = any_how(&mut random);
        let call = sink.take(token, how);
        if random.u32(..3) == 0 {
            let answer = call.await;
            let begun = match &answer {
                Ok(()) | Err(CallError::Handler(_) | CallError::Panicked(_)) => Some(true),
                // Cut where it waited.
                Err(CallError::Restarting) => Some(true),
                // Refused, left in the mailbox, or cut at the very end.
                Err(CallError::Stopped) => None,
                Err(other) => panic!("{other:?}"),
            };
            let gone = begun.is_none();
            let text = format!("{how:?}: {answer:?}");
            seen.others.push((fate, text, begun));
            if gone {
                return Ok(seen);
            }
            continue;
        }
        let sent = match random.bool() {
            true => call.tell().await,
            false => call.try_tell(),
        };
        match sent {
            Ok(()) => seen.told.push(fate),
            Err(refused) => {
                let (full, stopped) = (refused.is_full(), refused.is_stopped());
                assert!(full || stopped, "{refused:?}");
                assert_eq!(fate.dropped.load(Relaxed), 0, "it comes back");
                drop(refused.into_args());
                seen.others.push((fate, "refused".to_owned(), Some(false)));
                if stopped {
                    return Ok(seen);
                }
                nimsync::yield_now().await;
            }
        }
    }
}

/// How the actor ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Stop,
    StopAndKill,
    SupervisorStop,
    /// Killed more often than it may be.
    Escalation,
    /// Alone, without a supervisor.
    AloneStop,
    AloneKill,
    AlonePanic,
    /// The system is dropped.
    Cancel,
}

const ENDS: [End; 8] = [
    End::Stop,
    End::StopAndKill,
    End::SupervisorStop,
    End::Escalation,
    End::AloneStop,
    End::AloneKill,
    End::AlonePanic,
    End::Cancel,
];

async fn some_yields(random: &mut fastrand::Rng) {
    for _ in 0..random.u32(..40) {
        nimsync::yield_now().await;
    }
}

/// Ends the actor, after some restarts.
async fn trouble(
    sink: &SinkHandle,
    supervised: Option<Supervised>,
    end: End,
    random: &mut fastrand::Rng,
) {
    if supervised.is_some() {
        for _ in 0..random.u32(..4) {
            some_yields(random).await;
            drop(sink.kill());
        }
    }
    some_yields(random).await;
    match (end, supervised) {
        (End::Stop | End::AloneStop, _) => _ = sink.stop().await,
        (End::StopAndKill, _) => {
            sink.stop();
            sink.kill().await;
        }
        (End::SupervisorStop, Some(supervised)) => _ = supervised.stop().await,
        (End::Escalation, _) => {
            while sink.is_alive() {
                drop(sink.kill());
                nimsync::yield_now().await;
            }
        }
        (End::AloneKill | End::SupervisorStop, _) => _ = sink.kill().await,
        (End::AlonePanic, _) => {
            let token = Token(Arc::default());
            let _ = sink.take(token, How::Panic).await;
            sink.ended().await;
        }
        (End::Cancel, _) => {}
    }
}

async fn round(seed: u64) -> u32 {
    let mut random = fastrand::Rng::with_seed(seed);
    let end = ENDS[random.usize(..ENDS.len())];
    let (reported, made) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (reports, makes) = (reported.clone(), made.clone());
    let system = ActorSystem::new().on_undelivered(move |undelivered| {
        assert_eq!(undelivered.message, "take");
        reports.fetch_add(1, Relaxed);
    });
    let alone = matches!(end, End::AloneStop | End::AloneKill | End::AlonePanic);
    let (sink, supervised) = if alone {
        (system.spawn(Sink), None)
    } else {
        let most = match end {
            End::Escalation => 3,
            _ => usize::MAX,
        };
        let mut supervisor = system
            .supervisor(Strategy::OneForOne)
            .restarts(most, 1.minutes());
        let sink = supervisor.child(Lifetime::Permanent, move || {
            makes.fetch_add(1, Relaxed);
            async { Ok(Sink) }
        });
        (sink, Some(supervisor.start().await.unwrap()))
    };
    let mut seen = Vec::new();
    task_group!(|g| {
        let feeders: Vec<_> = (0..3)
            .map(|feeder| g.spawn(feed(sink.clone(), seed * 8 + feeder)))
            .collect();
        trouble(&sink, supervised, end, &mut random).await;
        // What is left to stop: the supervisor, or what was not ended at all.
        let stop = async {
            match end {
                End::Cancel => drop(system),
                _ => drop(system.stop().await),
            }
        };
        // An actor without a supervisor has panicked, and its system says so.
        drop(futures::FutureExt::catch_unwind(AssertUnwindSafe(stop)).await);
        // A dropped system does not wait for this.
        sink.ended().await;
        for feeder in feeders {
            seen.push(feeder.await);
        }
    })
    .await
    .unwrap();
    let mut left = 0;
    for seen in &seen {
        for (fate, answer, begun) in &seen.others {
            let was_begun = fate.begun();
            assert!(was_begun <= 1, "seed {seed}, {end:?}: {answer}");
            assert!(
                begun.is_none_or(|begun| begun == (was_begun == 1)),
                "seed {seed}, {end:?}: {answer}, and begun {was_begun} times"
            );
            assert_eq!(fate.dropped.load(Relaxed), 1, "seed {seed}: {answer}");
        }
        for fate in &seen.told {
            assert!(fate.begun() <= 1, "seed {seed}, {end:?}");
            assert_eq!(fate.dropped.load(Relaxed), 1, "seed {seed}, {end:?}");
            left += 1 - fate.begun();
        }
    }
    assert_eq!(
        left,
        reported.load(Relaxed),
        "seed {seed}, {end:?}: what was accepted and not begun is reported"
    );
    made.load(Relaxed)
}

#[nimsync::test(flavor = "threads", workers = 2)]
async fn every_accepted_message_is_handled_or_reported_once() {
    let mut made = 0;
    for seed in 0..400 {
        made += round(seed).await;
    }
    assert!(made > 800, "there were restarts: {made}");
}

#[nimsync::test]
async fn the_same_on_one_thread() {
    for seed in 1000..1400 {
        round(seed).await;
    }
}
