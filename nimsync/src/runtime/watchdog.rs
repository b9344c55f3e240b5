//! The watchdog: a thread that notices polls which do not end, channels that
//! fill, and programs in which nothing can happen any more.
//!
//! It looks at what each seat says of its poll (`observed`) four times in the
//! time that is allowed. A poll that is too old is reported, and again each time
//! that its age has doubled. At each look at it, what its thread is doing is
//! sampled (`doing`), which tells a task that computes from one that is blocked,
//! and in what.
//!
//! Nothing can happen when there are trees, but every worker sleeps, no queue
//! has a task, no timer is set, nobody waits for a descriptor or a signal, and no
//! blocking call runs. A thread that nimsync does not know of may still be about
//! to wake a task, so that has to last for a while before it is reported.

mod backlog;
mod quiet;
mod stall;

pub use stall::Stall;

use super::shared::Shared;
use crate::prim::atomic::Ordering;
use crate::stats::ChannelStats;
use crate::tree::Tree;
use backlog::Backlogs;
use quiet::Quiet;
use std::sync::Arc;
use std::time::Duration;

/// What the watchdog does, and when.
#[derive(Clone, Default)]
pub(super) struct Orders {
    /// How long a poll may take.
    pub(super) limit: Option<Duration>,
    pub(super) on_stall: Option<Arc<OnStall>>,
    /// How long nothing may be able to happen, and whom to tell.
    pub(super) on_idle: Option<(Duration, Arc<OnIdle>)>,
    /// How many messages may wait, and whom to tell of more.
    pub(super) on_backlog: Option<(usize, Arc<OnBacklog>)>,
}

pub(super) type OnStall = dyn Fn(&Stall) + Send + Sync;
pub(super) type OnIdle = dyn Fn(&Tree) + Send + Sync;
pub(super) type OnBacklog = dyn Fn(&ChannelStats) + Send + Sync;

impl Orders {
    /// Whether there is anything to watch.
    pub(super) fn any(&self) -> bool {
        self.limit.is_some() || self.on_idle.is_some() || self.on_backlog.is_some()
    }
}

/// The body of the thread.
pub(super) fn run(shared: &Shared) {
    let orders = &shared.settings.watchdog;
    let limits = [orders.limit, orders.on_idle.as_ref().map(|idle| idle.0)];
    let shortest = limits.into_iter().flatten().min().unwrap_or(Duration::MAX);
    let mut tick = (shortest / 4).clamp(Duration::from_millis(1), Duration::from_millis(250));
    if orders.on_backlog.is_some() {
        tick = tick.min(backlog::EVERY);
    }
    let mut seen: Vec<_> = shared.seats.iter().map(|_| None).collect();
    let mut backlogs = Backlogs::default();
    let mut quiet = Quiet::default();
    // Acquire pairs with the release in `Runtime::stop`.
    while !shared.stopping.load(Ordering::Acquire) {
        std::thread::park_timeout(tick);
        if let Some(limit) = orders.limit {
            for (worker, seen) in seen.iter_mut().enumerate() {
                if let Some(stall) = stall::look(shared, worker, seen, limit) {
                    match &orders.on_stall {
                        Some(hook) => hook(&stall),
                        None => eprintln!("nimsync: {stall}"),
                    }
                }
            }
        }
        if let Some((most, hook)) = &orders.on_backlog {
            backlogs
                .look(*most)
                .iter()
                .for_each(|channel| hook(channel));
        }
        if let Some((after, hook)) = &orders.on_idle
            && let Some(tree) = quiet.look(shared, *after)
        {
            hook(&tree);
        }
    }
}
