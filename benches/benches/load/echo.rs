//! Echo: a message of 64 bytes comes back as it is.

use crate::client::Protocol;

const MESSAGE: usize = 64;

/// The length of the servers' buffers: a read that leaves room has taken all there
/// is, and needs no second one to find that out.
pub(crate) const BUFFER: usize = 2 * MESSAGE;

/// The client's side of echo.
#[derive(Clone, Copy)]
pub(crate) struct Echo;

impl Protocol for Echo {
    /// No two messages are equal in the same place, so that a byte of another
    /// message is seen.
    fn request(self, number: u64, into: &mut Vec<u8>) {
        for part in 0..MESSAGE as u64 / 8 {
            into.extend_from_slice(&(number * 8 + part).to_le_bytes());
        }
    }

    fn is_answer(self, request: &[u8], received: &[u8]) -> bool {
        assert!(request.starts_with(received), "the echo differs");
        received.len() == request.len()
    }
}
