//! Counting what is in the files.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// How much of a file is read at once: most files in one go, and of a large one
/// so little that cancellation does not have to wait for it.
const CHUNK: usize = 256 * 1024;

/// Longer words count as words, but not among the most frequent ones: what is
/// longer is data, and would fill the memory.
const LONGEST: usize = 64;

/// What has been counted.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) files: u64,
    pub(crate) binary: u64,
    pub(crate) lines: u64,
    pub(crate) words: u64,
    pub(crate) frequency: HashMap<Box<[u8]>, u64>,
}

/// The tallies of the tasks that count, one for each that counts at a time.
#[derive(Default)]
pub(crate) struct Tallies(Mutex<Vec<Tally>>);

impl Tallies {
    /// Lends a tally that nobody else uses meanwhile.
    ///
    /// Not across an `.await`, so that a task which is cancelled there does not
    /// take what it has counted with it.
    fn with(&self, count: impl FnOnce(&mut Tally)) {
        let lent = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut tally = lent.unwrap_or_default();
        count(&mut tally);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(tally);
    }

    /// Adds the tallies up.
    pub(crate) fn sum(&self) -> Tally {
        let mut tallies =
            std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        // The largest is what the others are added to.
        tallies.sort_unstable_by_key(|tally| tally.frequency.len());
        let mut sum = tallies.pop().unwrap_or_default();
        for tally in tallies {
            sum.files += tally.files;
            sum.binary += tally.binary;
            sum.lines += tally.lines;
            sum.words += tally.words;
            for (word, times) in tally.frequency {
                *sum.frequency.entry(word).or_default() += times;
            }
        }
        sum
    }
}

/// Counts a file: reads on the blocking pool, counts here.
pub(crate) async fn count_file(path: PathBuf, tallies: &Tallies) -> io::Result<()> {
    let mut chunk = nimsync::unblock(move || Chunk::first(path)).await?;
    if chunk.bytes.contains(&0) {
        tallies.with(|tally| tally.binary += 1);
        return Ok(());
    }
    let mut word = Word::default();
    while !chunk.bytes.is_empty() {
        tallies.with(|tally| word.go_on(&chunk.bytes, tally));
        if chunk.is_last() {
            break;
        }
        chunk = nimsync::unblock(move || chunk.next()).await?;
    }
    tallies.with(|tally| {
        word.end(tally);
        tally.files += 1;
    });
    Ok(())
}

/// A part of a file.
struct Chunk {
    file: File,
    bytes: Vec<u8>,
}

impl Chunk {
    fn first(path: PathBuf) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = Vec::new();
        Self { file, bytes }.next()
    }

    fn next(mut self) -> io::Result<Self> {
        self.bytes.clear();
        self.file
            .by_ref()
            .take(CHUNK as u64)
            .read_to_end(&mut self.bytes)?;
        Ok(self)
    }

    fn is_last(&self) -> bool {
        self.bytes.len() < CHUNK
    }
}

/// The word that is being read; it may go on in the next chunk.
struct Word {
    /// Its beginning, in small letters.
    letters: [u8; LONGEST],
    length: usize,
}

impl Default for Word {
    fn default() -> Self {
        Self {
            letters: [0; LONGEST],
            length: 0,
        }
    }
}

impl Word {
    fn go_on(&mut self, bytes: &[u8], tally: &mut Tally) {
        for &byte in bytes {
            if is_space(byte) {
                tally.lines += u64::from(byte == b'\n');
                self.end(tally);
            } else {
                if let Some(place) = self.letters.get_mut(self.length) {
                    *place = byte.to_ascii_lowercase();
                }
                self.length += 1;
            }
        }
    }

    fn end(&mut self, tally: &mut Tally) {
        let length = std::mem::take(&mut self.length);
        if length == 0 {
            return;
        }
        tally.words += 1;
        let Some(word) = self.letters.get(..length) else {
            return;
        };
        let word = without_punctuation(word);
        if word.is_empty() {
            return;
        }
        match tally.frequency.get_mut(word) {
            Some(times) => *times += 1,
            None => drop(tally.frequency.insert(word.into(), 1)),
        }
    }
}

/// The whitespace of the C locale: [`u8::is_ascii_whitespace`] lacks one, the
/// vertical tab.
///
/// Bytes, not characters, so that the result depends neither on the locale nor
/// on the encoding. It is `wc -w` for ASCII text, and for UTF-8 unless there is
/// whitespace outside of ASCII between words, or a word of nothing that prints
/// (some versions of `wc` ignore those).
fn is_space(byte: u8) -> bool {
    byte == b' ' || (b'\t'..=b'\r').contains(&byte)
}

fn without_punctuation(mut word: &[u8]) -> &[u8] {
    while let [
        b'!'..=b'/' | b':'..=b'@' | b'['..=b'`' | b'{'..=b'~',
        rest @ ..,
    ] = word
    {
        word = rest;
    }
    while let [
        rest @ ..,
        b'!'..=b'/' | b':'..=b'@' | b'['..=b'`' | b'{'..=b'~',
    ] = word
    {
        word = rest;
    }
    word
}
