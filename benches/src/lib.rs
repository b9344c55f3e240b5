//! nimsync measured against its peers, in the same process run.
//!
//! A *bench* is a target below `benches/`, one topic each. It has *cases*; a
//! case has *contenders*, which all do the same work and check their result.
//! They take turns in *rounds*, in rotating order, so that what disturbs the
//! machine disturbs all of them. The table shows medians over the rounds, and
//! the ratio to the first contender (nimsync) within a round: its median,
//! least and greatest. `--svg=FILE` draws the throughput as well.
//!
//! In a bench's folder `main.rs` lists the cases, `ours.rs` has nimsync's
//! side and `peers.rs` the others', as functions of equal name.

#[macro_use]
mod contenders;
pub mod actors;
pub mod channels;
mod harness;
#[cfg(feature = "nimsync")]
pub mod ours;
pub mod peers;
mod plot;
mod stopwatch;
mod table;
pub mod tally;
mod watchdog;
pub mod work;

pub use contenders::{Contenders, WORKERS};
pub use harness::{Bench, Case};
pub use stopwatch::{Stopwatch, settle};
