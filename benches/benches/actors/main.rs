//! What actors cost: small cases, and the programs of the Savina suite.
//!
//! Each case runs with one worker and with two. What is counted as an operation
//! is in its name, or else a message. What the peers are, and what they leave
//! out, is in `nimsync_benches::actors`.

use nimsync_benches::Bench;
use nimsync_benches::actors::ActorContenders;

mod micro;

fn main() {
    let bench = Bench::from_args();
    for workers in [1, 2] {
        let all = ActorContenders::start(workers);
        micro::cases(&bench, &all, workers);
    }
}
