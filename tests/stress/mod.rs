//! Attempts to break the runtime, groups and cancellation.
//!
//! [`nested`] grows random trees of everything and counts destructors;
//! [`cancel`] and [`scope`] go for particular weak places: wakers and handles
//! on foreign threads, futures that change their task, borrowed values, several
//! threads in one runtime. `NIMSYNC_SEED` repeats one run of a seeded test.

mod cancel;
mod helpers;
mod nested;
mod scope;
