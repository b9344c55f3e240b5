//! What the user sees.

use crate::process::Row;
use indicatif::{ProgressBar, ProgressStyle};
use nimsync::stream::Stats;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes a progress bar. It is drawn to stderr, and only if that is a terminal.
pub(crate) fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed:>4} {wide_bar} {pos}/{len} files {msg}")
        .expect("the template is well-formed");
    ProgressBar::new(0).with_style(style)
}

/// Files that could not be read: told at once, and counted.
#[derive(Clone)]
pub(crate) struct Problems {
    bar: ProgressBar,
    count: Arc<AtomicU64>,
}

impl Problems {
    pub(crate) fn new(bar: ProgressBar) -> Self {
        let count = Arc::default();
        Self { bar, count }
    }

    pub(crate) fn report(&self, what: impl fmt::Display) {
        self.bar.suspend(|| eprintln!("file_processor: {what}"));
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Sum {
    files: u64,
    bytes: u64,
    lines: u64,
    words: u64,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        self.files += 1;
        self.bytes += row.bytes;
        self.lines += row.lines;
        self.words += row.words;
    }

    fn print(&self, out: &mut impl Write, name: &str) -> io::Result<()> {
        let Self {
            files,
            bytes,
            lines,
            words,
        } = self;
        writeln!(
            out,
            "{name:<12} {files:>9} {bytes:>14} {lines:>12} {words:>12}"
        )
    }
}

/// The sums by extension.
#[derive(Default)]
pub(crate) struct Summary {
    by_extension: HashMap<String, Sum>,
    all: Sum,
}

impl Summary {
    pub(crate) fn add(&mut self, row: &Row) {
        self.all.add(row);
        match self.by_extension.get_mut(&row.extension) {
            Some(sum) => sum.add(row),
            None => {
                let sum = self.by_extension.entry(row.extension.clone());
                sum.or_default().add(row);
            }
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.all.bytes
    }

    /// Prints a line for each extension, the one with the most bytes first, and how the
    /// buffer behind the walk was used.
    pub(crate) fn print(&self, buffer: &Stats) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "{:<12} {:>9} {:>14} {:>12} {:>12}",
            "extension", "files", "bytes", "lines", "words"
        )?;
        let mut sums: Vec<_> = self.by_extension.iter().collect();
        sums.sort_unstable_by_key(|&(name, sum)| (Reverse(sum.bytes), name));
        for (name, sum) in sums {
            sum.print(&mut out, if name.is_empty() { "(none)" } else { name })?;
        }
        self.all.print(&mut out, "all")?;
        writeln!(
            out,
            "{} files waited at most, the walk waited {} times, {} spilled, {} dropped",
            buffer.high_water, buffer.waits, buffer.spilled, buffer.dropped
        )?;
        out.flush()
    }
}
