//! The command line.

use crate::checksum::Algorithm;
use crate::output::Format;
use crate::walk::Found;
use clap::{Parser, ValueEnum};
use nimsync::prelude::*;
use nimsync::stream::Spill;
use std::path::PathBuf;
use std::thread::available_parallelism;

/// Checksums and counts the files below folders, and writes a row for each.
///
/// Folders are walked ahead of the files being read. What happens when the walk is so far
/// ahead that `--capacity` files wait is the policy's choice.
#[derive(Parser)]
#[command(
    name = "file_processor",
    after_help = "Exit codes: 0 every file was processed, 1 some could not be read or were dropped \
                  by the policy, or the output could not be written, 2 wrong arguments, \
                  130 interrupted by ctrl-c (the output is left as it was)."
)]
pub(crate) struct Args {
    /// Folders and files
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,

    /// Where to write the rows; it appears, or is replaced, when all of them are there
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub(crate) format: Format,

    /// Which checksum a row has
    #[arg(long, value_enum, default_value_t = Algorithm::Crc32)]
    pub(crate) checksum: Algorithm,

    /// How many files are processed at a time [default: the number of cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,

    /// What to do with a file that is found while as many as possible wait
    #[arg(long, value_enum, default_value_t = Policy::Block)]
    policy: Policy,

    /// How many files may wait
    #[arg(long, value_name = "N", default_value = "64", value_parser = clap::value_parser!(u32).range(1..))]
    capacity: u32,

    /// Process hidden and ignored files, too
    #[arg(long)]
    pub(crate) all: bool,
}

/// The policies, as the command line names them.
#[derive(Clone, Copy, ValueEnum)]
enum Policy {
    /// The walk waits
    Block,
    /// It is left out
    DropNewest,
    /// The one that has waited longest is left out
    DropOldest,
    /// The run fails
    Fail,
    /// It goes to memory
    SpillMemory,
    /// It goes to a temporary file
    SpillDisk,
}

/// The most that may go to memory, in files, or to the disk, in bytes.
const SPILL: usize = 1 << 30;

impl Args {
    pub(crate) fn jobs(&self) -> usize {
        match self.jobs {
            Some(jobs) => jobs as usize,
            None => available_parallelism().map_or(2, usize::from),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity as usize
    }

    pub(crate) fn policy(&self) -> Backpressure<Found> {
        match self.policy {
            Policy::Block => Backpressure::Block,
            Policy::DropNewest => Backpressure::DropNewest,
            Policy::DropOldest => Backpressure::DropOldest,
            Policy::Fail => Backpressure::Fail,
            Policy::SpillMemory => Backpressure::Spill(Spill::memory(SPILL)),
            Policy::SpillDisk => {
                Backpressure::Spill(Spill::disk(std::env::temp_dir(), SPILL as u64))
            }
        }
    }
}
