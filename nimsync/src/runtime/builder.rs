//! The settings of a runtime.

use super::shared::Runtime;
use super::watchdog::{Orders, Stall};
use crate::stats::ChannelStats;
use crate::tree::Tree;
use std::error::Error;
use std::num::NonZero;
use std::sync::Arc;
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
    pub(super) watchdog: Orders,
    pub(super) measure_busy: bool,
    /// Whether it is the runtime for those who are in none.
    pub(super) outside: bool,
    /// Whether there is to be a tokio runtime.
    pub(super) foreign: bool,
    /// How many events are kept for each worker.
    pub(super) trace: Option<usize>,
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
                watchdog: Orders::default(),
                measure_busy: false,
                outside: false,
                foreign: false,
                trace: None,
            },
        }
    }

    /// Returns a builder for a runtime that is the calling thread alone.
    ///
    /// Tasks run on the thread inside [`block_on`](Runtime::block_on), and
    /// nowhere else.
    ///
    /// # Examples
    ///
    /// ```
    /// let not_send = std::rc::Rc::new(7);
    /// let rt = nimsync::Runtime::local().build()?;
    /// assert_eq!(rt.block_on(async { *not_send }), 7);
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    pub fn local() -> Builder {
        Self::builder().workers(1)
    }
}

impl Builder {
    /// Sets the number of workers; by default one a core.
    ///
    /// The thread inside [`block_on`](Runtime::block_on) is one of them.
    ///
    /// # Examples
    ///
    /// ```
    /// let rt = nimsync::Runtime::builder()
    ///     .workers(2)
    ///     .thread_name("svc")
    ///     .blocking_threads(16)
    ///     .build()?;
    /// assert_eq!(rt.block_on(async { 1 + 2 }), 3);
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    ///
    /// let rt = nimsync::Runtime::local().paused_clock().build()?;
    /// rt.block_on(sleep(60.minutes())); // at once
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
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

    /// Starts a thread that notices tasks which stay in one poll for longer than
    /// `limit`, and so keep others from their worker.
    ///
    /// It says so on standard error, or to the hook of
    /// [`on_stall`](Self::on_stall): when the limit is passed, and each time that
    /// the age of the poll has doubled. Each poll is then timed, which costs about
    /// 60 ns. On Linux it also says what keeps the poll from ending: see
    /// [`Doing`](crate::Doing).
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::prelude::*;
    /// use std::sync::mpsc;
    ///
    /// let (tx, rx) = mpsc::channel();
    /// let rt = nimsync::Runtime::builder()
    ///     .watchdog(10.milliseconds())
    ///     .on_stall(move |stall| drop(tx.send(stall.clone())))
    ///     .build()?;
    /// rt.block_on(async {
    ///     task_group!(|g| {
    ///         g.task("careless").spawn(async { std::thread::sleep(100.milliseconds()) });
    ///     }).await.unwrap();
    /// });
    /// let stall = rx.recv().unwrap();
    /// println!("{stall}");
    /// assert!(stall.lasted >= 10.milliseconds());
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    pub fn watchdog(mut self, limit: Duration) -> Self {
        self.settings.watchdog.limit = Some(limit);
        self
    }

    /// Has `hook` called by the [`watchdog`](Self::watchdog), instead of a line on
    /// standard error.
    ///
    /// It runs on the watchdog's thread.
    pub fn on_stall(mut self, hook: impl Fn(&Stall) + Send + Sync + 'static) -> Self {
        self.settings.watchdog.on_stall = Some(Arc::new(hook));
        self
    }

    /// Has `hook` called when a channel, stream or mailbox that was given a name
    /// has at least `messages` waiting in it, and each time that they have doubled
    /// since; and when one that holds fewer stays full.
    ///
    /// It runs on the watchdog's thread, which looks ten times a second, at those of
    /// the whole process. What has been emptied by half begins anew.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::channel;
    ///
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let _rt = nimsync::Runtime::builder()
    ///     .on_backlog(1000, move |channel| drop(tell.send(channel.to_string())))
    ///     .build()?;
    /// let (events, _nobody_receives) = channel::named("clicks").unbounded();
    /// for click in 0..1500 {
    ///     events.try_send(click).unwrap();
    /// }
    /// let line = told.iter().find(|line| line.contains("`clicks`")).unwrap();
    /// assert!(line.contains("has 1,500 messages waiting"), "{line}");
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    pub fn on_backlog(
        mut self,
        messages: usize,
        hook: impl Fn(&ChannelStats) + Send + Sync + 'static,
    ) -> Self {
        self.settings.watchdog.on_backlog = Some((messages.max(1), Arc::new(hook)));
        self
    }

    /// Has `hook` called when nothing has been able to happen for `duration`: all
    /// tasks wait, and no timer, descriptor, signal or blocking call is pending.
    ///
    /// It gets the tree, which says what each task waits for. It is called once,
    /// and again only after a task has run. A thread of another library may still
    /// wake a task: the hook reports, and ends nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::{channel, prelude::*};
    ///
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let rt = nimsync::Runtime::builder()
    ///     .on_idle_deadlock(20.milliseconds(), move |tree| drop(tell.send(tree.to_string())))
    ///     .build()?;
    /// std::thread::scope(|threads| {
    ///     let (tx, mut rx) = channel::named("orders").spsc::<u32>(1);
    ///     threads.spawn(|| rt.block_on(async move { rx.recv().await.ok() }));
    ///     let tree = told.recv().unwrap();
    ///     assert!(tree.contains("waits for recv on `orders`"), "{tree}");
    ///     drop(tx);
    /// });
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    pub fn on_idle_deadlock(
        mut self,
        duration: Duration,
        hook: impl Fn(&Tree) + Send + Sync + 'static,
    ) -> Self {
        self.settings.watchdog.on_idle = Some((duration, Arc::new(hook)));
        self
    }

    /// Measures how long the polls of each task take, for
    /// [`TaskReport::busy`](crate::TaskReport::busy); off if not asked for.
    ///
    /// It costs about 130 ns a poll. Children in place count as part of the task
    /// that they run in.
    pub fn measure_busy(mut self, on: bool) -> Self {
        self.settings.measure_busy = on;
        self
    }

    /// Writes down what the workers do: polls, waits, messages of channels that
    /// have a name, cancellations. The last `events` of each worker are kept.
    ///
    /// [`Runtime::trace`] takes them. An event takes about 100 bytes, and
    /// [docs/inspect.md](https://github.com/nimsync/nimsync/blob/main/docs/inspect.md)
    /// has what it costs. What guests (later threads inside `block_on`) poll is
    /// not traced.
    pub fn trace(mut self, events: usize) -> Self {
        self.settings.trace = (events != 0).then_some(events);
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
            // Its text is in ours.
            Self::System(error) => error.source(),
            _ => None,
        }
    }
}
