//! Several actors of one kind, and who of them gets a message.

use crate::prim::atomic::{AtomicUsize, Ordering};
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The handles of several actors of one kind.
///
/// What `#[child(count = ..)]` makes.
///
/// # Examples
///
/// ```
/// use nimsync::actor::Pool;
///
/// let pool = Pool::new(vec!["a", "b"]);
/// assert_eq!([pool.next(), pool.next(), pool.next()], [&"a", &"b", &"a"]);
/// assert_eq!(pool.by_key(&17), pool.by_key(&17));
/// ```
pub struct Pool<H> {
    handles: Box<[H]>,
    next: AtomicUsize,
}

impl<H> Pool<H> {
    /// Makes a pool.
    ///
    /// # Panics
    ///
    /// If there are no handles.
    #[must_use]
    pub fn new(handles: Vec<H>) -> Self {
        assert!(!handles.is_empty(), "a pool has at least one actor");
        Self {
            handles: handles.into(),
            next: AtomicUsize::new(0),
        }
    }

    /// Returns the handles in turn.
    pub fn next(&self) -> &H {
        // Relaxed: nothing is published with it.
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        &self.handles[next % self.handles.len()]
    }

    /// Returns the handle that belongs to a key, always the same.
    pub fn by_key<K: Hash + ?Sized>(&self, key: &K) -> &H {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let at = hasher.finish() % self.handles.len() as u64;
        &self.handles[at as usize]
    }

    /// Returns all handles.
    #[must_use]
    pub fn all(&self) -> &[H] {
        &self.handles
    }
}

impl<H: Clone> Clone for Pool<H> {
    /// The clone takes turns of its own.
    fn clone(&self) -> Self {
        Self::new(self.handles.to_vec())
    }
}

impl<H> fmt::Debug for Pool<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("len", &self.handles.len())
            .finish_non_exhaustive()
    }
}
