//! What is in a folder.

use super::hop_on;
use crate::io::error::on_path;
use crate::runtime::{CallPool, Offload};
use futures::Stream;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Entries that a call on the pool fetches: as many as the operating system gives
/// at once, in a folder of short names.
const BATCH: usize = 256;

/// Opens a folder to look at what is in it.
///
/// The entries come in no order, without `.` and `..`.
///
/// # Cancel safety
///
/// It may be dropped at any time.
///
/// # Errors
///
/// What the operating system says.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let mut entries = nimsync::fs::read_dir("src").await?;
/// let mut folders = 0;
/// while let Some(entry) = entries.next().await {
///     folders += u32::from(entry?.file_type()?.is_dir());
/// }
/// assert!(folders > 3);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    let path = path.as_ref();
    let batch = hop_on("read the folder", path, |path| {
        Ok(fetch(fs::read_dir(path)?))
    })
    .await?;
    Ok(ReadDir {
        path: path.into(),
        state: State::Here(batch),
    })
}

/// The entries of a folder, as a stream; see [`read_dir`].
///
/// # Cancel safety
///
/// Waiting for the next entry may be dropped at any time; none is lost.
#[must_use = "a stream does nothing until it is polled"]
pub struct ReadDir {
    path: Arc<Path>,
    state: State,
}

enum State {
    Here(Batch),
    Fetching(Offload<Batch>),
    Over,
}

struct Batch {
    entries: VecDeque<io::Result<DirEntry>>,
    /// `None` at the end.
    rest: Option<fs::ReadDir>,
}

fn fetch(mut folder: fs::ReadDir) -> Batch {
    let mut entries = VecDeque::with_capacity(BATCH);
    while entries.len() < BATCH {
        match folder.next() {
            Some(entry) => entries.push_back(entry.map(DirEntry::new)),
            None => {
                let rest = None;
                return Batch { entries, rest };
            }
        }
    }
    let rest = Some(folder);
    Batch { entries, rest }
}

impl Stream for ReadDir {
    type Item = io::Result<DirEntry>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<DirEntry>>> {
        loop {
            match &mut self.state {
                State::Over => return Poll::Ready(None),
                State::Fetching(call) => {
                    let batch = ready!(call.poll(cx));
                    self.state = State::Here(batch);
                }
                State::Here(batch) => {
                    if let Some(entry) = batch.entries.pop_front() {
                        let path = self.path.clone();
                        let entry = entry.map_err(|e| on_path("read the folder", &path, e));
                        return Poll::Ready(Some(entry));
                    }
                    self.state = match batch.rest.take() {
                        Some(rest) => State::Fetching(CallPool::current()?.run(|| fetch(rest))),
                        None => State::Over,
                    };
                }
            }
        }
    }
}

impl fmt::Debug for ReadDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadDir").field(&self.path).finish()
    }
}

/// An entry of a folder.
pub struct DirEntry {
    entry: fs::DirEntry,
    /// Looked up with the entry. On most systems it comes with it.
    file_type: io::Result<FileType>,
}

impl DirEntry {
    fn new(entry: fs::DirEntry) -> Self {
        Self {
            file_type: entry.file_type(),
            entry,
        }
    }

    /// Returns its path: that of the folder as it was given, and the name.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.entry.path()
    }

    /// Returns its name.
    #[must_use]
    pub fn file_name(&self) -> OsString {
        self.entry.file_name()
    }

    /// Tells what it is. Links are not followed. It needs no call.
    ///
    /// # Errors
    ///
    /// What the operating system has said: the entry may have been gone already.
    pub fn file_type(&self) -> io::Result<FileType> {
        match &self.file_type {
            Ok(file_type) => Ok(*file_type),
            Err(error) => Err(on_path(
                "look at",
                &self.path(),
                io::Error::new(error.kind(), error.to_string()),
            )),
        }
    }

    /// Returns what is known of it. Links are not followed.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        super::symlink_metadata(self.path()).await
    }
}

impl fmt::Debug for DirEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DirEntry").field(&self.path()).finish()
    }
}
