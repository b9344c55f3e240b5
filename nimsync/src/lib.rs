//! An async runtime in which concurrency has structure: every task belongs to a
//! group, and no task outlives the scope that made it.
//!
//! [![crates.io](https://img.shields.io/crates/v/nimsync.svg)](https://crates.io/crates/nimsync)
//! [![docs.rs](https://img.shields.io/docsrs/nimsync)](https://docs.rs/nimsync)
//! [![license](https://img.shields.io/crates/l/nimsync.svg)](https://github.com/nimsync/nimsync#licence)
//!
//! Cancellation, errors, deadlines and panics travel along the tree of groups
//! and tasks. Channels, streams and actors are built on it.
//!
//! # A program
//!
//! Two workers share the jobs of a channel, and send on what they make of
//! them. When the loop is over all of them have ended, and after two seconds at
//! the latest. An error in any of them would end the others, and come out at
//! the last line.
//!
//! ```
//! use nimsync::prelude::*;
//!
//! async fn squares() -> Result<u64, nimsync::GroupError> {
//!     task_group!(name = "squares", |g| {
//!         let (mut jobs, incoming) = channel::spmc::<u64>(16);
//!         let (results, mut finished) = channel::mpsc::<u64>(16);
//!         for _ in 0..2 {
//!             let (incoming, results) = (incoming.clone(), results.clone());
//!             g.task("worker").spawn(async move {
//!                 while let Ok(n) = incoming.recv().await {
//!                     results.send(n * n).await?;
//!                 }
//!             });
//!         }
//!         drop((incoming, results)); // the workers have the last ones
//!         g.spawn(async move {
//!             for n in 1..=100 {
//!                 jobs.send(n).await?;
//!             }
//!         }); // `jobs` is dropped: the workers finish what is left, and end
//!         let mut sum = 0;
//!         while let Ok(square) = finished.recv().await {
//!             sum += square;
//!         }
//!         sum
//!     })
//!     .await
//! }
//!
//! #[nimsync::main]
//! async fn main() -> Result<(), nimsync::BoxError> {
//!     let sum = with_timeout!(2.seconds(), squares()).await??;
//!     assert_eq!(sum, 338_350);
//!     Ok(())
//! }
//! ```
//!
//! The [book](https://github.com/nimsync/nimsync/blob/main/docs/SUMMARY.md) begins
//! with ten minutes of this, has a chapter for each part, patterns, good
//! practice, figures, and what things are called elsewhere.
//!
//! # Where to find what
//!
//! | to … | see |
//! |---|---|
//! | start a program or a test | [`#[main]`](macro@main), [`#[test]`](macro@test), [`Runtime`] |
//! | run things concurrently | [`task_group!`], [`TaskGroup`], [`Child`] |
//! | limit time, cancel, protect | [`with_timeout!`], [`CancelScope`], [`shield!`] |
//! | take the first of several | [`race!`], [`first_ok!`] |
//! | pass values along | [`channel`], [`select!`] |
//! | process items as they come | [`mod@stream`], [`stream!`], [`try_stream!`] |
//! | keep state that others ask and tell | [`#[actor]`](macro@actor), [`#[supervisor]`](macro@supervisor), [`mod@actor`] |
//! | wait | [`sleep`], [`sleep_until`], [`yield_now`] |
//! | read and write files, and other things | [`fs`], [`io`] |
//! | talk over sockets | [`net`] |
//! | run other programs, hear signals | [`process`], [`signal`] |
//! | try again | [`retry`](retry()) |
//! | call blocking code | [`unblock`], [`TaskGroup::spawn_blocking`] |
//! | know for whom a task works | [`task_local!`] |
//! | see what is running | [`tree()`], [`stats()`], [`Builder::watchdog`] |
//! | see what happened when | [`Builder::trace`], [`trace()`] |
//! | know what things cost here | [`benchmark()`] |
//!
//! # Modules
//!
//! | module | has |
//! |---|---|
//! | [`prelude`] | what most programs name: all macros, durations in words |
//! | the root | groups, the runtime, entry points, errors, what is running |
//! | [`cancel`] | scopes, limits, shields; the rules of cancellation |
//! | [`channel`] | `spsc`, `mpsc`, `spmc`, `mpmc`, and others; `Select` |
//! | [`mod@stream`] | buffers with a policy, operators, parallel work |
//! | [`mod@actor`] | systems, handles, calls, supervision, tests of actors |
//! | [`net`], [`fs`], [`process`], [`signal`], [`io`] | the operating system |
//! | `http`, `tls`, `inspect` | by features, see below |
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | brings |
//! |---|---|
//! | `hyper` | `nimsync::http`: HTTP servers and clients |
//! | `tls` | `nimsync::tls`, and `https` |
//! | `tokio` | `Builder::tokio_compat`, `nimsync::compat`: libraries made for tokio |
//! | `tracing` | spans and events of tasks, for `tokio-console` |
//! | `spill` | streams that spill to disk |
//! | `serde` | `Serialize` for what [`stats()`] returns |
//! | `inspect` | `nimsync::inspect`: a web page with what the program does |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(rustdoc::broken_intra_doc_links)]
#![deny(unsafe_code)]

