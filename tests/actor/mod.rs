//! Actors.

#![allow(
    unreachable_pub,
    reason = "visible methods are messages, and a test has nobody to show them to"
)]

mod calls;
mod counting;
mod ends;
mod failures;
mod nested;
mod record;
mod restarts;
mod supervision;
mod timers;
mod trees;
mod waits;
