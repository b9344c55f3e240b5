//! A disk on which writes are short, space runs out and reads fail, as asked.

use nimsync::stream::SpillFile;
use std::io;
use std::sync::{Arc, Mutex};

/// A disk whose trouble the test decides on.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// Bytes that are written at once, at most; all if 0.
    short: usize,
    full: bool,
    unreadable: bool,
    interrupt: bool,
}

impl Disk {
    /// Writes and reads only so many bytes at once.
    pub(crate) fn short(bytes: usize) -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().short = bytes;
        disk
    }

    pub(crate) fn set_full(&self, full: bool) {
        self.0.lock().unwrap().full = full;
    }

    pub(crate) fn set_unreadable(&self) {
        self.0.lock().unwrap().unreadable = true;
    }

    /// Returns how long the file is.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().bytes.len()
    }
}

impl SpillFile for Disk {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut state = self.0.lock().unwrap();
        state.interrupt = !state.interrupt;
        if state.interrupt {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if state.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let count = match state.short {
            0 => bytes.len(),
            short => short.min(bytes.len()),
        };
        let (start, end) = (offset as usize, offset as usize + count);
        if state.bytes.len() < end {
            state.bytes.resize(end, 0);
        }
        state.bytes[start..end].copy_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.0.lock().unwrap();
        if state.unreadable {
            return Err(io::Error::other("a bad sector"));
        }
        let stored = &state.bytes[offset as usize..];
        let count = match state.short {
            0 => stored.len().min(bytes.len()),
            short => short.min(stored.len()).min(bytes.len()),
        };
        bytes[..count].copy_from_slice(&stored[..count]);
        Ok(count)
    }
}
