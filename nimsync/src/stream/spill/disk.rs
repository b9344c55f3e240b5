//! The ring of encoded items on a file; the module documentation has its picture.

use super::{Backing, CHUNK, Refused, Spill, SpillFile};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::io;
use std::marker::PhantomData;
use std::path::PathBuf;

/// Bytes of the length in front of an item.
const LENGTH: usize = size_of::<u32>();

impl<T: Serialize + DeserializeOwned + Send + 'static> Spill<T> {
    /// Spills up to `limit` bytes to a temporary file in the folder `dir`.
    ///
    /// The file is made when the first item is spilled. It has no name, so nothing
    /// is left of it afterwards, also after a panic or a kill.
    ///
    /// When the limit is reached `send` waits. An item that cannot be written comes back
    /// in [`SendError::Spill`](crate::stream::SendError::Spill).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use nimsync::stream::{Sent, Spill};
    ///
    /// # nimsync::block_on(async {
    /// let spill = Spill::disk(std::env::temp_dir(), 1 << 20);
    /// let (tx, mut rx) = stream::with(Backpressure::Spill(spill)).capacity(2).build();
    /// for number in 0..1_000_u32 {
    ///     let sent = tx.send(number).await?;
    ///     assert_eq!(sent, if number < 2 { Sent::Queued } else { Sent::Spilled });
    /// }
    /// drop(tx);
    /// for number in 0..1_000 {
    ///     assert_eq!(rx.next().await, Some(number));
    /// }
    /// # Ok::<(), stream::SendError<u32>>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn disk(dir: impl Into<PathBuf>, limit: u64) -> Self {
        let dir = dir.into();
        Self::File(Box::new(Ring::new(
            move || tempfile::tempfile_in(&dir).map(|file| Box::new(file) as Box<dyn SpillFile>),
            limit,
        )))
    }

    /// Spills up to `limit` bytes to a file of your own.
    ///
    /// Its first `limit` bytes are overwritten; it is dropped with the receiver.
    #[must_use]
    pub fn file(file: impl SpillFile + 'static, limit: u64) -> Self {
        let mut file = Some(Box::new(file) as Box<dyn SpillFile>);
        let open = move || file.take().ok_or_else(|| io::ErrorKind::NotFound.into());
        Self::File(Box::new(Ring::new(open, limit)))
    }
}

type Open = Box<dyn FnMut() -> io::Result<Box<dyn SpillFile>> + Send>;

/// A ring of encoded items.
struct Ring<T> {
    open: Open,
    file: Option<Box<dyn SpillFile>>,
    limit: u64,
    /// What comes before was handed out.
    head: u64,
    /// What comes before is in the file, or was never needed there.
    flushed: u64,
    /// The bytes from `flushed` on.
    to_write: Vec<u8>,
    /// The bytes from `head` on, behind the first `used` ones.
    ahead: Vec<u8>,
    used: usize,
    _item: PhantomData<fn(T) -> T>,
}

impl<T> Ring<T> {
    fn new(
        open: impl FnMut() -> io::Result<Box<dyn SpillFile>> + Send + 'static,
        limit: u64,
    ) -> Self {
        Self {
            open: Box::new(open),
            file: None,
            limit,
            head: 0,
            flushed: 0,
            to_write: Vec::new(),
            ahead: Vec::new(),
            used: 0,
            _item: PhantomData,
        }
    }

    fn tail(&self) -> u64 {
        self.flushed + self.to_write.len() as u64
    }

