//! Seeds, watchdogs, and guards that know when they were dropped.

use std::any::Any;
use std::future::Future;
use std::io::Write;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;

pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// How long a test may take before it is taken to hang. Under a sanitizer on a
/// busy machine everything takes twenty times as long as it should.
const PATIENCE: Duration = Duration::from_secs(60);
/// For tests of a single situation, which take milliseconds.
const SHORT_PATIENCE: Duration = Duration::from_secs(10);

/// Runs `test` with each of `runs` seeds, or with the one in `NIMSYNC_SEED`.
///
/// A test that fails or hangs says which seed it was; one that hangs ends the
/// process.
pub(super) fn seeded(runs: u64, test: impl Fn(u64)) {
    let wanted = std::env::var("NIMSYNC_SEED").ok();
    let wanted = wanted.map(|seed| seed.parse().expect("NIMSYNC_SEED is a number"));
    let seeds: Vec<u64> = match wanted {
        Some(seed) => vec![seed; 20],
        None => (0..runs).map(|_| fastrand::u64(..1 << 32)).collect(),
    };
    for seed in seeds {
        let failed = OnFailure(seed);
        let _dog = Watchdog::new(seed);
        test(seed);
        std::mem::forget(failed);
    }
}

/// Ends the process. What is said goes past the harness, which would keep it to
/// itself.
pub(super) fn abort(why: std::fmt::Arguments<'_>) -> ! {
    let _ = writeln!(std::io::stderr(), "{why}");
    std::process::abort();
}

struct OnFailure(u64);

impl Drop for OnFailure {
    fn drop(&mut self) {
        eprintln!("failed with NIMSYNC_SEED={}", self.0);
    }
}

/// Ends the process if it is not dropped in time.
struct Watchdog {
    _alive: mpsc::Sender<()>,
}

impl Watchdog {
    fn new(seed: u64) -> Self {
        let (alive, gone) = mpsc::channel();
        std::thread::spawn(move || {
            if gone.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                abort(format_args!(
                    "hangs with NIMSYNC_SEED={seed}\n{}",
                    nimsync::tree()
                ));
            }
        });
        Self { _alive: alive }
    }
}

/// Runs `test` on a thread of its own, and fails if that does not end.
pub(super) fn ends<R: Send + 'static>(test: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let _ = sender.send(test());
    });
    match receiver.recv_timeout(SHORT_PATIENCE) {
        Ok(result) => {
            thread.join().expect("it has sent its result");
            result
        }
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("hangs:\n{}", nimsync::tree()),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => unreachable!("it has not sent its result"),
            Err(payload) => resume_unwind(payload),
        },
    }
}

/// Polls `future` so many times, and puts it aside.
pub(super) async fn poll_times<F: Future + Unpin>(times: usize, mut future: F) -> F {
    for i in 0..times {
        if i != 0 {
            nimsync::yield_now().await;
        }
        let mut over = false;
        std::future::poll_fn(|cx| {
            over = Pin::new(&mut future).poll(cx).is_ready();
            Poll::Ready(())
        })
        .await;
        if over {
            break;
        }
    }
    future
}

/// Polls `future` with a waker that does nothing.
pub(super) fn poll_idly<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(std::task::Waker::noop()))
}

/// Waits for `future` on a plain thread.
pub(super) fn wait_for<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        std::thread::park();
    }
}

/// The payload of a panic that a test wants; it does not go through the hook.
#[derive(Debug)]
pub(super) struct Wanted;

/// Panics quietly.
pub(super) fn panic_quietly() -> ! {
    resume_unwind(Box::new(Wanted))
}

/// Whether a payload is that of a panic that the test wanted.
pub(super) fn is_wanted(payload: &(dyn Any + Send)) -> bool {
    payload.is::<Wanted>()
}

/// How many guards a ledger has room for.
const ROOM: usize = 1 << 18;

/// Counts for each of its guards how often it was dropped.
#[derive(Clone)]
pub(super) struct Ledger(Arc<Pages>);

struct Pages {
    born: AtomicUsize,
    places: Mutex<Vec<&'static Location<'static>>>,
    drops: Box<[AtomicU8]>,
    /// Set when nothing may be dropped any more.
    closed: AtomicBool,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self(Arc::new(Pages {
            born: AtomicUsize::new(0),
            places: Mutex::default(),
            drops: (0..ROOM).map(|_| AtomicU8::new(0)).collect(),
            closed: AtomicBool::new(false),
        }))
    }

    #[track_caller]
    pub(super) fn guard(&self) -> Guard {
        self.guard_that(false)
    }

    /// A guard whose destructor panics, unless a panic is under way.
    #[track_caller]
    pub(super) fn guard_that(&self, panics: bool) -> Guard {
        let mut places = self.0.places.lock().unwrap();
        places.push(Location::caller());
        Guard {
            number: self.0.born.fetch_add(1, Ordering::Relaxed),
            panics,
            ledger: self.clone(),
        }
    }

    /// Returns how many guards exist now.
    pub(super) fn alive(&self) -> usize {
        self.living().len()
    }

    /// Returns where the guards that exist now were made.
    pub(super) fn living(&self) -> Vec<&'static Location<'static>> {
        let places = self.0.places.lock().unwrap();
        let all = places.iter().zip(&self.0.drops);
        let living = all.filter(|(_, drops)| drops.load(Ordering::SeqCst) == 0);
        living.map(|(place, _)| *place).collect()
    }

    /// Checks that each guard was dropped once; from now on none may be.
    pub(super) fn close(&self) {
        self.0.closed.store(true, Ordering::SeqCst);
        let born = self.0.born.load(Ordering::SeqCst);
        for (number, drops) in self.0.drops[..born].iter().enumerate() {
            let drops = drops.load(Ordering::SeqCst);
            let at = self.0.places.lock().unwrap()[number];
            assert_eq!(drops, 1, "guard {number} of {born}, made at {at}");
        }
    }
}

/// One of a ledger.
pub(super) struct Guard {
    number: usize,
    panics: bool,
    ledger: Ledger,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let pages = &self.ledger.0;
        let before = pages.drops[self.number].fetch_add(1, Ordering::SeqCst);
        if before != 0 || pages.closed.load(Ordering::SeqCst) {
            let at = pages.places.lock().unwrap()[self.number];
            abort(format_args!(
                "the guard of {at} was dropped twice, or after its tree had ended"
            ));
        }
        if self.panics && !std::thread::panicking() {
            panic_quietly();
        }
    }
}
