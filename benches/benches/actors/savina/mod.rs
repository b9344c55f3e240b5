//! Programs of the Savina suite: S. Imam, V. Sarkar, "Savina - An Actor
//! Benchmark Suite", AGERE 2014. Sizes are those of its defaults, unless the
//! program says otherwise; `--quick` does a part. Its thread ring, ping-pong and
//! counting are among the small cases.
//!
//! The mailboxes of Savina's actors have no bound. Here they hold what is
//! needed so that actors do not wait for each other in a circle.
//!
//! xtra has no part here, since it does not keep messages in order, nor has
//! actix where an actor asks another inside of a handler.
//!
//! A file has a program: what its actors compute, then `ours` and `peers`.

mod bank;
mod barber;
mod big;
mod bitonic_sort;
mod bounded_buffer;
mod chameneos;
mod dictionary;
mod fork_join;
mod logistic_map;
mod philosophers;
mod queens;
mod sieve;
mod smokers;

use crate::Run;

pub(crate) fn cases(run: &Run<'_>) {
    chameneos::case(run);
    big::case(run);
    fork_join::throughput(run);
    fork_join::creation(run);
    dictionary::case(run);
    bounded_buffer::case(run);
    philosophers::case(run);
    barber::case(run);
    smokers::case(run);
    logistic_map::case(run);
    bank::case(run);
    bitonic_sort::case(run);
    queens::case(run);
    sieve::case(run);
}

/// Numbers that look random, the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        // Any seed but 0 will do for a xorshift.
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    /// Keeps the processor busy for a while.
    pub(crate) fn busy_wait(&mut self, below: u64) {
        for _ in 0..self.below(below) + 10 {
            std::hint::black_box(self.below(2));
        }
    }
}
