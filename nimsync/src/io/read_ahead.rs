//! Bytes that were read before they were asked for.

/// What the first piece of a reader is long at most, unless more is asked for.
const FIRST: usize = 16 * 1024;

/// A piece that was read, and how much of it has been handed over.
#[derive(Default)]
pub(super) struct ReadAhead {
    bytes: Vec<u8>,
    begin: usize,
    end: usize,
    /// Whether the last read found the end.
    pub(super) at_end: bool,
}

impl ReadAhead {
    pub(super) fn len(&self) -> usize {
        self.end - self.begin
    }

    /// Hands over what fits.
    pub(super) fn take(&mut self, into: &mut [u8]) -> usize {
        let count = into.len().min(self.len());
        into[..count].copy_from_slice(&self.bytes[self.begin..self.begin + count]);
        self.begin += count;
        count
    }

    pub(super) fn clear(&mut self) {
        (self.begin, self.end) = (0, 0);
        self.at_end = false;
    }

    /// Gives the room for the next piece away, empty. Readers that take all there
    /// is, again and again, get larger pieces.
    pub(super) fn take_room(&mut self, wanted: usize, most: usize) -> Vec<u8> {
        let was_full = self.end != 0 && self.end == self.bytes.len();
        let size = match self.bytes.len() {
            0 => wanted.max(FIRST),
            size if was_full => wanted.max(size * 2),
            size => wanted.max(size),
        };
        let mut room = std::mem::take(&mut self.bytes);
        self.clear();
        // In place if it is large enough; new pages come zeroed and untouched.
        if room.len() < size.min(most) {
            room = vec![0; size.min(most)];
        }
        room
    }

    /// Takes the room back, with `read` bytes in it.
    pub(super) fn put_back(&mut self, room: Vec<u8>, read: usize) {
        self.bytes = room;
        (self.begin, self.end) = (0, read);
    }
}
