//! Attempts to break the runtime, groups and cancellation.
//!
//! [`nested`] grows random trees of everything and counts destructors. The others
//! go for particular weak places: [`cancel`] for futures that are cut off at any
//! moment, [`handles`] for wakers and handles on foreign threads, [`in_place`]
//! for children that must stay on their thread, [`scope`] for groups that are
//! moved, dropped and forgotten, [`threads`] for several threads in one runtime.
//! `NIMSYNC_SEED` repeats one run of a seeded test.

mod cancel;
mod handles;
mod helpers;
mod in_place;
mod nested;
mod scope;
mod threads;
