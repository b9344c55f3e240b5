//! What a task waits for, in words.

use crate::prim::atomic::{AtomicPtr, AtomicU64, Ordering};
use crate::prim::thread_local;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What a task waited for when it was last seen pending.
///
/// Written by the leaf future that returns `Pending`, read by reports on other
/// threads. The two words are written one after the other: a report that reads
/// in between shows stale details beside a fresh text, never garbage.
pub(crate) struct Label {
    /// A `&'static &'static str`, or null for "nothing known".
    text: AtomicPtr<&'static str>,
    /// See [`Details`].
    details: AtomicU64,
}

/// What else is known of a wait, as a word:
///
/// | bits | meaning |
/// |---|---|
/// | 0 | whether the text is the name of a message that was asked |
/// | 1..=31 | the number of a name in the registry, or 0 |
/// | 32..=63 | when the wait is over at the latest, in units of 2^20 ns of the clock, or 0 |
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Details(u64);

const ASK: u64 = 1;
const ID_SHIFT: u32 = 1;
const IDS: u64 = 1 << 31;
const DUE_SHIFT: u32 = 32;
const UNIT_SHIFT: u32 = 20;
/// What lies farther ahead is not told: units are compared modulo 2^32.
const FARTHEST: u64 = 1 << (UNIT_SHIFT + 31);

impl Details {
    const NONE: Self = Self(0);

    fn named(id: u64) -> Self {
        // A number beyond the bits is as good as none.
        Self(if id < IDS { id << ID_SHIFT } else { 0 })
    }

    /// Whether the text is the name of a message that was asked.
    pub(crate) fn is_ask(self) -> bool {
        self.0 & ASK != 0
    }

    /// The number of the name of what is waited for.
    pub(crate) fn id(self) -> Option<u64> {
        let id = (self.0 >> ID_SHIFT) & (IDS - 1);
        (id != 0).then_some(id)
    }

    /// How long the wait can go on.
    pub(crate) fn due(self, now: u64) -> Option<Duration> {
        let due = (self.0 >> DUE_SHIFT) as u32;
        let left = due.wrapping_sub((now >> UNIT_SHIFT) as u32) as i32;
        (due != 0).then(|| Duration::from_nanos((left.max(0) as u64) << UNIT_SHIFT))
    }

    /// Adds a time at which the wait is over, unless it is over before.
    fn until(self, nanos: u64) -> Self {
        let units = (nanos >> UNIT_SHIFT) as u32;
        let known = (self.0 >> DUE_SHIFT) as u32;
        if known != 0 && (units.wrapping_sub(known) as i32) >= 0 {
            return self;
        }
        // 0 is for none.
        let units = u64::from(units.max(1)) << DUE_SHIFT;
        Self((self.0 & ((1 << DUE_SHIFT) - 1)) | units)
    }
}

impl Label {
    pub(crate) fn new() -> Self {
        Self {
            text: AtomicPtr::new(std::ptr::null_mut()),
            details: AtomicU64::new(0),
        }
    }

    fn set(&self, text: &'static &'static str, details: Details) {
        // Relaxed, both: the text is a constant of the program and the details
        // are only shown, so nothing is published through them.
        self.details.store(details.0, Ordering::Relaxed);
        self.text
            .store(std::ptr::from_ref(text).cast_mut(), Ordering::Relaxed);
    }

    fn clear(&self) {
        // Relaxed: as in `set`.
        self.text.store(std::ptr::null_mut(), Ordering::Relaxed);
    }

    /// Returns the text and the details, if the task waits for something known.
    pub(crate) fn get(&self) -> Option<(&'static str, Details)> {
        // Relaxed: as in `set`.
        let text = self.text.load(Ordering::Relaxed);
        let details = Details(self.details.load(Ordering::Relaxed));
        // SAFETY: the pointer is null or was made from a `&'static` in `set`.
        let text = unsafe { text.as_ref() }?;
        Some((*text, details))
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
    note_details(text, Details::NONE);
}

/// Says that the current task is about to wait for something that has a name;
/// `id` is its number in the registry, or 0.
#[inline]
pub(crate) fn note_named(text: &'static &'static str, id: u64) {
    note_details(text, Details::named(id));
}

/// Says what the current task is about to wait for, and until when.
#[inline]
pub(crate) fn note_until(text: &'static &'static str, nanos: u64) {
    note_details(text, until(Details::NONE, nanos));
}

/// Says that the current task waits for the reply to a message of an actor whose
/// name has the number `id` in the registry, or 0.
#[inline]
pub(crate) fn note_ask(message: &'static str, id: u64) {
    let details = Details(Details::named(id).0 | ASK);
    note_details(interned(message), details);
}

/// Says that the wait of the current task ends by itself at a time.
///
/// Who has a timer around another wait calls it after that was polled.
#[inline]
pub(crate) fn note_limit(nanos: u64) {
    let label = CURRENT.get();
    // SAFETY: `enter_task` keeps the label borrowed while it is current.
    if let Some(label) = unsafe { label.as_ref() } {
        // Relaxed, both: as in `Label::set`.
        let details = Details(label.details.load(Ordering::Relaxed));
        let details = until(details, nanos);
        label.details.store(details.0, Ordering::Relaxed);
    }
}

fn until(details: Details, nanos: u64) -> Details {
    if nanos > FARTHEST {
        return details;
    }
    details.until(nanos)
}

#[inline]
fn note_details(text: &'static &'static str, details: Details) {
    let label = CURRENT.get();
    // SAFETY: `enter_task` keeps the label borrowed while it is current.
    if let Some(label) = unsafe { label.as_ref() } {
        label.set(text, details);
    }
}

/// Returns a constant's name at a place that never goes.
///
/// There are as many of these as the program has messages. The last one is at
/// hand, as who asks often asks the same.
fn interned(text: &'static str) -> &'static &'static str {
    static ALL: Mutex<BTreeMap<&str, &'static &'static str>> = Mutex::new(BTreeMap::new());
    std::thread_local! {
        static LAST: Cell<&'static &'static str> = const { Cell::new(&"") };
    }
    let last = LAST.get();
    if std::ptr::eq(*last, text) {
        return last;
    }
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    let place = *all.entry(text).or_insert_with(|| Box::leak(Box::new(text)));
    drop(all);
    LAST.set(place);
    place
}

/// Tells whether this thread is inside a task of a nimsync runtime.
#[inline]
pub(crate) fn inside_task() -> bool {
    !CURRENT.get().is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_keep_a_name_and_the_earliest_end() {
        let unit = 1 << UNIT_SHIFT;
        let details = Details::named(77).until(500 * unit).until(900 * unit);
        assert_eq!(details.id(), Some(77));
        assert!(!details.is_ask());
        let due = details.due(100 * unit).unwrap();
        assert_eq!(due, Duration::from_nanos(400 * unit));
        assert_eq!(
            details.until(300 * unit).due(300 * unit),
            Some(Duration::ZERO)
        );
        assert_eq!(Details::named(IDS).id(), None);
        assert_eq!(until(Details::NONE, u64::MAX).due(0), None);
    }
}
