//! What a task waits for, in words.

use crate::prim::atomic::{AtomicPtr, AtomicU64, Ordering};
use crate::prim::thread_local;
use std::cell::Cell;

/// What a task waited for when it was last seen pending.
///
/// Written by the leaf future that returns `Pending`, read by reports on other
/// threads. The two words are written one after the other: a report that reads
/// in between shows a stale number beside a fresh text, never garbage.
pub(crate) struct Label {
    /// A `&'static &'static str`, or null for "nothing known".
    text: AtomicPtr<&'static str>,
    /// A deadline in nanoseconds of the runtime's clock, or 0 for none.
    until: AtomicU64,
}

impl Label {
    pub(crate) fn new() -> Self {
        Self {
            text: AtomicPtr::new(std::ptr::null_mut()),
            until: AtomicU64::new(0),
        }
    }

    fn set(&self, text: &'static &'static str, until: u64) {
        // Relaxed, both: the text is a constant of the program and the number
        // is only shown, so nothing is published through them.
        self.until.store(until, Ordering::Relaxed);
        self.text
            .store(std::ptr::from_ref(text).cast_mut(), Ordering::Relaxed);
    }

    fn clear(&self) {
        // Relaxed: as in `set`.
        self.text.store(std::ptr::null_mut(), Ordering::Relaxed);
    }

    /// Returns the text and the deadline, if the task waits for something known.
    pub(crate) fn get(&self) -> Option<(&'static str, Option<u64>)> {
        // Relaxed: as in `set`.
        let text = self.text.load(Ordering::Relaxed);
        let until = self.until.load(Ordering::Relaxed);
        // SAFETY: the pointer is null or was made from a `&'static` in `set`.
        let text = unsafe { text.as_ref() }?;
        Some((*text, (until != 0).then_some(until)))
    }
}

thread_local! {
    /// The label of the task that this thread is polling.
    static CURRENT: Cell<*const Label> = const { Cell::new(std::ptr::null()) };
}

/// Makes `label` the one that [`note`] writes to until the guard is dropped.
///
/// The label must outlive the guard; the guard's lifetime says so.
///
/// What it said before is forgotten: a future that is not nimsync's may be what
/// the task waits for next.
#[inline]
pub(crate) fn enter_task(label: &Label) -> Entered<'_> {
    label.clear();
    Entered {
        previous: CURRENT.replace(label),
        _label: label,
    }
}

pub(crate) struct Entered<'a> {
    previous: *const Label,
    _label: &'a Label,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.previous);
    }
}

/// Says what the current task is about to wait for.
///
/// A nimsync future calls it right before it returns `Pending`.
#[inline]
pub(crate) fn note(text: &'static &'static str) {
    note_until(text, 0);
}

/// Says what the current task is about to wait for, and until when.
#[inline]
pub(crate) fn note_until(text: &'static &'static str, until: u64) {
    let label = CURRENT.get();
    // SAFETY: `enter_task` keeps the label borrowed while it is current.
    if let Some(label) = unsafe { label.as_ref() } {
        label.set(text, until);
    }
}

/// Tells whether this thread is inside a task of a nimsync runtime.
#[inline]
pub(crate) fn inside_task() -> bool {
    !CURRENT.get().is_null()
}
