//! Supervision: who restarts what when an actor fails.
//!
//! # Vocabulary
//!
//! - A **supervisor** is a task that starts, restarts and stops its **children**:
//!   actors, or supervisors.
//! - A child's host lives as long as the child can come back; what is made anew by
//!   a restart is the **incarnation**, the value. So handles stay good, and the
//!   mailbox is kept.
//! - The **lifetime** of a child says after which ends it is started again.
//! - The **strategy** says who is restarted with it.
//! - Restarts are counted for each child in a sliding **window**. One more than
//!   allowed is an **escalation**: the supervisor itself has failed.
//!
//! # Protocol
//!
//! Orders go to a child by its control, events come back by the supervisor's
//! post, in the order in which they happened.
//!
//! ```text
//!             START                  started
//!   halted ──────────▶ starting ──────────────────▶ running
//!     ▲ ▲                 │ failed                    │ │
//!     │ └─────────────────┘                           │ │
//!     └───────────────────────────────────────────────┘ │
//!            failed, left (by itself), halted (HALT)    │
//!   any ─────────────────────────────────────────────▶ ended
//!              STOP, cancelled, a stop by its handle
//! ```
//!
//! # Invariants
//!
//! 1. Children are started one after the other in the order of declaration, each
//!    after the one before is running, and halted and stopped in the reverse order,
//!    each after the one behind it is down.
//! 2. The old incarnation's `on_stop` has ended, and its value was dropped, before
//!    the new one is made: both happen in the one host.
//! 3. Between its failure and its restart a child handles no message.

mod child;
mod policy;
mod post;
mod supervisor;

pub use policy::{Lifetime, Strategy};
pub(super) use post::{Boss, Event};
pub use supervisor::{Supervised, Supervisor};
