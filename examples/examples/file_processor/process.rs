//! What is done with one file: read, count, checksum.

use crate::checksum::{Algorithm, Checksum};
use serde::Serialize;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How much of a file is read at once: most files in one go, and of a large one so
/// little that cancellation does not have to wait for it.
const CHUNK: usize = 256 * 1024;

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    pub(crate) path: String,
    /// In small letters; empty if there is none.
    pub(crate) extension: String,
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
    pub(crate) words: u64,
    pub(crate) checksum: String,
}

/// Processes a file: reads on the blocking pool, computes here.
pub(crate) async fn process(path: PathBuf, algorithm: Algorithm) -> Result<Row, String> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let to_open = path.clone();
    let opening = nimsync::unblock(move || Part::first(&to_open));
    let mut part = opening.await.map_err(failed)?;
    let mut counts = Counts::default();
    let mut checksum = Checksum::new(algorithm);
    while !part.bytes.is_empty() {
        counts.add(&part.bytes);
        checksum.update(&part.bytes);
        if part.bytes.len() < CHUNK {
            break;
        }
        part = nimsync::unblock(move || part.next())
            .await
            .map_err(failed)?;
    }
    Ok(Row {
        path: path.to_string_lossy().into_owned(),
        extension: extension(&path),
        bytes: counts.bytes,
        lines: counts.lines,
        words: counts.words,
        checksum: checksum.finish(),
    })
}

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

/// A part of a file.
struct Part {
    file: File,
    bytes: Vec<u8>,
}

impl Part {
    fn first(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = Vec::new();
        Self { file, bytes }.next()
    }

    fn next(mut self) -> io::Result<Self> {
        self.bytes.clear();
        let mut part = self.file.by_ref().take(CHUNK as u64);
        part.read_to_end(&mut self.bytes)?;
        Ok(self)
    }
}

/// Bytes, lines and words as `wc` counts them in the C locale.
#[derive(Default)]
struct Counts {
    bytes: u64,
    lines: u64,
    words: u64,
    inside_word: bool,
}

impl Counts {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for &byte in bytes {
            let is_space = byte == b' ' || (b'\t'..=b'\r').contains(&byte);
            self.lines += u64::from(byte == b'\n');
            self.words += u64::from(!is_space && !self.inside_word);
            self.inside_word = !is_space;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_go_on_in_the_next_part() {
        let mut counts = Counts::default();
        for part in ["one t", "wo\nthr", "ee", " \n"] {
            counts.add(part.as_bytes());
        }
        assert_eq!((counts.bytes, counts.lines, counts.words), (15, 2, 3));
    }

    #[test]
    fn extensions_are_in_small_letters() {
        assert_eq!(extension(Path::new("a/b.TAR.Gz")), "gz");
        assert_eq!(extension(Path::new("a.b/Makefile")), "");
        assert_eq!(extension(Path::new(".hidden")), "");
    }
}
