//! Finding the files.

use crate::report::Problems;
use ignore::{DirEntry, Walk, WalkBuilder};
use indicatif::ProgressBar;
use nimsync::BoxError;
use nimsync::stream::{Sender, Stats};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// How many entries one call on the blocking pool looks at.
const BATCH: usize = 256;

/// A file to process: the bytes of its path, since a path that is no text could not
/// be spilled to disk.
#[derive(Serialize, Deserialize)]
pub(crate) struct Found(Vec<u8>);

impl Found {
    fn new(path: &Path) -> Self {
        Self(path.as_os_str().as_bytes().to_owned())
    }

    pub(crate) fn into_path(self) -> PathBuf {
        OsString::from_vec(self.0).into()
    }
}

/// Sends the files below some paths to be processed, in the order of their names.
///
/// Returns what became of them when they were sent.
pub(crate) async fn walk(
    mut walk: Walk,
    files: Sender<Found>,
    bar: ProgressBar,
    problems: Problems,
) -> Result<Stats, BoxError> {
    loop {
        let (back, batch) = nimsync::unblock(move || {
            let batch: Vec<_> = walk.by_ref().take(BATCH).collect();
            (walk, batch)
        })
        .await;
        walk = back;
        if batch.is_empty() {
            return Ok(files.stats());
        }
        for entry in batch {
            let Some(path) = file(entry, &problems) else {
                continue;
            };
            bar.inc_length(1);
            let sent = files.send(Found::new(&path)).await;
            let sent = sent.map_err(|error| format!("{}: {error}", path.display()))?;
            if sent.dropped().is_some() {
                bar.inc(1);
            }
        }
    }
}

/// Begins to walk.
pub(crate) fn below(paths: &[PathBuf], all: bool) -> Walk {
    let mut walk = WalkBuilder::from_iter(paths);
    walk.standard_filters(!all);
    walk.sort_by_file_name(Ord::cmp);
    walk.build()
}

/// The path of an entry, if it is a file.
fn file(entry: Result<DirEntry, ignore::Error>, problems: &Problems) -> Option<PathBuf> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            problems.report(plain(&error));
            return None;
        }
    };
    let kind = entry.file_type();
    if kind.is_some_and(|kind| kind.is_file()) {
        return Some(entry.into_path());
    }
    // Pipes and devices may have no end. In a folder they are passed over; who names
    // one is told.
    if entry.depth() == 0 && !kind.is_some_and(|kind| kind.is_dir()) {
        let path = entry.path().display();
        problems.report(format_args!("{path}: neither a file nor a folder"));
    }
    None
}

/// Words an error as `path: cause`; by itself it names the path twice.
fn plain(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithDepth { err, .. } => plain(err),
        ignore::Error::WithPath { path, err } => match err.io_error().and_then(cause) {
            Some(cause) => format!("{}: {cause}", path.display()),
            None => err.to_string(),
        },
        other => other.to_string(),
    }
}

fn cause(error: &io::Error) -> Option<&dyn Error> {
    error.get_ref()?.source()
}
