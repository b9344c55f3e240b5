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
//!   allowed is an **escalation**: the supervisor itself has failed. When the one
//!   above starts it again, its windows are empty.
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
//! The flags do not keep the order in which they were raised, and of a START and
//! a HALT the later one counts. So a START takes down a HALT, and who finds both
//! starts, and then halts (`Control::take_start`).
//!
//! # Files
//!
//! `declaration` and `spec` are what users write, `declare` what `#[supervisor]`
//! writes; `supervised` is what they hold. `task` is the life of a supervisor,
//! `restart` what it does about failures, by the rules of `policy`; `children` has
//! the steps of which both consist, and `post` is the way up.
//!
//! # Invariants
//!
//! 1. Children are started one after the other in the order of declaration, each
//!    after the one before is running, and halted and stopped in the reverse order,
//!    each after the one behind it is down.
//! 2. The old incarnation's `on_stop` has ended, and its value was dropped, before
//!    the new one is made: both happen in the one host.
//! 3. Between its failure and its restart a child handles no message.
//! 4. A temporary child is not started again with another one: it is stopped to
//!    make way. With its supervisor it is, if it has not ended.

mod children;
mod declaration;
mod declare;
mod policy;
mod post;
mod restart;
mod spec;
mod supervised;
mod task;

pub use declaration::Supervisor;
pub use declare::{Declare, Tree};
pub use policy::{Lifetime, Strategy};
pub(super) use post::{Boss, Event};
pub use spec::ChildSpec;
pub use supervised::Supervised;
