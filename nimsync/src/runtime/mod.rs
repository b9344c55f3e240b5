//! The executor: workers that run tasks, the driver and the blocking pool.
//!
//! # Vocabulary
//!
//! - A **seat** is a place at which a thread works: a run queue, a slot for the
//!   task to run next, a queue for tasks pinned to it, timers, and the means to
//!   wake the thread that sits there. Seat 0 is for the thread inside
//!   [`Runtime::block_on`]; threads of the runtime take the others. Should several
//!   threads be inside `block_on` at once, the later ones get a guest seat,
//!   which nobody steals from and whose spawns therefore go to the injector.
//! - The **injector** is the queue for what is scheduled from elsewhere.
//! - The **driver** waits for the operating system. Whoever would park takes it
//!   if it is free, and waits there; the others wait on their thread's token. A
//!   **source** is one descriptor that it watches.
//!
//! # Invariants
//!
//! 1. *Nothing runnable is forgotten*: whoever queues where another thread must
//!    find it wakes one sleeper after queueing, and whoever goes to sleep looks
//!    at all queues after announcing it ([`idle`] has the protocol). A push to
//!    a worker's own queue may skip the wake: that worker is awake.
//! 2. *Tasks pinned to a seat run there only*: the root of `block_on`, whose
//!    future need not be `Send`, and tasks with children that run in place.
//! 3. *Nobody is starved*: about every 100 µs a worker looks at its timers, the
//!    driver and the injector; the next-task slot is used three times in a row
//!    at most; sleepers look for overlooked work every few milliseconds while
//!    others are busy.
//! 4. *No user value is dropped under a lock.*

#[cfg(unix)]
mod background;
mod block_on;
mod blocking;
mod builder;
mod doing;
mod driver;
mod foreign;
mod idle;
#[cfg(all(test, loom))]
pub(crate) mod loom_tests;
mod observed;
mod offload;
mod outside;
mod reports;
mod seat;
mod seat_state;
mod shared;
mod source;
mod watchdog;
mod worker;

#[cfg(unix)]
pub(crate) use background::background;
pub(crate) use block_on::refuse_inside_task;
pub(crate) use block_on::run_root;
pub use blocking::{Unblock, unblock};
pub use builder::{BuildError, Builder};
pub(crate) use driver::{Driver, Token};
#[cfg(feature = "tokio")]
pub use foreign::Compat;
pub(crate) use foreign::Handle as ForeignHandle;
pub(crate) use foreign::NeedsTokio;
pub use foreign::compat;
pub use observed::SlowPoll;
pub(crate) use offload::{CallPool, Offload};
pub(crate) use outside::here;
#[cfg(feature = "inspect")]
pub(crate) use reports::{slow_polls, stalls};
pub use reports::{stats, trace, tree};
pub use shared::Runtime;
pub(crate) use shared::{Shared, current_driver, schedule, schedule_spawned};
pub(crate) use source::{Direction, Source, SourceWait};
pub use watchdog::Stall;
pub(crate) use worker::{
    Work, current_seat, enter_seat, hold_seat, release_seat, share, works_for,
};

use std::future::Future;
use std::sync::OnceLock;

/// Runs `future` to its end on a default runtime, with a worker per core.
///
/// The runtime is started at the first call and serves all later ones.
///
/// # Panics
///
/// As [`Runtime::block_on`].
///
/// # Examples
///
/// ```
/// assert_eq!(nimsync::block_on(async { 1 + 2 }), 3);
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    static DEFAULT: OnceLock<Runtime> = OnceLock::new();
    let runtime = DEFAULT.get_or_init(|| match Runtime::builder().build() {
        Ok(runtime) => runtime,
        Err(error) => panic!("the default runtime did not start: {error}"),
    });
    runtime.block_on(future)
}

/// Lets other tasks run, once.
///
/// # Cancel safety
///
/// It holds nothing and may be dropped at any time.
///
/// # Examples
///
/// ```
/// nimsync::block_on(async {
///     nimsync::yield_now().await;
/// });
/// ```
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "yielding happens when the future is awaited"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    #[inline]
    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        if self.yielded {
            return std::task::Poll::Ready(());
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}