    /// Writes what is to be written, but for the last `keep` bytes.
    fn flush(&mut self, keep: usize) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some((self.open)()?);
        }
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let end = self.to_write.len() - keep;
        let mut written = 0;
        let mut result = Ok(());
        while written < end {
            let (offset, room) = place(self.flushed, self.limit);
            let piece = &self.to_write[written..end];
            let piece = &piece[..piece.len().min(room)];
            match file.write_at(piece, offset) {
                Ok(0) => result = Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    written += count;
                    self.flushed += count as u64;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => result = Err(error),
            }
            break;
        }
        self.to_write.drain(..written);
        result
    }

    /// Sees to it that `count` bytes from `head` on are read ahead.
    fn fetch(&mut self, count: usize) -> io::Result<()> {
        if self.ahead.len() - self.used >= count {
            return Ok(());
        }
        self.ahead.drain(..self.used);
        self.used = 0;
        while self.ahead.len() < count {
            let fetched = self.head + self.ahead.len() as u64;
            if fetched == self.flushed {
                if self.to_write.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                // They take the short way.
                self.flushed += self.to_write.len() as u64;
                self.ahead.append(&mut self.to_write);
                continue;
            }
            let Some(file) = &mut self.file else {
                return Err(io::ErrorKind::NotFound.into());
            };
            let (offset, room) = place(fetched, self.limit);
            let stored = usize::try_from(self.flushed - fetched).unwrap_or(usize::MAX);
            let piece = stored.min(room).min(CHUNK.max(count));
            let before = self.ahead.len();
            self.ahead.resize(before + piece, 0);
            let read = file.read_at(&mut self.ahead[before..], offset);
            self.ahead.truncate(before + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn pop_one(&mut self) -> io::Result<T>
    where
        T: DeserializeOwned,
    {
        self.fetch(LENGTH)?;
        let mut length = [0; LENGTH];
        length.copy_from_slice(&self.ahead[self.used..self.used + LENGTH]);
        let record = LENGTH + u32::from_le_bytes(length) as usize;
        self.fetch(record)?;
        let bytes = &self.ahead[self.used + LENGTH..self.used + record];
        let item = postcard::from_bytes(bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.used += record;
        self.head += record as u64;
        Ok(item)
    }

    /// Appends a record to what is to be written; its length.
    fn encode(&mut self, item: &T) -> Result<usize, Refused>
    where
        T: Serialize,
    {
        let invalid = |error: postcard::Error| {
            Refused::Failed(io::Error::new(io::ErrorKind::InvalidInput, error))
        };
        let start = self.to_write.len();
        self.to_write.extend([0; LENGTH]);
        postcard::to_extend(item, Appended(&mut self.to_write)).map_err(invalid)?;
        let record = self.to_write.len() - start;
        let length = u32::try_from(record - LENGTH).unwrap_or(u32::MAX);
        if record as u64 > self.limit || length == u32::MAX {
            let what = format!("an item of {record} bytes is larger than the whole spill");
            return Err(Refused::Failed(io::Error::new(
                io::ErrorKind::InvalidInput,
                what,
            )));
        }
        self.to_write[start..start + LENGTH].copy_from_slice(&length.to_le_bytes());
        if self.tail() - self.head > self.limit {
            return Err(Refused::Full);
        }
        Ok(record)
    }
}

/// Cuts off what was appended if that was not all of it: also when the encoder panics.
struct CutOff<'a, T> {
    ring: &'a mut Ring<T>,
    length: usize,
}

impl<T> Drop for CutOff<'_, T> {
    fn drop(&mut self) {
        self.ring.to_write.truncate(self.length);
    }
}

impl<T: Serialize + DeserializeOwned> Backing<T> for Ring<T> {
    fn push(&mut self, item: &T) -> Result<usize, Refused> {
        let length = self.to_write.len();
        let mut attempt = CutOff { ring: self, length };
        let record = attempt.ring.encode(item)?;
        if length > 0 && length + record > CHUNK {
            // The new record stays in memory: it is the one that is refused.
            let before = attempt.ring.flushed;
            let flushed = attempt.ring.flush(record);
            attempt.length -= (attempt.ring.flushed - before) as usize;
            flushed.map_err(Refused::Failed)?;
        }
        attempt.length = attempt.ring.to_write.len();
        Ok(record)
    }

    fn pop(&mut self, items: &mut VecDeque<T>, limit: usize) -> (usize, io::Result<()>) {
        let mut count = 0;
        while count < limit && self.head < self.tail() {
            match self.pop_one() {
                Ok(item) => items.push_back(item),
                Err(error) => return (count, Err(error)),
            }
            count += 1;
        }
        if self.head == self.tail() {
            // From the start again: those pages are in memory.
            (self.head, self.flushed, self.used) = (0, 0, 0);
            self.ahead.clear();
        }
        (count, Ok(()))
    }
}

/// Returns where a position is in the file, and how many bytes there are up to its end.
fn place(position: u64, limit: u64) -> (u64, usize) {
    let offset = position % limit;
    (
        offset,
        usize::try_from(limit - offset).unwrap_or(usize::MAX),
    )
}

/// A vector that postcard appends to and does not consume.
struct Appended<'a>(&'a mut Vec<u8>);

impl Extend<u8> for Appended<'_> {
    #[inline]
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0.extend(bytes);
    }
}
