//! nimsync is an async runtime for Rust in which concurrency has structure.
//!
//! Every task belongs to a group, no task outlives the scope that made it, and
//! cancellation, errors, deadlines and panics travel along that tree.
//!
//! ```
//! use nimsync::prelude::*;
//!
//! #[nimsync::main]
//! async fn main() -> Result<(), nimsync::GroupError> {
//!     task_group!(|g| {
//!         g.spawn(async { sleep(20.milliseconds()).await; println!("second"); });
//!         g.spawn(async { sleep(10.milliseconds()).await; println!("first"); });
//!     })
//!     .await
//! }
//! ```
//!
//! # Where to find what
//!
//! | to … | see |
//! |---|---|
//! | start a program or a test | [`main`](macro@main), [`test`](macro@test), [`Runtime`] |
//! | run things concurrently | [`task_group!`], [`TaskGroup`], [`Child`] |
//! | limit time, cancel, protect | [`with_timeout!`], [`CancelScope`], [`shield!`] |
//! | take the first of several | [`race!`], [`first_ok!`] |
//! | pass values along | [`channel`], [`select!`] |
//! | process items as they come | [`mod@stream`], [`stream!`], [`try_stream!`] |
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
#[allow(
    unsafe_code,
    reason = "fills buffers of hyper's that are not initialized"
)]
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
