//! Reading and writing: the traits, foreign descriptors, the standard streams.
//!
//! # Purpose
//!
//! The traits are those of the `futures` crate, re-exported with the tools around
//! them, so that what was written for them works here. This module adds the parts
//! that need a runtime:
//!
//! - [`AsyncFd`] has the runtime's driver watch a descriptor that nimsync knows
//!   nothing of: a terminal, a device, a socket of a C library.
//! - [`BlockingIo`] makes something asynchronous that can only block, on the
//!   blocking pool. Files and [`stdout`] are made of it.
//! - [`stdin`] reads the standard input, on a thread of the process.
//! - [`copy_bidirectional`] joins two streams, as a proxy does.
//!
//! # What runs where
//!
//! Sockets, pipes of child processes, signals and [`AsyncFd`] wait in the driver
//! of the runtime and cost no thread. Files cannot: the operating system calls
//! them ready always, and blocks in the call. They go to the blocking pool, a
//! large piece at a time.
//!
//! # Examples
//!
//! ```
//! use nimsync::io::{AsyncBufReadExt, BufReader};
//! use nimsync::prelude::*;
//!
//! # nimsync::block_on(async {
//! let file = nimsync::fs::File::open("Cargo.toml").await?;
//! let mut lines = BufReader::new(file).lines();
//! assert_eq!(lines.next().await.unwrap()?, "[package]");
//! # std::io::Result::Ok(())
//! # }).unwrap();
//! ```

#[cfg(unix)]
mod async_fd;
mod blocking;
pub(crate) mod error;
mod read_ahead;
mod stdin;
mod stdout;
mod transfer;

#[cfg(unix)]
pub(crate) use async_fd::set_nonblocking;
#[cfg(unix)]
pub use async_fd::{AsyncFd, Interest};
pub use blocking::BlockingIo;
pub use error::NamedError;
pub use futures::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite,
    AsyncWriteExt, BufReader, BufWriter, Cursor, LineWriter, SeekFrom, copy, copy_buf, empty,
    repeat, sink,
};
pub use stdin::{Stdin, stdin};
pub use stdout::{Stderr, Stdout, stderr, stdout};
pub use transfer::copy_bidirectional;
