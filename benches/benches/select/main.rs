//! What it costs to receive from one of several channels.

use nimsync_benches::Bench;

mod arms;
mod sets;
mod tasks;
mod threads;

fn main() {
    let bench = Bench::from_args();
    tasks::cases(&bench);
    arms::cases(&bench);
    threads::cases(&bench);
}
