//! Actors.

#![allow(
    unreachable_pub,
    reason = "visible methods are messages, and a test has nobody to show them to"
)]

mod calls;
mod children;
mod concurrent;
mod counting;
mod ends;
mod failures;
mod kit;
mod later;
mod mailboxes;
mod nested;
mod pipes;
mod recipients;
mod record;
mod restarts;
mod supervision;
mod timers;
mod trees;
mod waits;
