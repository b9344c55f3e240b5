//! Testing actors.
//!
//! - [`TestActor`] drives one actor message by message, without a runtime. Between messages its state
//!   can be looked at, and what it has asked for: timers, its stop, what it waits for elsewhere.
//! - [`Probe`] stands for another actor: it is a [`Recipient`](super::Recipient) that keeps what it
//!   is sent.
//!
//! What an actor is like with others, its mailbox, supervision and ends, is tested in a
//! [`nimsync::test`](macro@crate::test) with `start_paused = true`, where time is virtual.

mod driver;
mod probe;

pub use driver::TestActor;
pub use probe::Probe;
