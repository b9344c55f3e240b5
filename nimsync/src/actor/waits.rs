//! For whom actors wait inside their handlers, and circles of that.

use super::addr::Link;
use super::id::ActorId;
use super::message::Priority;
use super::name::Name;
use super::reply::Watch;
use crate::cancel::{Waiter, current_waiter};
use crate::prim::thread_local;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::{Arc, Weak};

thread_local! {
    /// The address of the actor whose host this thread polls; null outside of one.
    static CURRENT: Cell<*const Arc<dyn Link>> = const { Cell::new(ptr::null()) };
}

/// Makes an actor the current one until it is dropped.
pub(super) struct Hosting<'a> {
    before: *const Arc<dyn Link>,
    _link: PhantomData<&'a Arc<dyn Link>>,
}

impl<'a> Hosting<'a> {
    pub(super) fn enter(link: &'a Arc<dyn Link>) -> Self {
        Self {
            before: CURRENT.replace(link),
            _link: PhantomData,
        }
    }
}

impl Drop for Hosting<'_> {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// An actor, as the scopes of its handlers name it.
struct Handling(Weak<dyn Link>);

/// Who waits for what a handler has begun: the actor whose host this thread polls.
pub(super) fn waiter() -> Option<Waiter> {
    let link = hosted()?;
    Some(Arc::new(Handling(Arc::downgrade(&link))))
}

/// Returns the actor whose host this thread polls.
fn hosted() -> Option<Arc<dyn Link>> {
    let current = CURRENT.get();
    // SAFETY: `Hosting` borrows the address while it is current.
    unsafe { current.as_ref() }.cloned()
}

/// Returns the actor that cannot go on before the calling code has: the one whose
/// host this thread polls, or the one whose handler has opened the group that
/// the calling task is in, however deep.
///
/// That is read from the scopes, not from task locals: a handler that spawns into
/// a group which it has not opened does not wait for that child.
fn current() -> Option<Arc<dyn Link>> {
    if is_hosting() {
        return hosted();
    }
    let waiter = current_waiter()?;
    waiter.downcast_ref::<Handling>()?.0.upgrade()
}

/// Whether this thread polls the host of an actor.
#[inline]
pub(super) fn is_hosting() -> bool {
    !CURRENT.get().is_null()
}

/// Whether an actor waits for the calling code.
#[inline]
pub(super) fn inside_actor() -> bool {
    is_hosting() || current_waiter().is_some()
}

/// What an actor waits for.
pub(super) enum Wanted {
    Reply(Watch),
    Room(Priority),
}

/// For whom an actor waits.
pub(super) struct Note {
    key: u64,
    target: Arc<dyn Link>,
    wanted: Wanted,
}

impl Note {
    /// Whether what is waited for has not happened. Who was served and has not
    /// been polled since still has its note.
    ///
    /// # Safety
    ///
    /// The note is in its list, whose lock is held.
    unsafe fn is_open(&self) -> bool {
        match &self.wanted {
            // SAFETY: the note is taken out of the list, under the lock, before the
            // question goes: by the contract of `begin`.
            Wanted::Reply(watch) => unsafe { watch.is_open() },
            Wanted::Room(lane) => self.target.is_full(*lane),
        }
    }
}

/// A note, for as long as the wait goes on.
pub(super) struct Waiting {
    waiter: Arc<dyn Link>,
    key: u64,
}

impl Waiting {
    /// Notes that the current actor, if there is one, is about to wait for
    /// `target`; fails if that would close a circle.
    ///
    /// # Safety
    ///
    /// What this returns is dropped before the question that `wanted` watches, if it
    /// watches one.
    pub(super) unsafe fn begin(
        target: &Arc<dyn Link>,
        wanted: Wanted,
    ) -> Result<Option<Self>, WaitPath> {
        let Some(waiter) = current() else {
            return Ok(None);
        };
        let key = {
            let mut notes = waiter.control().notes.lock();
            let notes = notes.get_or_insert_default();
            let key = notes.last().map_or(0, |note| note.key + 1);
            notes.push(Note {
                key,
                target: target.clone(),
                wanted,
            });
            key
        };
        let this = Self { waiter, key };
        match path(target, this.waiter.control().id, &mut Vec::new()) {
            None => Ok(Some(this)),
            Some(mut path) => {
                let waiter = this.waiter.control();
                path.push((waiter.id, waiter.name.clone()));
                path.reverse();
                Err(WaitPath(path.into()))
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut notes = self.waiter.control().notes.lock();
        let note = notes.as_mut().and_then(|notes| {
            let at = notes.iter().position(|note| note.key == self.key)?;
            Some(notes.remove(at))
        });
        drop(notes);
        drop(note);
    }
}

/// Follows the notes from `from`; if they lead to `to`, returns the way, from
/// the end.
fn path(
    from: &Arc<dyn Link>,
    to: ActorId,
    seen: &mut Vec<ActorId>,
) -> Option<Vec<(ActorId, Name)>> {
    let control = from.control();
    if control.id == to {
        return Some(vec![(control.id, control.name.clone())]);
    }
    if seen.contains(&control.id) {
        return None;
    }
    seen.push(control.id);
    let targets: Vec<_> = {
        let notes = control.notes.lock();
        // SAFETY: the lock is held.
        let open = notes
            .iter()
            .flat_map(|notes| notes.iter())
            .filter(|note| unsafe { note.is_open() });
        open.map(|note| note.target.clone()).collect()
    };
    for target in &targets {
        if let Some(mut way) = path(target, to, seen) {
            way.push((control.id, control.name.clone()));
            return Some(way);
        }
    }
    None
}

/// A circle of actors that wait for each other, from the one that would have
/// closed it and back to it.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitPath(Arc<[(ActorId, Name)]>);

impl WaitPath {
    /// Returns the actors, the first and last of which are the same.
    pub fn actors(&self) -> impl Iterator<Item = (ActorId, &str)> {
        self.0.iter().map(|(id, name)| (*id, &**name))
    }
}

impl fmt::Display for WaitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (id, name)) in self.0.iter().enumerate() {
            if at != 0 {
                f.write_str(" -> ")?;
            }
            write!(f, "{name}{id}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for WaitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WaitPath({self})")
    }
}
