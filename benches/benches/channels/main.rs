//! What it costs to hand a value from one to another.

use nimsync_benches::Bench;

mod batches;
mod one_thread;
mod round_trips;
#[cfg(feature = "nimsync")]
mod sizes;
mod tasks;
mod threads;
mod under_load;

fn main() {
    let bench = Bench::from_args().counting("messages");
    one_thread::cases(&bench);
    threads::cases(&bench);
    batches::cases(&bench);
    tasks::cases(&bench);
    round_trips::cases(&bench);
    under_load::cases(&bench);
    #[cfg(feature = "nimsync")]
    sizes::cases(&bench);
}
