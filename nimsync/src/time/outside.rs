//! Timers for code that is not inside a runtime.
//!
//! Channels and scopes work on any executor, and so must their time limits. The
//! first sleep outside of a runtime starts one thread for the process, which
//! does for its timers what a worker does for its own.

use super::timers::Timers;
use crate::stats::TimerCounts;
use std::sync::OnceLock;
use std::thread::Thread;
use std::time::Duration;

struct Outside {
    timers: &'static Timers,
    thread: Thread,
}

static OUTSIDE: OnceLock<Outside> = OnceLock::new();

fn outside() -> &'static Outside {
    OUTSIDE.get_or_init(|| {
        let timers = Timers::obtain();
        let thread = std::thread::Builder::new()
            .name("nimsync-timers".to_owned())
            .spawn(move || run(timers));
        match thread {
            Ok(thread) => Outside {
                timers,
                thread: thread.thread().clone(),
            },
            Err(error) => {
                panic!("cannot start the thread for timers outside of a runtime: {error}")
            }
        }
    })
}

fn run(timers: &Timers) {
    loop {
        let now = timers.read();
        timers.fire(now);
        match timers.next_look() {
            Some(look) => {
                std::thread::park_timeout(Duration::from_nanos(look.saturating_sub(now).max(1)));
            }
            None => std::thread::park(),
        }
    }
}

/// Returns the timers for this thread, which is not inside a runtime.
pub(super) fn timers() -> &'static Timers {
    outside().timers
}

/// Returns what happened to these timers, if any was ever set.
pub(crate) fn counts() -> TimerCounts {
    let outside = OUTSIDE.get();
    outside.map_or(TimerCounts::NONE, |outside| outside.timers.counts())
}

/// Tells the thread that a timer was set. It may be the first to be due.
pub(super) fn timer_was_set() {
    outside().thread.unpark();
}
