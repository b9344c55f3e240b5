//! What actors cost: small cases, and the programs of the Savina suite.
//!
//! Each case runs with one worker and with two. What is counted as an operation
//! is in its name, or else a message. What the peers are, and what they leave
//! out, is in `nimsync_benches::actors`.

use nimsync_benches::actors::ActorContenders;
use nimsync_benches::{Bench, Case};

mod micro;
mod savina;

fn main() {
    let bench = Bench::from_args().counting("messages");
    for workers in [1, 2] {
        let all = &ActorContenders::start(workers);
        let run = Run {
            bench: &bench,
            all,
            workers,
        };
        micro::cases(&run);
        savina::cases(&run);
    }
}

/// All cases with one number of workers.
pub(crate) struct Run<'a> {
    bench: &'a Bench,
    pub(crate) all: &'a ActorContenders,
    workers: usize,
}

impl Run<'_> {
    pub(crate) fn size(&self, full: u64) -> u64 {
        self.bench.size(full)
    }

    pub(crate) fn is_quick(&self) -> bool {
        self.bench.is_quick()
    }

    pub(crate) fn timed<'c>(&self, name: &str, ops: u64) -> Case<'c, 2> {
        let plural = if self.workers == 1 { "" } else { "s" };
        let name = format!("{} worker{plural}: {name}", self.workers);
        self.bench.timed(&name, ops)
    }
}
