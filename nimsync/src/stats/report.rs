//! What the statistics say, as data and as a table.

use std::fmt;
use std::ops::AddAssign;

/// The statistics of this process; made by [`stats`](crate::stats()).
///
/// [`Display`](fmt::Display) draws it as a table. The numbers are not taken in
/// one instant: tasks go on while they are read.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let before = nimsync::stats().total.spawned;
/// task_group!(|g| {
///     g.spawn(async { 1u32 });
/// })
/// .await
/// .unwrap();
/// let stats = nimsync::stats();
/// assert!(stats.total.spawned > before);
/// println!("{} messages sent", stats.messages.sent);
/// # });
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Stats {
    /// All runtimes together, those that have ended too, and what threads
    /// outside of any did.
    pub total: Counts,
    /// The messages of all channels, mailboxes and streams.
    pub messages: MessageCounts,
    /// The runtimes of this process.
    pub runtimes: Vec<RuntimeStats>,
    /// The channels, streams and actors that were given a name, in the order in
    /// which they were made.
    pub channels: Vec<ChannelStats>,
}

/// The statistics of one runtime; made by
/// [`Runtime::stats`](crate::Runtime::stats).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RuntimeStats {
    /// The name that its threads begin with.
    pub name: String,
    /// The workers, and what other threads did for the runtime.
    pub total: Counts,
    /// Each worker.
    pub workers: Vec<Counts>,
}

/// What was counted.
///
/// A number is exact when what it counts rests. While a worker runs, its polls
/// are up to 64 behind, and its ended tasks up to 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Counts {
    /// Tasks that were spawned: roots, children, services, clean-up, actors.
    pub spawned: u64,
    /// Tasks that ended with a value.
    pub completed: u64,
    /// Tasks that ended with an error.
    pub failed: u64,
    /// Tasks that were cancelled.
    pub cancelled: u64,
    /// Tasks that panicked.
    pub panicked: u64,
    /// Polls of tasks, also of those in place.
    pub polls: u64,
    /// How often a task was made ready to run by a waker. Several wake-ups
    /// before the task runs count once.
    pub wakes: u64,
    /// How often a worker took tasks from another one.
    pub steals: u64,
    /// How often a worker went to sleep.
    pub parks: u64,
    /// How often a sleeping worker was woken for work.
    pub unparks: u64,
    /// Timers that were set: waits that were polled before their time.
    pub timers_set: u64,
    /// Timers that fired.
    pub timers_fired: u64,
    /// Timers that were dropped before they fired.
    pub timers_cancelled: u64,
    /// Blocking calls that were begun.
    pub blocking_jobs: u64,
    /// Messages of `oneshot` channels that were received, and that were not: for
    /// the sum of all messages.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) handed: u64,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) lost: u64,
}

/// How many messages went which way.
///
/// Of all channels, those that have ended too. What goes through a `oneshot` is
/// counted when it is received, or dropped.
///
/// A message of a `broadcast` is sent once, and received, or dropped, by each
/// receiver. Of a `watch`, changes are sent, and received by each receiver that
/// sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MessageCounts {
    /// Messages that were accepted.
    pub sent: u64,
    /// Messages that a receiver took.
    pub received: u64,
    /// Messages that a policy dropped, or that were left when the last receiver
    /// went.
    pub dropped: u64,
    /// Items of streams that went through the spill.
    pub spilled: u64,
}

/// A channel, stream or actor that was given a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChannelStats {
    /// Its number, unique within the process.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Messages in it now.
    pub depth: usize,
    /// How many messages it can hold, if there is a bound.
    pub capacity: Option<usize>,
    /// Messages that were accepted.
    pub sent: u64,
    /// Messages that were taken out by a receiver.
    pub received: u64,
    /// Messages that were dropped, by a policy or at the end.
    pub dropped: u64,
    /// Items that went through the spill.
    pub spilled: u64,
    /// The largest depth so far.
    pub high_water: usize,
    /// Its senders now; of an actor, at least the actor itself.
    pub senders: usize,
    /// Its receivers now.
    pub receivers: usize,
    /// Whether nothing can be sent any more.
    pub closed: bool,
}

/// What has a depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ChannelKind {
    /// Made by [`channel::named`](crate::channel::named).
    Channel,
    /// Made by a builder of streams.
    Stream,
    /// The mailbox of an actor.
    Actor,
}

impl Counts {
    /// Returns how many tasks have not ended.
    #[must_use]
    pub fn alive(&self) -> u64 {
        let ended = self.completed + self.failed + self.cancelled + self.panicked;
        self.spawned.saturating_sub(ended)
    }

    /// The rows of a table.
    pub(crate) fn rows(&self) -> [(&'static str, u64); 15] {
        [
            ("spawned", self.spawned),
            ("completed", self.completed),
            ("failed", self.failed),
            ("cancelled", self.cancelled),
            ("panicked", self.panicked),
            ("alive", self.alive()),
            ("polls", self.polls),
            ("wake-ups", self.wakes),
            ("steals", self.steals),
            ("parks", self.parks),
            ("unparks", self.unparks),
            ("timers set", self.timers_set),
            ("timers fired", self.timers_fired),
            ("timers cancelled", self.timers_cancelled),
            ("blocking jobs", self.blocking_jobs),
        ]
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.spawned += other.spawned;
        self.completed += other.completed;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.panicked += other.panicked;
        self.polls += other.polls;
        self.wakes += other.wakes;
        self.steals += other.steals;
        self.parks += other.parks;
        self.unparks += other.unparks;
        self.timers_set += other.timers_set;
        self.timers_fired += other.timers_fired;
        self.timers_cancelled += other.timers_cancelled;
        self.blocking_jobs += other.blocking_jobs;
        self.handed += other.handed;
        self.lost += other.lost;
    }
}

/// Adds the messages of `oneshot` channels.
impl AddAssign<&Counts> for MessageCounts {
    fn add_assign(&mut self, counts: &Counts) {
        self.sent += counts.handed + counts.lost;
        self.received += counts.handed;
        self.dropped += counts.lost;
    }
}

impl MessageCounts {
    pub(crate) const ZERO: Self = Self {
        sent: 0,
        received: 0,
        dropped: 0,
        spilled: 0,
    };
}

impl AddAssign for MessageCounts {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.dropped += other.dropped;
        self.spilled += other.spilled;
    }
}

