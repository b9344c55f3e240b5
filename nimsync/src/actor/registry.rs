//! Names of actors within a system.

use super::addr::Link;
use super::behavior::Messages;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which actors have a name, by type and name.
///
/// A name keeps its actor alive as a handle does, and is free when the actor has
/// ended.
pub(super) struct Registry(Mutex<HashMap<(TypeId, Arc<str>), Entry>>);

struct Entry {
    /// The handle, of the type that belongs to the key's.
    handle: Box<dyn Any + Send + Sync>,
    link: Arc<dyn Link>,
}

impl Entry {
    fn is_alive(&self) -> bool {
        !self.link.control().has_ended()
    }
}

impl Registry {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<(TypeId, Arc<str>), Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a name to the actor that `spawn` makes, unless the name is taken.
    pub(super) fn claim<A: Messages>(
        &self,
        name: Arc<str>,
        spawn: impl FnOnce() -> (A::Handle, Arc<dyn Link>),
    ) -> Option<A::Handle> {
        let key = (TypeId::of::<A>(), name);
        let mut entries = self.entries();
        if entries.get(&key).is_some_and(Entry::is_alive) {
            return None;
        }
        let (handle, link) = spawn();
        let entry = Entry {
            handle: Box::new(handle.clone()),
            link,
        };
        let before = entries.insert(key, entry);
        drop(entries);
        drop(before);
        Some(handle)
    }

    pub(super) fn get<A: Messages>(&self, name: &str) -> Option<A::Handle> {
        let key = (TypeId::of::<A>(), Arc::from(name));
        let mut entries = self.entries();
        let entry = entries.get(&key)?;
        if entry.is_alive() {
            return entry.handle.downcast_ref::<A::Handle>().cloned();
        }
        let gone = entries.remove(&key);
        drop(entries);
        drop(gone);
        None
    }
}
