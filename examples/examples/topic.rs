//! A topic with many subscribers: they come and go, and one of them is slow.
//!
//! A weather station publishes measurements. What becomes of one for which a subscriber has no room
//! is that subscriber's choice, by `full = ..`: the archive has the station wait, so it misses
//! nothing; the screen, which is slow, lets go of the oldest, and holds up nobody.
//!
//! ```text
//! cargo run --release --example topic
//! cargo run --release --example topic -- --messages 100000 --visitors 1000
//! ```
//!
//! Ctrl-c ends it early. The exit code is 0 if every message that a subscriber has accepted is
//! accounted for, else 1.

#![allow(
    unreachable_pub,
    reason = "the visible methods of an actor are its messages"
)]

use clap::Parser;
use nimsync::actor::Topic;
use nimsync::prelude::*;
use nimsync::signal::ctrl_c;
use nimsync_examples::seconds;
use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Publishes measurements to an archive, a slow screen, and visitors
#[derive(Clone, Parser)]
struct Args {
    /// How many measurements are published
    #[arg(long, value_name = "N", default_value = "2000", value_parser = clap::value_parser!(u64).range(1..))]
    messages: u64,
    /// How many visitors come and go; each stays for a tenth of the measurements
    #[arg(long, value_name = "N", default_value = "100")]
    visitors: u32,
    /// How long the screen takes to show a measurement
    #[arg(long, value_name = "SECONDS", default_value = "0.01", value_parser = seconds)]
    slow: Duration,
}

/// The number of a measurement, counted from 1.
type Number = u64;

/// What became of the messages; it outlives the actors.
#[derive(Default)]
struct Counts {
    archived: AtomicU64,
    shown: AtomicU64,
    let_go: AtomicU64,
    visited: AtomicU64,
}

/// Adds one. The counts are read when the actors have ended, and publish nothing before.
fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Keeps all measurements: the station waits for it.
#[actor(mailbox = 16, full = wait)]
struct Archive {
    counts: Arc<Counts>,
    last: Number,
}

#[actor]
impl Archive {
    #[message]
    fn keep(&mut self, number: Number) {
        assert_eq!(number, self.last + 1, "messages come in order, all of them");
        self.last = number;
        count(&self.counts.archived);
    }
}

/// Shows the newest measurements, as many as it has the time for.
#[actor(mailbox = 4, full = drop_oldest)]
struct Screen {
    counts: Arc<Counts>,
    slow: Duration,
}

#[actor]
impl Screen {
    #[message]
    async fn show(&mut self, _number: Number) {
        count(&self.counts.shown);
        sleep(self.slow).await;
    }
}

/// Looks on for a while.
#[actor]
struct Visitor {
    counts: Arc<Counts>,
}

#[actor]
impl Visitor {
    #[message]
    fn look(&mut self, _number: Number) {
        count(&self.counts.visited);
    }
}

/// What was published.
#[derive(Default)]
struct Published {
    messages: u64,
    /// How many subscribers have accepted them, in sum.
    accepted: u64,
    /// The most subscribers that there were at once.
    most: usize,
}

/// Publishes all measurements, unless the scope is cancelled before. Visitors come and go meanwhile.
async fn publish(
    args: Args,
    topic: Topic<Number>,
    visitor: impl Fn() -> VisitorHandle,
    work: CancelScope,
) -> Published {
    let mut published = Published::default();
    let (pause, stay) = (
        args.messages / u64::from(args.visitors.max(1)),
        args.messages.div_ceil(10),
    );
    let (mut came, mut left) = (0, 0);
    let mut present = VecDeque::new();
    // What is in hand is published to all; so this asks, and is not cut off.
    while work.active() && published.messages < args.messages {
        let now = published.messages;
        while came < args.visitors && u64::from(came) * pause <= now {
            let visitor = visitor();
            topic.subscribe(visitor.recipient());
            present.push_back((now + stay, visitor));
            came += 1;
        }
        while present.front().is_some_and(|(until, _)| *until <= now) {
            let (_, visitor) = present.pop_front().expect("there is one in front");
            left += 1;
            leave(&topic, &visitor, left).await;
        }
        published.most = published.most.max(topic.len());
        published.messages += 1;
        published.accepted += topic.publish(published.messages).await as u64;
    }
    published
}

/// Every second one says that it leaves. The others just end, and the topic forgets them.
async fn leave(topic: &Topic<Number>, visitor: &VisitorHandle, number: u32) {
    if number.is_multiple_of(2) {
        topic.unsubscribe(&visitor.recipient());
    } else {
        visitor.stop().await;
    }
}

#[nimsync::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let interrupt = ctrl_c();
    let counts = Arc::new(Counts::default());
    let counted = counts.clone();
    // The screen is the only one that lets go of messages.
    let system = ActorSystem::new().on_undelivered(move |_| count(&counted.let_go));
    let (slow, last) = (args.slow, 0);
    let archive = system.spawn(Archive {
        counts: counts.clone(),
        last,
    });
    let screen = system.spawn(Screen {
        counts: counts.clone(),
        slow,
    });

    let topic = Topic::new();
    topic.subscribe(archive.recipient());
    topic.subscribe(screen.recipient());
    println!("publishing; press ctrl-c to stop");
    let published = task_group!(|g| {
        let work = CancelScope::new();
        let stop = work.clone();
        g.service(async move {
            interrupt.await?;
            println!("stopping");
            stop.cancel();
            std::io::Result::Ok(())
        });
        let visitor = || {
            system.spawn(Visitor {
                counts: counts.clone(),
            })
        };
        Ok(publish(args, topic, visitor, work).await)
    })
    .await?;

    // It would show what it has, in its own time; what is left is counted as let go.
    screen.kill().await;
    system.stop().await?;

    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (archived, visited) = (read(&counts.archived), read(&counts.visited));
    let (shown, let_go) = (read(&counts.shown), read(&counts.let_go));
    let Published {
        messages,
        accepted,
        most,
    } = published;
    println!("{messages} messages were published, to {most} subscribers at most");
    println!("the archive kept {archived}");
    println!("the screen showed {shown}, and let go of {let_go}");
    println!("the visitors saw {visited}");
    let sound = archived == messages
        && shown + let_go == messages
        && archived + shown + let_go + visited == accepted;
    println!("all are accounted for: {sound}");
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
