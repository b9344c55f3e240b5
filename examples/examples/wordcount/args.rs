//! The command line.

use clap::Parser;
use nimsync_examples::seconds;
use std::path::PathBuf;
use std::time::Duration;

/// Counts lines, words and the most frequent words of the text files below folders.
///
/// A word is what stands between ASCII whitespace, as for `wc -w`. For the list
/// of frequent words, punctuation around a word is cut off and ASCII letters are
/// made small; words of more than 64 bytes are not in it.
///
/// Hidden files and what `.gitignore` names are left out. Files with a zero byte
/// in their first 256 KiB are binary: they are skipped and counted as such.
#[derive(Parser)]
#[command(
    name = "wordcount",
    after_help = "Exit codes: 0 all files were counted, 1 some could not be read, 2 wrong \
                  arguments, 124 the time limit was reached, 130 interrupted by ctrl-c.\n\
                  In the last two cases the counts are those of what was read by then."
)]
pub(crate) struct Args {
    /// Files and folders [default: the git repository around the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Stop after this time, and print what was counted by then
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,

    /// How many of the most frequent words to print
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,

    /// Count hidden and ignored files, too
    #[arg(long)]
    pub(crate) all: bool,
}

impl Args {
    /// Parses the command line, and ends the program if it is wrong.
    pub(crate) fn read() -> Self {
        let mut args = Self::parse();
        if args.paths.is_empty() {
            args.paths.push(repository());
        }
        args
    }
}

/// Returns the nearest folder upwards that is a git repository, else `.`.
fn repository() -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    let mut folders = current.ancestors();
    match folders.find(|folder| folder.join(".git").exists()) {
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    }
}
