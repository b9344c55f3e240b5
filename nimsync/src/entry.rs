//! What `#[nimsync::main]` and `#[nimsync::test]` expand to.

use crate::runtime::{Builder, NeedsTokio, Runtime};
use std::future::Future;
use std::time::Duration;

/// How long a test that runs on real time may have nothing to do, no timer and
/// no blocking call, before it is declared stuck.
///
/// Long, because a plain thread that the test has started may be about to send
/// it something.
const STUCK_AFTER: Duration = Duration::from_secs(5);

/// The runtime of an entry point, as the attribute's options describe it.
#[derive(Debug)]
#[must_use]
pub struct Entry {
    builder: Builder,
    test: bool,
    many_workers: bool,
    paused: bool,
    tokio: bool,
}

impl Entry {
    pub fn main() -> Self {
        Self {
            builder: Runtime::builder(),
            test: false,
            many_workers: true,
            paused: false,
            tokio: false,
        }
    }

    pub fn test() -> Self {
        Self {
            builder: Runtime::local().thread_name("test"),
            test: true,
            many_workers: false,
            paused: false,
            tokio: false,
        }
    }

    pub fn local(mut self) -> Self {
        self.builder = self.builder.workers(1);
        self.many_workers = false;
        self
    }

    pub fn threads(mut self) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        self.builder = self.builder.workers(cores);
        self.many_workers = cores > 1;
        self
    }

    pub fn workers(mut self, workers: usize) -> Self {
        self.builder = self.builder.workers(workers);
        self.many_workers = workers > 1;
        self
    }

    pub fn start_paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// The bound is checked where this is called: without the feature it says so.
    pub fn tokio(mut self) -> Self
    where
        for<'a> Builder: NeedsTokio<'a>,
    {
        self.builder = self.builder.tokio_compat();
        self.tokio = true;
        self
    }

    /// The root is shown where this is called, which is the user's `main`.
    #[track_caller]
    pub fn run<F: Future>(self, future: F) -> F::Output {
        let mut builder = self.builder;
        if self.paused {
            builder = builder.paused_clock();
        } else if self.test && !self.many_workers && !self.tokio {
            // What tokio waits for is not known here.
            builder = builder.stuck_after(STUCK_AFTER);
        }
        match builder.build() {
            Ok(runtime) => runtime.block_on(future),
            Err(error) => panic!("cannot start the runtime: {error}"),
        }
    }
}
