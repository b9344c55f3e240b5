//! The runtime of code that runs in none of ours.
//!
//! A group that is opened in a task of another runtime, or on a plain thread, is polled
//! there. Its parallel children are not: they run on the workers of this runtime,
//! which is started for the first of them and stays as long as the process.

use super::shared::{Runtime, Shared};
use super::worker;
use std::num::NonZero;
use std::sync::{Arc, OnceLock};

/// Returns the runtime that this thread works for, or the one for everybody else.
pub(crate) fn here() -> Arc<Shared> {
    worker::handle().unwrap_or_else(|| outside().shared().clone())
}

fn outside() -> &'static Runtime {
    static OUTSIDE: OnceLock<Runtime> = OnceLock::new();
    OUTSIDE.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        // Seat 0 is for the thread in a `block_on`, and there is none.
        let mut builder = Runtime::builder()
            .workers(cores + 1)
            .thread_name("nimsync-outside");
        builder.settings.outside = true;
        match builder.build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("the runtime for tasks outside of one did not start: {error}"),
        }
    })
}
