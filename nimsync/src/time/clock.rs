//! Where a runtime reads the time.

use crate::prim::atomic::{AtomicU64, Ordering};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The instant that all clocks count from.
///
/// One for the whole process, so that nanoseconds of one clock mean the same
/// to another.
fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    // A little back in time, so that "0" and "in the past" are different.
    *ORIGIN.get_or_init(|| Instant::now() - Duration::from_nanos(1))
}

/// A clock that runs with the operating system's, or stands until it is moved.
pub(crate) struct Clock {
    /// 0 while the clock runs; else the time it stands at, in nanoseconds.
    paused_at: AtomicU64,
}

impl Clock {
    pub(crate) fn running() -> Self {
        Self {
            paused_at: AtomicU64::new(0),
        }
    }

    /// Stops the clock at the present moment.
    pub(crate) fn pause(&self) {
        // Relaxed: a paused clock belongs to a runtime with one thread.
        self.paused_at.store(self.nanos(), Ordering::Relaxed);
    }

    /// Lets the clock run; it may go back by this.
    pub(crate) fn resume(&self) {
        // Relaxed: as in `pause`.
        self.paused_at.store(0, Ordering::Relaxed);
    }

    pub(crate) fn is_paused(&self) -> bool {
        // Relaxed: as in `pause`.
        self.paused_at.load(Ordering::Relaxed) != 0
    }

    /// Moves a paused clock forward to `nanos`.
    pub(crate) fn advance_to(&self, nanos: u64) {
        debug_assert!(self.is_paused());
        // Relaxed: as in `pause`.
        self.paused_at
            .store(nanos.max(self.nanos()), Ordering::Relaxed);
    }

    /// Returns the time in nanoseconds since the origin; at least 1.
    #[inline]
    pub(crate) fn nanos(&self) -> u64 {
        // Relaxed: as in `pause`.
        match self.paused_at.load(Ordering::Relaxed) {
            0 => to_nanos(Instant::now()),
            paused => paused,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        from_nanos(self.nanos())
    }
}

/// Returns `instant` as nanoseconds since the origin; at least 1.
///
/// What lies before the origin is as good as now, and what lies more than 584
/// years after it is as good as never.
pub(super) fn to_nanos(instant: Instant) -> u64 {
    let since = instant.saturating_duration_since(origin());
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX).max(1)
}

pub(super) fn from_nanos(nanos: u64) -> Instant {
    origin() + Duration::from_nanos(nanos)
}
