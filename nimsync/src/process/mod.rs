//! Child processes (Unix).
//!
//! # Purpose
//!
//! [`Command`] is the standard library's, with a [`Child`] whose pipes are read and
//! written without a thread, and whose end is awaited.
//!
//! # Nothing is orphaned
//!
//! A [`Child`] that is dropped is killed, and the task that dropped it does not end
//! before the operating system has given the process up: no process outlives the
//! group in which it was started, and no zombie is left. `kill_on_drop(false)` lets
//! it live on; it is waited for in the background then, so that no zombie is left
//! while the runtime lives. Processes that the child has started itself are its own
//! affair, unless it was given a group of its own
//! ([`Command::new_group`]), which is then killed as a whole.
//!
//! # How it works
//!
//! On Linux the driver watches a descriptor of the process (a *pidfd*). Where there
//! is none, `SIGCHLD` tells to look.
//!
//! # Examples
//!
//! ```
//! use nimsync::process::Command;
//!
//! # nimsync::block_on(async {
//! let output = Command::new("echo").arg("hello").output().await?;
//! assert!(output.status.success());
//! assert_eq!(output.stdout, b"hello\n");
//!
//! let missing = Command::new("no-such-program").status().await.unwrap_err();
//! assert!(missing.to_string().starts_with("start `no-such-program`: No such file"));
//! # std::io::Result::Ok(())
//! # }).unwrap();
//! ```

mod child;
mod command;
mod exit;
mod pipes;
#[allow(unsafe_code, reason = "asks the kernel for what std does not")]
mod sys;

pub use child::Child;
pub use command::Command;
pub use pipes::{ChildStderr, ChildStdin, ChildStdout};
pub use std::process::{ExitStatus, Output, Stdio};
