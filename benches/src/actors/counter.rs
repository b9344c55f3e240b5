//! The actor of most small cases.

use super::{Behavior, Library};

/// Sums up what it is told.
#[derive(Debug, Default)]
pub struct Counter {
    sum: u64,
}

/// What a [`Counter`] is sent; it answers with the sum.
#[derive(Debug)]
pub enum ToCounter {
    /// Adds a number.
    Add(u64),
    /// Adds nothing.
    Get,
}

impl<L: Library> Behavior<L> for Counter {
    type Message = ToCounter;
    type Reply = u64;

    async fn handle(&mut self, message: ToCounter) -> u64 {
        match message {
            ToCounter::Add(by) => self.sum += by,
            ToCounter::Get => {}
        }
        self.sum
    }
}
