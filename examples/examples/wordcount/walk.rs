//! Finding the files.

use ignore::{DirEntry, Walk, WalkBuilder};
use indicatif::ProgressBar;
use nimsync::prelude::*;
use nimsync::{BoxError, Child};
use std::collections::VecDeque;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// A file to count, or why there is none.
pub(crate) type Found = Result<PathBuf, BoxError>;

/// How many files one call on the blocking pool finds: enough to pay for the
/// way there, few enough to be over soon when the program is to end.
const BATCH: usize = 256;

/// The files below some folders, found while those found before are counted.
pub(crate) struct Files {
    found: VecDeque<Found>,
    ahead: Option<Child<(Walk, Vec<Found>)>>,
    bar: ProgressBar,
}

impl Files {
    /// Begins to walk, in a child of `g`.
    pub(crate) fn below(paths: &[PathBuf], all: bool, bar: ProgressBar, g: &TaskGroup<'_>) -> Self {
        let mut walk = WalkBuilder::from_iter(paths);
        walk.standard_filters(!all);
        Self {
            found: VecDeque::new(),
            ahead: Some(look_ahead(walk.build(), g)),
            bar,
        }
    }

    /// Returns the next file. Waits only if none has been found in advance.
    pub(crate) async fn next(&mut self, g: &TaskGroup<'_>) -> Option<Found> {
        let found = &self.found;
        let wanted = |ahead: &mut Child<_>| found.is_empty() || ahead.is_finished();
        if let Some(ahead) = self.ahead.take_if(wanted) {
            let (walk, batch) = ahead.await;
            if !batch.is_empty() {
                self.bar.inc_length(batch.len() as u64);
                self.found.extend(batch);
                self.ahead = Some(look_ahead(walk, g));
            }
        }
        self.found.pop_front()
    }
}

/// Looks for the next files on the blocking pool.
fn look_ahead(mut walk: Walk, g: &TaskGroup<'_>) -> Child<(Walk, Vec<Found>)> {
    g.task("walk").spawn_blocking(move || {
        let batch = walk.by_ref().filter_map(to_count).take(BATCH).collect();
        (walk, batch)
    })
}

/// Returns the file to count behind an entry, if it is one.
fn to_count(entry: Result<DirEntry, ignore::Error>) -> Option<Found> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return Some(Err(plain(&error).into())),
    };
    let kind = entry.file_type();
    if kind.is_some_and(|kind| kind.is_file()) {
        return Some(Ok(entry.into_path()));
    }
    // Pipes and devices may have no end, and reading them cannot be cancelled.
    // In a folder they are passed over; who names one is told.
    let named = entry.depth() == 0 && !kind.is_some_and(|kind| kind.is_dir());
    let refused = || format!("{}: neither a file nor a folder", entry.path().display());
    named.then(|| Err(refused().into()))
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
