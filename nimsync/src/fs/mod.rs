//! Files and folders.
//!
//! # Purpose
//!
//! The functions of [`std::fs`], awaited, and [`File`], which is read and written
//! through the traits of [`crate::io`].
//!
//! # How it works
//!
//! The operating system does not tell when a file is ready: calls on files block.
//! So they are made on the runtime's blocking pool. A function here is one call
//! there, however many system calls it takes; a [`File`] moves up to 256 KiB a call;
//! [`read_dir`] fetches entries by the dozen.
//!
//! # Cancellation
//!
//! A call that has not begun is withdrawn. One that has begun cannot be stopped:
//! cancellation waits for it, and it is done as a whole.
//!
//! # Errors
//!
//! Errors name what was tried, on which path, and keep their kind. The operating
//! system's error is in the [`NamedError`](crate::io::NamedError) inside.
//!
//! ```
//! use std::io;
//!
//! # nimsync::block_on(async {
//! let error = nimsync::fs::read("no/such/file").await.unwrap_err();
//! assert_eq!(error.kind(), io::ErrorKind::NotFound);
//! assert!(error.to_string().starts_with("read `no/such/file`: No such file"));
//! # });
//! ```

mod atomic;
mod entries;
mod file;
mod open;
mod paths;
mod whole;

pub use atomic::{write_atomic, write_durable};
pub use entries::{DirEntry, ReadDir, read_dir};
pub use file::File;
pub use open::OpenOptions;
#[cfg(unix)]
pub use paths::symlink;
pub use paths::{
    canonicalize, create_dir, create_dir_all, hard_link, metadata, read_link, remove_dir,
    remove_dir_all, remove_file, rename, set_permissions, symlink_metadata, try_exists,
};
pub use std::fs::{FileType, Metadata, Permissions};
pub use whole::{append, copy, read, read_to_string, write};

use crate::io::error::{on_path, on_paths};
use crate::runtime::{CallPool, unblock};
use std::io;
use std::path::Path;

/// Makes a call on the blocking pool.
async fn hop<R: Send + 'static>(
    call: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    CallPool::current()?;
    unblock(call).await
}

/// Makes a call for a path on the blocking pool; an error says what was tried.
async fn hop_on<R: Send + 'static>(
    verb: &'static str,
    path: &Path,
    call: impl FnOnce(&Path) -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    let path = path.to_owned();
    hop(move || call(&path).map_err(|error| on_path(verb, &path, error))).await
}

/// As [`hop_on`], for two paths.
async fn hop_between<R: Send + 'static>(
    verb: &'static str,
    from: &Path,
    to: &Path,
    call: impl FnOnce(&Path, &Path) -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    let (from, to) = (from.to_owned(), to.to_owned());
    hop(move || call(&from, &to).map_err(|error| on_paths(verb, &from, &to, error))).await
}
