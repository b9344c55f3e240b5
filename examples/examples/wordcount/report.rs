//! What the user sees.

use crate::count::Tally;
use indicatif::{ProgressBar, ProgressStyle};
use std::cmp::Reverse;
use std::io::{self, Write};

/// Makes a progress bar. It is drawn to stderr, and only if that is a terminal.
pub(crate) fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed:>4} {wide_bar} {pos}/{len} files")
        .expect("the template is well-formed");
    ProgressBar::new(0).with_style(style)
}

/// Prints what was counted.
pub(crate) fn print(tally: &Tally, top: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{:>12} text files", tally.files)?;
    writeln!(out, "{:>12} binary files, skipped", tally.binary)?;
    writeln!(out, "{:>12} lines", tally.lines)?;
    writeln!(out, "{:>12} words", tally.words)?;

    let mut words: Vec<_> = tally.frequency.iter().collect();
    // Of millions of words few are printed: those are set apart before they are
    // sorted.
    if top < words.len() {
        words.select_nth_unstable_by_key(top, |&(word, &times)| (Reverse(times), word));
        words.truncate(top);
    }
    words.sort_unstable_by_key(|&(word, &times)| (Reverse(times), word));
    if !words.is_empty() {
        writeln!(out, "\nThe most frequent words:")?;
    }
    for (word, times) in words {
        writeln!(out, "{times:>12} {}", String::from_utf8_lossy(word))?;
    }
    out.flush()
}