impl ChannelStats {
    pub(crate) fn new(id: u64, name: &str, kind: ChannelKind) -> Self {
        Self {
            id,
            name: name.to_owned(),
            kind,
            depth: 0,
            capacity: None,
            sent: 0,
            received: 0,
            dropped: 0,
            spilled: 0,
            high_water: 0,
            senders: 0,
            receivers: 0,
            closed: false,
        }
    }
}

/// Says what waits in it: "channel `events` has 1,500 messages waiting ..".
impl fmt::Display for ChannelStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ChannelKind::Actor => "mailbox",
            ChannelKind::Channel => "channel",
            ChannelKind::Stream => "stream",
        };
        let messages = match self.depth {
            1 => "message",
            _ => "messages",
        };
        let (depth, sent, received) = (self.depth as u64, self.sent, self.received);
        write!(
            f,
            "{kind} `{}` has {} {messages} waiting",
            self.name,
            Thousands(depth)
        )?;
        match self.capacity {
            None => f.write_str(" and no bound")?,
            Some(capacity) if capacity == self.depth => f.write_str(" and is full")?,
            Some(capacity) => write!(f, " of at most {}", Thousands(capacity as u64))?,
        }
        let (sent, received) = (Thousands(sent), Thousands(received));
        write!(f, "; {sent} sent, {received} received")?;
        if self.dropped != 0 {
            write!(f, ", {} dropped", Thousands(self.dropped))?;
        }
        for (number, what) in [(self.senders, "sender"), (self.receivers, "receiver")] {
            let plural = if number == 1 { "" } else { "s" };
            write!(f, ", {} {what}{plural}", Thousands(number as u64))?;
        }
        f.write_str(if self.closed { ", closed" } else { "" })
    }
}

/// A number with commas between thousands.
#[derive(Clone, Copy)]
pub(crate) struct Thousands(pub(crate) u64);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place != 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Channel => "channel",
            Self::Stream => "stream",
            Self::Actor => "actor",
        })
    }
}

/// Draws columns of numbers beside the names of what was counted.
fn draw(f: &mut fmt::Formatter<'_>, columns: &[(&str, &Counts)]) -> fmt::Result {
    let width = |name: &str| name.chars().count().max(12);
    write!(f, "{:<16}", "tasks")?;
    for (name, _) in columns {
        write!(f, "  {name:>width$}", width = width(name))?;
    }
    writeln!(f)?;
    for (row, (title, _)) in Counts::default().rows().iter().enumerate() {
        write!(f, "{title:<16}")?;
        for (name, counts) in columns {
            let number = Thousands(counts.rows()[row].1);
            write!(f, "  {number:>width$}", width = width(name))?;
        }
        writeln!(f)?;
    }
    Ok(())
}

impl fmt::Display for RuntimeStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = (0..self.workers.len())
            .map(|worker| format!("worker {worker}"))
            .collect();
        let workers = names.iter().map(String::as_str).zip(&self.workers);
        let mut columns = vec![(self.name.as_str(), &self.total)];
        columns.extend(workers);
        draw(f, &columns)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runtimes = self.runtimes.iter().map(|r| (r.name.as_str(), &r.total));
        let mut columns = vec![("total", &self.total)];
        columns.extend(runtimes);
        draw(f, &columns)?;
        writeln!(f)?;
        self.draw_messages(f)
    }
}

impl Stats {
    /// Draws a row for all messages, and one for each channel that has a name.
    fn draw_messages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self
            .channels
            .iter()
            .map(|channel| channel.name.chars().count());
        let width = names.max().unwrap_or(0).max(16);
        write!(f, "{:<width$}  {:<7}", "messages", "")?;
        for title in ["sent", "received", "dropped", "spilled"] {
            write!(f, "  {title:>12}")?;
        }
        for title in ["depth", "capacity", "high water"] {
            write!(f, "  {title:>10}")?;
        }
        writeln!(f)?;
        let all = &self.messages;
        write!(f, "{:<width$}  {:<7}", "all", "")?;
        for number in [all.sent, all.received, all.dropped, all.spilled] {
            write!(f, "  {:>12}", Thousands(number))?;
        }
        writeln!(f)?;
        for channel in &self.channels {
            write!(f, "{:<width$}  {:<7}", channel.name, channel.kind)?;
            let ChannelStats {
                sent,
                received,
                dropped,
                spilled,
                ..
            } = *channel;
            for number in [sent, received, dropped, spilled] {
                write!(f, "  {:>12}", Thousands(number))?;
            }
            let capacity = channel.capacity.map(|capacity| Thousands(capacity as u64));
            let capacity = capacity.map_or_else(|| "none".to_owned(), |number| number.to_string());
            let depth = Thousands(channel.depth as u64);
            let high_water = Thousands(channel.high_water as u64);
            writeln!(f, "  {depth:>10}  {capacity:>10}  {high_water:>10}")?;
        }
        Ok(())
    }
}
