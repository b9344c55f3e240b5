//! The duration words: `2.seconds()`, `500.milliseconds()`.

use std::time::Duration;

/// Words that turn a number into a [`Duration`].
///
/// Implemented for the integers that durations are written with, so that
/// `with_timeout!(500.milliseconds(), ..)` reads as it is meant.
///
/// # Panics
///
/// A negative number, or one whose duration does not fit, panics.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use std::time::Duration;
///
/// assert_eq!(2.seconds(), Duration::from_secs(2));
/// assert_eq!(1.minutes() + 500.milliseconds(), Duration::from_millis(60_500));
/// ```
pub trait DurationWords: Sized {
    /// Returns this many minutes.
    fn minutes(self) -> Duration;
    /// Returns this many seconds.
    fn seconds(self) -> Duration;
    /// Returns this many milliseconds.
    fn milliseconds(self) -> Duration;
    /// Returns this many microseconds.
    fn microseconds(self) -> Duration;
}

fn whole<N: TryInto<u64>>(number: N) -> u64 {
    match number.try_into() {
        Ok(number) => number,
        Err(_) => panic!("a duration cannot be negative"),
    }
}

macro_rules! duration_words {
    ($($number:ty)*) => {$(
        impl DurationWords for $number {
            fn minutes(self) -> Duration {
                let minutes = whole(self);
                Duration::from_secs(minutes.checked_mul(60).expect("this many minutes do not fit a duration"))
            }
            fn seconds(self) -> Duration {
                Duration::from_secs(whole(self))
            }
            fn milliseconds(self) -> Duration {
                Duration::from_millis(whole(self))
            }
            fn microseconds(self) -> Duration {
                Duration::from_micros(whole(self))
            }
        }
    )*};
}

duration_words!(i32 u32 i64 u64 usize);
