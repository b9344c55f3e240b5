//! Work on the items of a stream, several at a time, as children of a group.
//!
//! # How it works
//!
//! The operator makes the future of each item and hands it to a *hub*. *Workers*, which are
//! children of a group, take a job, run it, leave its result and take the next: no task is
//! made and nothing is allocated for an item.
//!
//! # When there is another worker
//!
//! A worker is *active* while it looks for jobs, or has not yet seen its job wait. As many
//! are kept active as the machine has cores. When a job waits, its worker is not active
//! any more, and another is woken or spawned for the next job, up to the limit. So jobs that
//! never wait are done by a few tasks, and jobs that wait run as many at a time as the
//! limit allows. A worker whose last job waited expects the same of the next one, and is not
//! counted as active for it.
//!
//! # Bounds
//!
//! At most `limit` jobs run, and at most twice as many items are between upstream and consumer:
//! the workers go on while the consumer is busy, up to there.

mod hub;
mod limit;
mod map;
mod worker;

pub use limit::{Limit, adaptive};
pub use map::ParMap;
