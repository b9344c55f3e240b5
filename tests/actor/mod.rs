//! Actors.

#![allow(
    unreachable_pub,
    reason = "visible methods are messages, and a test has nobody to show them to"
)]

mod calls;
mod counting;
mod ends;
mod failures;
mod mailboxes;
mod nested;
mod record;
mod supervision;
mod timers;
mod trees;
mod waits;
