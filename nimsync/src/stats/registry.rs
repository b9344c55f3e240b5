//! Channels, streams and mailboxes that have a name, one by one.

use super::report::{ChannelKind, ChannelStats};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What has a name and can say how it is.
pub(crate) trait Gauge: Send + Sync {
    /// Fills in everything but the number, the name and the kind.
    fn gauge(&self, stats: &mut ChannelStats);
}

struct Named {
    name: Arc<str>,
    kind: ChannelKind,
    gauge: Option<Weak<dyn Gauge>>,
}

static NAMED: Mutex<BTreeMap<u64, Named>> = Mutex::new(BTreeMap::new());

fn named() -> MutexGuard<'static, BTreeMap<u64, Named>> {
    NAMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place in the registry, for as long as what it stands for lives.
pub(crate) struct Entry(u64);

impl Entry {
    pub(crate) fn new(name: Arc<str>, kind: ChannelKind) -> Self {
        /// 0 is nobody's.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Relaxed: only the uniqueness of the numbers matters.
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let gauge = None;
        named().insert(id, Named { name, kind, gauge });
        Self(id)
    }

    /// Says whom to ask.
    pub(crate) fn attach(&self, gauge: Weak<dyn Gauge>) {
        if let Some(named) = named().get_mut(&self.0) {
            named.gauge = Some(gauge);
        }
    }

    /// The number under which [`name_of`] finds the name.
    pub(crate) fn id(&self) -> u64 {
        self.0
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let removed = named().remove(&self.0);
        drop(removed);
    }
}

/// Returns the name of what has a number, while it lives.
pub(crate) fn name_of(id: u64) -> Option<Arc<str>> {
    named().get(&id).map(|named| named.name.clone())
}

/// Asks everything that has a name, in the order in which it was made.
pub(crate) fn channels() -> Vec<ChannelStats> {
    let all: Vec<_> = {
        let named = named();
        let all = named.iter().filter_map(|(id, named)| {
            let gauge = named.gauge.as_ref()?.upgrade()?;
            Some((ChannelStats::new(*id, &named.name, named.kind), gauge))
        });
        all.collect()
    };
    // Outside of the lock: the last reference may be the one in our hands.
    let ask = |(mut stats, gauge): (ChannelStats, Arc<dyn Gauge>)| {
        gauge.gauge(&mut stats);
        stats
    };
    all.into_iter().map(ask).collect()
}
