//! What is done with one file: read, count, checksum.

use crate::checksum::{Algorithm, Checksum};
use nimsync::fs::File;
use nimsync::io::AsyncReadExt;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// How much of a file is read at once: as much as goes to the blocking pool and back
/// in one go.
const PART: usize = 128 * 1024;

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

/// Processes a file.
pub(crate) async fn process(path: PathBuf, algorithm: Algorithm) -> io::Result<Row> {
    let mut file = File::open(&path).await?;
    let mut counts = Counts::default();
    let mut checksum = Checksum::new(algorithm);
    let mut bytes = vec![0; PART];
    loop {
        let length = file.read(&mut bytes).await?;
        if length == 0 {
            break;
        }
        counts.add(&bytes[..length]);
        checksum.update(&bytes[..length]);
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
