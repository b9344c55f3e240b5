//! Who sleeps, who searches, and whom to wake.
//!
//! The protocol is that of Go's and tokio's schedulers: a bounded number of
//! workers *search* for work in the queues of others, and as long as one does,
//! nobody is woken for new work, since the searcher will find it; a searcher
//! that finds work while it was the last one wakes the next.
//!
//! # Why no wake-up is lost
//!
//! Producer: queue; fence; read the counts. Sleeper: announce itself by a
//! read-modify-write of the counts; fence; look at all queues. This is the
//! store-buffer pattern, and both sides have a sequentially consistent fence
//! between their write and their read, so at least one of them sees the other:
//! either the producer sees the sleeper and wakes it, or the sleeper sees what
//! was queued. The same pair makes it safe that a searcher which gives up looks
//! once more after it has left the count of searchers.
//!
//! The counts, in one word:
//!
//! | bits   | meaning                                   |
//! |--------|-------------------------------------------|
//! | 0–15   | workers asleep (and listed in `sleepers`) |
//! | 16–31  | workers searching                         |

use crate::prim::Lock;
use crate::prim::atomic::{AtomicU32, Ordering, fence};

const SLEEPING: u32 = 1;
const SEARCHING: u32 = 1 << 16;

fn sleeping(counts: u32) -> u32 {
    counts & 0xffff
}

fn searching(counts: u32) -> u32 {
    counts >> 16
}

pub(super) struct Idle {
    counts: AtomicU32,
    /// Sleepers that look after the busy workers every now and then.
    napping: AtomicU32,
    /// How often the driver was left for work while others slept.
    departures: AtomicU32,
    sleepers: Lock<Vec<usize>>,
    /// How many may search at once: half of the workers.
    most_searching: u32,
}

impl Idle {
    pub(super) fn new(workers: usize) -> Self {
        Self {
            counts: AtomicU32::new(0),
            napping: AtomicU32::new(0),
            departures: AtomicU32::new(0),
            sleepers: Lock::new(Vec::with_capacity(workers)),
            most_searching: (workers as u32).div_ceil(2),
        }
    }

    /// Whether waking somebody may be of use. A hint: read without a fence.
    #[inline]
    pub(super) fn may_wake(&self) -> bool {
        // Relaxed: whoever relies on the answer goes through `pick`.
        let counts = self.counts.load(Ordering::Relaxed);
        searching(counts) == 0 && sleeping(counts) != 0
    }

    /// How many sleep. A hint.
    pub(super) fn asleep(&self) -> u32 {
        // Relaxed: as in `may_wake`.
        sleeping(self.counts.load(Ordering::Relaxed))
    }

    /// Whether a sleeper looks after the busy workers. Asked by one of those.
    #[inline]
    pub(super) fn is_watched(&self) -> bool {
        // Relaxed: see `watch`.
        self.napping.load(Ordering::Relaxed) != 0
    }

    /// Has the calling sleeper count as one that looks after the busy workers,
    /// until `end_watch`.
    ///
    /// A worker that gets busy meanwhile sees that the watch has ended, or the
    /// watcher sees, before it sleeps for longer, that somebody is busy. This is
    /// the store-buffer pattern again: `end_watch`, the fence of the next `sleep`,
    /// the read of who is busy on one side; getting busy, the fence of `wake_up`
    /// or of sitting down, `is_watched` on the other.
    pub(super) fn watch(&self) {
        // Relaxed: the order is the fences' work.
        self.napping.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end_watch(&self) {
        // Relaxed: as in `watch`; the fence is that of the next `sleep`.
        self.napping.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes that the driver was left for work.
    pub(super) fn depart(&self) {
        // Relaxed: a number by itself.
        self.departures.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the driver was left for work: as long as that goes on, those who
    /// sleep do so as watchers, so that nobody has to be woken for it each time.
    pub(super) fn departures(&self) -> u32 {
        // Relaxed: as in `depart`.
        self.departures.load(Ordering::Relaxed)
    }

    /// Picks a sleeper to wake for work that was queued, if one is needed.
    ///
    /// It counts as awake and searching from now on; the caller unparks it.
    pub(super) fn pick(&self) -> Option<usize> {
        // SeqCst: between the queueing and the read below; pairs with the one
        // in `sleep` and `stop_searching`. See the proof above.
        fence(Ordering::SeqCst);
        if !self.may_wake() {
            return None;
        }
        let mut sleepers = self.sleepers.lock();
        if !self.may_wake() {
            return None;
        }
        let seat = sleepers.pop()?;
        // Relaxed: the counts guard no data; the order against the queues is
        // the fences' work.
        self.counts
            .fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::Relaxed);
        Some(seat)
    }

    /// Announces that the worker at `seat` goes to sleep. The caller then looks
    /// at all queues once more.
    pub(super) fn sleep(&self, seat: usize, was_searching: bool) {
        {
            let mut sleepers = self.sleepers.lock();
            sleepers.push(seat);
            let left = if was_searching { SEARCHING } else { 0 };
            // Relaxed: as in `pick`.
            self.counts
                .fetch_add(SLEEPING.wrapping_sub(left), Ordering::Relaxed);
        }
        // SeqCst: between the announcement and the look at the queues; pairs
        // with the one in `pick`.
        fence(Ordering::SeqCst);
    }

    /// The worker at `seat` is awake; tells whether it is counted as searching:
    /// because somebody woke it for work, or because it has `seen_work`.
    ///
    /// Who saw work instead of sleeping has to count. It was queued while that
    /// worker was still a searcher, so nobody may have been woken for it, and
    /// there may be more than one worker can run.
    pub(super) fn wake_up(&self, seat: usize, seen_work: bool) -> bool {
        let searches = {
            let mut sleepers = self.sleepers.lock();
            match sleepers.iter().position(|&sleeper| sleeper == seat) {
                Some(place) => {
                    sleepers.swap_remove(place);
                    let searches = if seen_work { SEARCHING } else { 0 };
                    // Relaxed: as in `pick`.
                    self.counts
                        .fetch_add(searches.wrapping_sub(SLEEPING), Ordering::Relaxed);
                    seen_work
                }
                None => true,
            }
        };
        // SeqCst: between this and `is_watched`; see `watch`.
        fence(Ordering::SeqCst);
        searches
    }

    /// Begins to search, unless enough others do.
    pub(super) fn start_searching(&self) -> bool {
        // Relaxed: as in `pick`. The bound may be passed by a race; it is there
        // for economy only.
        if searching(self.counts.load(Ordering::Relaxed)) >= self.most_searching {
            return false;
        }
        self.counts.fetch_add(SEARCHING, Ordering::Relaxed);
        true
    }

    /// Ends a search that found something; tells whether nobody searches now,
    /// in which case the caller wakes the next if there is more.
    pub(super) fn stop_searching(&self) -> bool {
        // Relaxed: as in `pick`.
        let before = self.counts.fetch_sub(SEARCHING, Ordering::Relaxed);
        let last = searching(before) == 1;
        if last {
            // SeqCst: between leaving the count and the caller's look at the
            // queues; pairs with the one in `pick`, which may have woken nobody
            // because of this search.
            fence(Ordering::SeqCst);
        }
        last
    }
}
