//! State of a handle that only one thread at a time reaches.

use std::cell::Cell;

/// A `Cell` that may be in a `Sync` handle, because the handle's methods that reach it take `&mut self`.
pub(super) struct Own<T>(Cell<T>);

// SAFETY: `get` and `set` are unsafe, and their contract is that no two calls run at the same time.
unsafe impl<T: Send> Sync for Own<T> {}

impl<T: Copy> Own<T> {
    pub(super) fn new(value: T) -> Self {
        Own(Cell::new(value))
    }

    /// # Safety
    ///
    /// No other call on this cell runs at the same time.
    #[inline(always)]
    pub(super) unsafe fn get(&self) -> T {
        self.0.get()
    }

    /// # Safety
    ///
    /// No other call on this cell runs at the same time.
    #[inline(always)]
    pub(super) unsafe fn set(&self, value: T) {
        self.0.set(value);
    }
}
