//! How much of a processor a thread has used, asked by another thread.

use std::time::Duration;

/// The clock of a thread's processor time.
#[derive(Clone, Copy)]
pub(crate) struct CpuClock(i32);

impl CpuClock {
    /// Makes a clock of what [`number`](Self::number) returned.
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        (number != 0).then_some(Self(number))
    }

    /// The clock as a number, which is not 0.
    pub(crate) fn number(self) -> i32 {
        self.0
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
impl CpuClock {
    /// Returns the clock of the calling thread.
    pub(crate) fn of_this_thread() -> Option<Self> {
        let mut clock = 0;
        // SAFETY: the thread is the calling one, and the place is ours.
        let failed = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &raw mut clock) };
        (failed == 0).then_some(Self(clock))
    }

    /// Reads the clock; `None` if its thread has ended.
    pub(crate) fn read(self) -> Option<Duration> {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the place is ours; a clock that is gone is an error.
        let failed = unsafe { libc::clock_gettime(self.0, &raw mut time) };
        (failed == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
impl CpuClock {
    /// Returns the clock of the calling thread, which is not known here.
    pub(crate) fn of_this_thread() -> Option<Self> {
        None
    }

    /// Reads the clock.
    pub(crate) fn read(self) -> Option<Duration> {
        None
    }
}
