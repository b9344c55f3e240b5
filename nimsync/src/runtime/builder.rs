//! The settings of a runtime.

use super::shared::Runtime;
use std::error::Error;
use std::num::NonZero;
use std::time::Duration;
use std::{fmt, io};

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) workers: usize,
    pub(super) thread_name: String,
    pub(super) stack_size: Option<usize>,
    pub(super) blocking_threads: usize,
    pub(super) blocking_keep_alive: Duration,
    pub(super) paused: bool,
    /// How long nothing may be able to run before the root is declared stuck.
    pub(super) stuck_after: Option<Duration>,
    /// Whether it is the runtime for those who are in none.
    pub(super) outside: bool,
    /// Whether there is to be a tokio runtime.
    pub(super) foreign: bool,
}

/// The settings of a [`Runtime`] that is to be built.
///
/// # Examples
///
/// ```
/// let rt = nimsync::Runtime::builder()
///     .workers(4)
///     .thread_name("svc")
///     .blocking_threads(16)
///     .build()?;
/// # Ok::<(), nimsync::BuildError>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    workers: Option<usize>,
    pub(super) settings: Settings,
}

impl Runtime {
    /// Returns a builder with a worker per core and default settings.
    pub fn builder() -> Builder {
        Builder {
            workers: None,
            settings: Settings {
                workers: 0,
                thread_name: "nimsync".to_owned(),
                stack_size: None,
                blocking_threads: 512,
                blocking_keep_alive: Duration::from_secs(10),
                paused: false,
                stuck_after: None,
                outside: false,
                foreign: false,
            },
        }
    }

    /// Returns a builder for a runtime that is the calling thread alone.
    ///
    /// Tasks run on the thread inside [`block_on`](Runtime::block_on), and
    /// nowhere else.
    pub fn local() -> Builder {
        Self::builder().workers(1)
    }
}

impl Builder {
    /// Sets the number of workers; by default one a core.
    ///
    /// The thread inside [`block_on`](Runtime::block_on) is one of them.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// Sets what the names of the threads begin with; by default `nimsync`.
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.settings.thread_name = name.into();
        self
    }

    /// Sets the stack size of the threads in bytes; by default that of `std`.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.settings.stack_size = Some(bytes);
        self
    }

    /// Sets how many threads at most run blocking calls; by default 512.
    pub fn blocking_threads(mut self, threads: usize) -> Self {
        self.settings.blocking_threads = threads;
        self
    }

    /// Sets how long a thread for blocking calls waits for the next one before
    /// it ends; by default 10 s.
    pub fn blocking_keep_alive(mut self, duration: Duration) -> Self {
        self.settings.blocking_keep_alive = duration;
        self
    }

    /// Lets the clock stand still, and jump to the next deadline whenever
    /// nothing can run.
    ///
    /// For tests, with a single worker. If then nothing can ever run again, the
    /// root panics with the tree of tasks and what each waits for.
    pub fn paused_clock(mut self) -> Self {
        self.settings.paused = true;
        // Long enough for a plain thread that is about to send something.
        self.settings.stuck_after = Some(Duration::from_millis(100));
        self
    }

    /// Lets the root panic, with the tree of tasks, when nothing has been able
    /// to run for `duration` and no timer or blocking call is pending.
    ///
    /// For tests; only with a single worker.
    pub fn stuck_after(mut self, duration: Duration) -> Self {
        self.settings.stuck_after = Some(duration);
        self
    }

    /// Starts the runtime.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a setting makes no sense, or the operating system
    /// refuses a thread or a poller.
    pub fn build(self) -> Result<Runtime, BuildError> {
        let mut settings = self.settings;
        settings.workers = self
            .workers
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
        if settings.workers == 0 {
            return Err(BuildError::NoWorkers);
        }
        if settings.workers > usize::from(u16::MAX) {
            return Err(BuildError::TooManyWorkers(settings.workers));
        }
        if settings.blocking_threads == 0 {
            return Err(BuildError::NoBlockingThreads);
        }
        if settings.workers > 1 && (settings.paused || settings.stuck_after.is_some()) {
            return Err(BuildError::ManyWorkersInTest);
        }
        let paused = settings.paused;
        if paused && settings.foreign {
            return Err(BuildError::TokioInPausedTest);
        }
        let runtime = Runtime::start(settings).map_err(BuildError::System)?;
        if paused {
            runtime.shared.timers().clock().pause();
        }
        Ok(runtime)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("workers", &self.workers)
            .field("thread_name", &self.settings.thread_name)
            .field("stack_size", &self.settings.stack_size)
            .field("blocking_threads", &self.settings.blocking_threads)
            .finish_non_exhaustive()
    }
}

/// Why a runtime could not be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// `workers(0)`: nobody would run anything.
    NoWorkers,
    /// More workers than the scheduler can count.
    TooManyWorkers(usize),
    /// `blocking_threads(0)`: blocking calls would wait for ever.
    NoBlockingThreads,
    /// A paused clock, or a report of stuck tests, with several workers.
    ManyWorkersInTest,
    /// A paused clock, with a tokio runtime that has a clock of its own.
    TokioInPausedTest,
    /// The operating system refused.
    System(io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWorkers => f.write_str("a runtime needs at least one worker"),
            Self::TooManyWorkers(workers) => {
                write!(
                    f,
                    "{workers} workers are more than the {} possible",
                    u16::MAX
                )
            }
            Self::NoBlockingThreads => {
                f.write_str("a runtime needs at least one thread for blocking calls")
            }
            Self::ManyWorkersInTest => {
                f.write_str("a paused clock and `stuck_after` need a runtime with one worker")
            }
            Self::TokioInPausedTest => {
                f.write_str("tokio's clock goes on when that of the runtime is paused")
            }
            Self::System(error) => write!(f, "cannot start the runtime: {error}"),
        }
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::System(error) => Some(error),
            _ => None,
        }
    }
}