#[cfg(not(any(loom, shuttle)))]
mod benchmark;
#[allow(missing_docs, reason = "named by expansions only")]
mod entry;
#[cfg(feature = "inspect")]
pub mod inspect;
mod json;
mod macros;
mod tree;

pub mod actor;
#[allow(unsafe_code, reason = "frames point to the frames around them")]
pub mod cancel;
#[allow(
    unsafe_code,
    reason = "rings of slots that senders and receivers share"
)]
pub mod channel;
pub mod fs;
#[allow(unsafe_code, reason = "lends the values of a group to its children")]
mod group;
#[cfg(feature = "hyper")]
pub mod http;
pub mod io;
pub mod net;
#[allow(unsafe_code, reason = "the spin lock")]
mod prim;
#[cfg(unix)]
pub mod process;
mod retry;
#[allow(unsafe_code, reason = "runnables are kept as raw pointers in a slot")]
mod runtime;
#[cfg(unix)]
#[allow(unsafe_code, reason = "installs signal handlers")]
pub mod signal;
#[allow(unsafe_code, reason = "the counters of the current thread are on loan")]
mod stats;
pub mod stream;
#[allow(unsafe_code, reason = "tasks are one allocation with parts on loan")]
mod task;
#[allow(unsafe_code, reason = "the intrusive timer wheel")]
mod time;
#[cfg(feature = "tls")]
pub mod tls;
#[allow(unsafe_code, reason = "the ring of the current worker is on loan")]
mod trace;
#[allow(unsafe_code, reason = "the label of the current task is on loan")]
mod wait;

pub mod prelude;

/// For groups outside of a nimsync runtime, in tasks of another.
pub mod outside {
    pub use crate::group::outside::idle;
}

#[doc(hidden)]
pub mod __private;

pub use actor::{ActorId, ActorSystem, CallError, StopReason, TellError};
#[cfg(not(any(loom, shuttle)))]
pub use benchmark::{Benchmark, Throughput, benchmark};
pub use cancel::{CancelScope, Cancelled, Shield, TimedOut, Timeout, shield, timeout, timeout_at};
pub use group::{
    Child, Drive, GroupClosed, GroupError, GroupOptions, NamedTask, Outcome, OwnedGroup, OwnedTask,
    Policy, Ready, Restart, RuntimeScope, ScopedChild, Spawnable, Spawner, Start, TaskGroup,
    WaitReady,
};
pub use nimsync_macros::{actor, main, supervisor, test};
pub use retry::{Attempts, Pauses, Retry, RetryError, retry};
#[cfg(feature = "tokio")]
pub use runtime::Compat;
pub use runtime::{
    BuildError, Builder, Runtime, SlowPoll, Stall, Unblock, YieldNow, block_on, compat, stats,
    trace, tree, unblock, yield_now,
};
pub use stats::{ChannelKind, ChannelStats, Counts, MessageCounts, RuntimeStats, Stats};
pub use task::{AccessError, BoxError, LocalKey, PanicCause, TaskFailure, TaskId, TaskOutput};
pub use time::{DurationWords, Sleep, now, sleep, sleep_until};
pub use trace::Trace;
pub use tree::{Doing, GroupReport, RuntimeReport, TaskKind, TaskReport, Tree};
