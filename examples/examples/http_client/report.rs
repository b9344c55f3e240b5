//! What the user sees.

use crate::fetch::{Failure, Fetched};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Write};

/// Makes a progress bar. It is drawn to stderr, and only if that is a terminal.
pub(crate) fn progress_bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed:>4} {wide_bar} {pos}/{len} {msg}")
        .expect("the template is well-formed");
    ProgressBar::new(length as u64).with_style(style)
}

/// Prints the table, and the sums.
pub(crate) fn print(fetched: &[Fetched], all: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:>6} {:>12} {:>9} {:>8}  address",
        "status", "bytes", "time", "attempts"
    )?;
    let mut sum = 0;
    for one in fetched {
        let (status, bytes, why) = match &one.outcome {
            Ok(answer) => (Some(answer.status), Some(answer.bytes), None),
            Err(failure @ Failure::Status { status, bytes, .. }) => {
                (Some(*status), Some(*bytes), Some(failure))
            }
            Err(failure) => (None, None, Some(failure)),
        };
        sum += bytes.unwrap_or(0);
        let status = status.map_or("-".to_owned(), |it| it.as_u16().to_string());
        let bytes = bytes.map_or("-".to_owned(), |it| it.to_string());
        let time = format!("{:.3} s", one.took.as_secs_f64());
        write!(
            out,
            "{status:>6} {bytes:>12} {time:>9} {:>8}  {}",
            one.attempts, one.url
        )?;
        match why {
            Some(why) => writeln!(out, "  ({why})")?,
            None => writeln!(out)?,
        }
    }
    let good = fetched.iter().filter(|one| one.is_good()).count();
    writeln!(
        out,
        "{good} of {all} fetched, {} failed, {sum} bytes",
        fetched.len() - good
    )?;
    out.flush()
}
