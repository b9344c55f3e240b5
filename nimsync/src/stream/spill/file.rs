//! What a spill writes to.

use std::io;

/// A file that a stream spills to, or something like one.
///
/// `Spill::disk` makes a temporary file; implement this for another
/// place, for encryption, or to see in a test what happens when the disk is full.
///
/// # Examples
///
/// ```
/// use nimsync::stream::SpillFile;
/// use std::io;
///
/// /// A disk with room for so many bytes.
/// struct Small(Vec<u8>);
///
/// impl SpillFile for Small {
///     fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
///         let room = self.0.get_mut(offset as usize..).unwrap_or_default();
///         let count = room.len().min(bytes.len());
///         if count == 0 {
///             return Err(io::ErrorKind::StorageFull.into());
///         }
///         room[..count].copy_from_slice(&bytes[..count]);
///         Ok(count)
///     }
///
///     fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
///         let stored = &self.0[offset as usize..];
///         let count = stored.len().min(bytes.len());
///         bytes[..count].copy_from_slice(&stored[..count]);
///         Ok(count)
///     }
/// }
/// # let mut small = Small(vec![0; 4]);
/// # assert_eq!(small.write_at(b"abc", 2).unwrap(), 2);
/// # let mut back = [0; 2];
/// # assert_eq!(small.read_at(&mut back, 2).unwrap(), 2);
/// # assert_eq!(&back, b"ab");
/// # assert!(small.write_at(b"c", 4).is_err());
/// ```
pub trait SpillFile: Send {
    /// Writes some of `bytes` at `offset`; how many.
    ///
    /// # Errors
    ///
    /// What hinders it. The caller tries again later with the same bytes.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Reads some bytes that were written before at `offset`; how many.
    ///
    /// # Errors
    ///
    /// What hinders it; the stream ends then.
    fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
}

#[cfg(unix)]
impl SpillFile for std::fs::File {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, bytes, offset)
    }
}

#[cfg(not(unix))]
impl SpillFile for std::fs::File {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        use std::io::{Seek, SeekFrom, Write};
        self.seek(SeekFrom::Start(offset))?;
        self.write(bytes)
    }

    fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        use std::io::{Read, Seek, SeekFrom};
        self.seek(SeekFrom::Start(offset))?;
        self.read(bytes)
    }
}
