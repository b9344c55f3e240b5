//! Measuring what things cost on the machine at hand.

use crate::actor::ActorSystem;
use crate::runtime::{BuildError, Runtime};
use crate::time::DurationWords;
use crate::{actor, channel, task_group, with_timeout, yield_now};
use futures::StreamExt;
use std::fmt;
use std::time::{Duration, Instant};

/// How long each thing is measured; there are 15, and the whole is to take
/// about a second.
const FOR: Duration = Duration::from_millis(65);
/// The shortest sample: long beside what reading the clock takes.
const SAMPLE: Duration = Duration::from_millis(2);
/// Events that are kept of a worker that is traced: few, so that the ring is full soon.
const TRACED: usize = 1000;
/// Places in the channels that are measured.
const CAPACITY: usize = 256;

/// What things cost on this machine; made by [`benchmark`].
///
/// [`Display`](fmt::Display) prints it as a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Benchmark {
    /// How many workers the runtime had that was measured.
    pub workers: usize,
    /// How many messages go through a channel between tasks.
    pub channels: Vec<Throughput>,
    /// Spawning a task that does nothing, as one of 1,000 in a group, and its end.
    pub spawn_and_join_ns: f64,
    /// Spawning a task and awaiting it at once.
    pub spawn_and_await_ns: f64,
    /// Opening and ending a group without children.
    pub group_ns: f64,
    /// Letting other tasks run, once.
    pub yield_ns: f64,
    /// The same where a watchdog looks at each poll.
    pub watched_yield_ns: f64,
    /// The same where each poll is written down for a trace.
    pub traced_yield_ns: f64,
    /// A time limit around something that waits once: a timer is set and cancelled.
    pub timer_ns: f64,
    /// Sending an actor a message.
    pub tell_ns: f64,
    /// Asking an actor, and getting the reply.
    pub ask_ns: f64,
}

/// How many messages go through a channel.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Throughput {
    /// The mode, by the name of its constructor.
    pub mode: &'static str,
    /// How many tasks sent.
    pub senders: usize,
    /// How many tasks received.
    pub receivers: usize,
    /// Messages a second.
    pub per_second: f64,
}

/// Measures this machine, in about a second.
///
/// It starts a runtime of its own, with a worker per core. Each number is the
/// best of several samples, so it says what a thing costs when nothing
/// disturbs it. Build with `--release`.
///
/// # Errors
///
/// [`BuildError`] if the operating system refuses a thread.
///
/// # Panics
///
/// Inside a task, which it would block.
///
/// # Examples
///
/// ```no_run
/// let costs = nimsync::benchmark()?;
/// println!("{costs}");
/// assert!(costs.yield_ns > 0.0);
/// # Ok::<(), nimsync::BuildError>(())
/// ```
pub fn benchmark() -> Result<Benchmark, BuildError> {
    crate::runtime::refuse_inside_task("benchmark");
    let runtime = Runtime::builder().thread_name("benchmark").build()?;
    let rt = &runtime;
    let other = || Runtime::builder().thread_name("benchmark");
    let watched = other().watchdog(1.seconds()).build()?;
    let traced = other().trace(TRACED).build()?;
    Ok(Benchmark {
        workers: rt.stats().workers.len(),
        channels: channels(rt),
        spawn_and_join_ns: nanos(|n| rt.block_on(spawn_and_join(n))),
        spawn_and_await_ns: nanos(|n| rt.block_on(spawn_and_await(n))),
        group_ns: nanos(|n| rt.block_on(groups(n))),
        yield_ns: nanos(|n| rt.block_on(yields(n))),
        watched_yield_ns: nanos(|n| watched.block_on(yields(n))),
        traced_yield_ns: nanos(|n| traced.block_on(yields(n))),
        timer_ns: nanos(|n| rt.block_on(timers(n))),
        tell_ns: nanos(|n| rt.block_on(tells(n))),
        ask_ns: nanos(|n| rt.block_on(asks(n))),
    })
}

/// Returns what one of the operations costs that `work` does so many of.
fn nanos(work: impl Fn(u64)) -> f64 {
    let mut operations = 64;
    let mut best = f64::INFINITY;
    let began = Instant::now();
    while began.elapsed() < FOR {
        let sample = Instant::now();
        work(operations);
        let took = sample.elapsed();
        best = best.min(took.as_nanos() as f64 / operations as f64);
        if took < SAMPLE {
            operations *= 2;
        }
    }
    best
}

