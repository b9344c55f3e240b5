//! What `tracing` is told of tasks, in the words that `tokio-console` understands.
//!
//! With the feature `tracing`, each task has a span `runtime.spawn` of the target
//! `tokio::task`, without a parent, which is entered for each poll, and closed after the
//! last. Each wake-up is an event of the target
//! `tokio::task::waker`. The names and fields are those that tokio has, because
//! `console-subscriber` looks for them.
//!
//! ```text
//! span   runtime.spawn   kind = "task" | "local" | "service" | "block_on", task.name, task.id,
//!                        size.bytes, loc.file, loc.line, loc.col
//! event                  op = "waker.clone" | "waker.wake_by_ref", task.id = the span's
//! ```
//!
//! A task has one waker that counts, its own in the node, so there is one
//! `waker.clone`; copies that others make are not seen.
//!
//! There are two variants with one face; without the feature nothing is left of it.

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(feature = "tracing")]
mod on;

#[cfg(not(feature = "tracing"))]
pub(super) use off::Trace;
#[cfg(feature = "tracing")]
pub(super) use on::Trace;
