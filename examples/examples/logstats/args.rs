//! The command line.

use clap::{ArgGroup, Parser};
use nimsync_examples::seconds;
use std::path::PathBuf;
use std::time::Duration;

/// Counts requests, errors and bytes in an access log, by windows of time.
///
/// The log is in the common or the combined format of web servers, in the order of time.
/// Lines that are neither are counted as broken.
#[derive(Parser)]
#[command(
    name = "logstats",
    group = ArgGroup::new("source").required(true),
    after_help = "Exit codes: 0 all was read, 1 it could not be read, 2 wrong arguments, \
                  130 interrupted by ctrl-c."
)]
pub(crate) struct Args {
    /// The log
    #[arg(value_name = "FILE", group = "source")]
    pub(crate) file: Option<PathBuf>,

    /// Make a log of so many lines up instead of reading one
    #[arg(long, value_name = "N", group = "source")]
    pub(crate) generate: Option<u64>,

    /// The length of a window, in whole seconds of the log's time
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60",
          allow_negative_numbers = true)]
    pub(crate) window: Duration,

    /// How many windows to print, the busiest first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) rows: usize,

    /// Send so many records to a slow consumer under each policy, and show what became of them
    #[arg(long, value_name = "N")]
    pub(crate) slow: Option<u64>,

    /// The capacity of the streams for `--slow`
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) capacity: u32,
}

impl Args {
    /// Parses the command line, and ends the program if it is wrong.
    pub(crate) fn read() -> Self {
        Self::parse()
    }
}