fn channels(rt: &Runtime) -> Vec<Throughput> {
    macro_rules! clones {
        ($handle:ident, 1) => {
            [$handle]
        };
        ($handle:ident, 2) => {
            [$handle.clone(), $handle]
        };
    }
    macro_rules! measure {
        ($($mode:ident($($capacity:expr)?): $senders:tt -> $receivers:tt;)*) => {
            vec![$({
                let each = nanos(|n| {
                    let (tx, rx) = channel::$mode::<u64>($($capacity)?);
                    let (tx, rx) = (clones!(tx, $senders), clones!(rx, $receivers));
                    rt.block_on(async move {
                        let moved = task_group!(|g| {
                            for mut tx in tx {
                                g.spawn(async move {
                                    for i in 0..n / $senders {
                                        if tx.send(i).await.is_err() {
                                            return;
                                        }
                                    }
                                    // A sole sender is sent with by `&mut`.
                                    let _ = &mut tx;
                                });
                            }
                            for mut rx in rx {
                                g.spawn(async move { while rx.next().await.is_some() {} });
                            }
                        });
                        expect(moved.await);
                    });
                });
                Throughput {
                    mode: stringify!($mode),
                    senders: $senders,
                    receivers: $receivers,
                    per_second: 1e9 / each,
                }
            }),*]
        };
    }
    measure! {
        spsc(CAPACITY): 1 -> 1;
        mpsc(CAPACITY): 2 -> 1;
        spmc(CAPACITY): 1 -> 2;
        mpmc(CAPACITY): 2 -> 2;
        unbounded(): 2 -> 2;
    }
}

fn expect<T>(ended: Result<T, crate::GroupError>) -> T {
    match ended {
        Ok(value) => value,
        Err(error) => unreachable!("nothing in it fails: {error}"),
    }
}

async fn spawn_and_join(n: u64) {
    for first in (0..n).step_by(1000) {
        let group = task_group!(|g| {
            for i in first..n.min(first + 1000) {
                g.spawn(async move { i });
            }
        });
        expect(group.await);
    }
}

async fn spawn_and_await(n: u64) {
    let group = task_group!(|g| {
        for i in 0..n {
            g.spawn(async move { i }).await;
        }
    });
    expect(group.await);
}

async fn groups(n: u64) {
    for i in 0..n {
        let group = task_group!(|_g| std::hint::black_box(i));
        expect(group.await);
    }
}

async fn yields(n: u64) {
    for _ in 0..n {
        yield_now().await;
    }
}

async fn timers(n: u64) {
    for _ in 0..n {
        let _ = with_timeout!(1.minutes(), yield_now()).await;
    }
}

#[actor(crate = crate)]
struct Counter {
    count: u64,
}

#[actor(crate = crate)]
impl Counter {
    pub(crate) fn add(&mut self, by: u64) {
        self.count += by;
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}

async fn tells(n: u64) {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { count: 0 });
    for _ in 0..n {
        // It lives until the system is stopped.
        let _ = counter.add(1).tell().await;
    }
    drop(counter);
    expect(system.stop().await);
}

async fn asks(n: u64) {
    let system = ActorSystem::new();
    let counter = system.spawn(Counter { count: 0 });
    for _ in 0..n {
        let _ = counter.count().await;
    }
    drop(counter);
    expect(system.stop().await);
}

impl fmt::Display for Benchmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workers = match self.workers {
            1 => "one worker".to_owned(),
            workers => format!("{workers} workers"),
        };
        writeln!(f, "{workers}{}", debug())?;
        writeln!(f)?;
        for channel in &self.channels {
            let Throughput {
                mode,
                senders,
                receivers,
                per_second,
            } = channel;
            let name = format!("{mode}, {senders} to {receivers} tasks");
            writeln!(f, "{name:<28} {:>10.1} million/s", per_second / 1e6)?;
        }
        writeln!(f)?;
        for (name, nanos) in [
            ("spawn and join, of 1,000", self.spawn_and_join_ns),
            ("spawn and await", self.spawn_and_await_ns),
            ("an empty group", self.group_ns),
            ("yield", self.yield_ns),
            ("yield, with a watchdog", self.watched_yield_ns),
            ("yield, traced", self.traced_yield_ns),
            ("timer, set and cancelled", self.timer_ns),
            ("tell", self.tell_ns),
            ("ask", self.ask_ns),
        ] {
            writeln!(f, "{name:<28} {nanos:>10.1} ns")?;
        }
        Ok(())
    }
}

fn debug() -> &'static str {
    if cfg!(debug_assertions) {
        ", not optimized: build with `--release`"
    } else {
        ""
    }
}
