//! Where lines come from.

use crate::Line;
use crate::args::Args;
use crate::record::log_time;
use nimsync::prelude::*;
use nimsync::stream::Stream;
use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

/// Lines that one call on the blocking pool reads.
const CHUNK: usize = 4096;

/// Why a log could not be read.
#[derive(Debug)]
pub(crate) struct Failed {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// Yields the lines of the log, read or made up.
pub(crate) fn lines(
    args: &Args,
) -> impl Stream<Item = Result<Line, Failed>> + Send + Unpin + use<> {
    let file = args.file.clone();
    let count = args.generate.unwrap_or(0);
    try_stream! {
        match file {
            None => {
                for number in 0..count {
                    yield made_up(number).into();
                }
            }
            Some(path) => {
                let failed = |error| Failed { path: path.clone(), error };
                let opened = path.clone();
                let file = nimsync::unblock(move || File::open(opened)).await.map_err(failed)?;
                let mut reader = BufReader::with_capacity(256 * 1024, file);
                loop {
                    let (back, lines) = nimsync::unblock(move || read_some(reader)).await;
                    reader = back;
                    let lines = lines.map_err(failed)?;
                    if lines.is_empty() {
                        return;
                    }
                    for line in lines {
                        yield line;
                    }
                }
            }
        }
    }
}

/// Reads some lines. What is no text in them is shown as such, and not an error.
fn read_some(mut reader: BufReader<File>) -> (BufReader<File>, io::Result<Vec<Line>>) {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    while lines.len() < CHUNK {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => lines.push(String::from_utf8_lossy(line.trim_ascii_end()).into()),
            Err(error) => return (reader, Err(error)),
        }
    }
    (reader, Ok(lines))
}

/// Makes a line up: always the same for the same number, busier around noon.
pub(crate) fn made_up(number: u64) -> String {
    let mixed = (number + 1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .rotate_left(23);
    let (thousand, rest) = (number / 1_000, number % 1_000);
    // So many seconds for a thousand requests, over and over again in forty steps.
    let pace = |step: u64| 6 + (step / 4).abs_diff(5) * 2;
    let cycle: u64 = (0..40).map(pace).sum();
    let before: u64 = (0..thousand % 40).map(pace).sum();
    let second =
        1_760_054_400 + thousand / 40 * cycle + before + rest * pace(thousand % 40) / 1_000;
    let status = match mixed % 100 {
        0..=1 => 500,
        2..=8 => 404,
        9..=14 => 304,
        _ => 200,
    };
    format!(
        "192.0.2.{} - - [{}] \"GET /articles/{} HTTP/1.1\" {status} {}",
        mixed % 254 + 1,
        log_time(second),
        mixed >> 8 & 0xFFF,
        mixed >> 20 & 0xFFFF,
    )
}
