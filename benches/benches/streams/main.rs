//! What an item costs on its way through a stream.

use nimsync_benches::{Bench, Contenders};

mod disk;
#[cfg(feature = "nimsync")]
mod ours;
mod peers;

fn main() {
    let bench = Bench::from_args();
    let all = Contenders::start();
    pipe(
        &bench,
        &all,
        "one sender to one receiver, capacity 64",
        1,
        64,
    );
    pipe(
        &bench,
        &all,
        "one sender to one receiver, capacity 1,024",
        1,
        1_024,
    );
    pipe(
        &bench,
        &all,
        "four senders to one receiver, capacity 64",
        4,
        64,
    );
    in_one_task(&bench, &all);
    source(&bench, &all);
    tiny_jobs(&bench, &all);
    waiting_jobs(&bench, &all);
    heavy_jobs(&bench, &all);
    disk::spill(&bench);
}

fn pipe(bench: &Bench, all: &Contenders, name: &str, senders: u64, capacity: usize) {
    let each = bench.size(1_000_000) / senders;
    let mut case = bench.timed(name, each * senders);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || {
        ours::pipe(&all.nimsync, senders, each, capacity)
    });
    case.time("futures mpsc", || {
        peers::futures_pipe(&all.tokio, senders, each, capacity)
    });
    case.time("tokio-stream over mpsc", || {
        peers::tokio_pipe(&all.tokio, senders, each, capacity)
    });
    case.run();
}

fn in_one_task(bench: &Bench, all: &Contenders) {
    let (rounds, burst) = (bench.size(20_000), 50);
    let mut case = bench.timed("bursts of 50 within one task", rounds * burst);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || ours::bursts(&all.nimsync, rounds, burst));
    case.time("futures mpsc", || {
        peers::futures_bursts(&all.tokio, rounds, burst)
    });
    case.time("tokio-stream over mpsc", || {
        peers::tokio_bursts(&all.tokio, rounds, burst)
    });
    case.run();
}

fn source(bench: &Bench, all: &Contenders) {
    let items = bench.size(5_000_000);
    let mut case = bench.timed("stream! with a yield in a loop", items);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || ours::source(&all.nimsync, items));
    case.time("async-stream", || peers::source(&all.tokio, items));
    case.run();
}

fn tiny_jobs(bench: &Bench, all: &Contenders) {
    let items = bench.size(500_000);
    let mut case = bench.timed("jobs that are ready at once, 64 at a time", items);
    #[cfg(feature = "nimsync")]
    case.time("nimsync par_map_unordered", || {
        ours::tiny_jobs(&all.nimsync, items)
    });
    case.time("buffer_unordered", || peers::tiny_jobs(&all.tokio, items));
    case.time("buffer_unordered, spawned", || {
        peers::tiny_jobs_spawned(&all.tokio, items)
    });
    case.run();
}

fn waiting_jobs(bench: &Bench, all: &Contenders) {
    let items = bench.size(500_000);
    let mut case = bench.timed("jobs that yield once, 64 at a time", items);
    #[cfg(feature = "nimsync")]
    case.time("nimsync par_map_unordered", || {
        ours::waiting_jobs(&all.nimsync, items)
    });
    case.time("buffer_unordered", || {
        peers::waiting_jobs(&all.tokio, items)
    });
    case.time("buffer_unordered, spawned", || {
        peers::waiting_jobs_spawned(&all.tokio, items)
    });
    case.run();
}

fn heavy_jobs(bench: &Bench, all: &Contenders) {
    let items = bench.size(20_000);
    let mut case = bench.timed("jobs of 10 µs, 4 at a time", items);
    #[cfg(feature = "nimsync")]
    case.time("nimsync par_map_unordered", || {
        ours::heavy_jobs(&all.nimsync, items)
    });
    case.time("buffer_unordered", || peers::heavy_jobs(&all.tokio, items));
    case.time("buffer_unordered, spawned", || {
        peers::heavy_jobs_spawned(&all.tokio, items)
    });
    case.run();
}

/// Computes for about ten microseconds.
fn compute(seed: u64) -> u64 {
    let mut state = seed | 1;
    for _ in 0..8_000 {
        state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).rotate_left(7));
    }
    state
}
