//! Trying again after an error.

use crate::task::BoxError;
use crate::time::{Sleep, sleep};
use pin_project_lite::pin_project;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Calls `operation` until it succeeds, or `policy` has no pause left.
///
/// The policy is what yields the pause before each further attempt: a [`Retry`], a
/// list of durations, any iterator; so are the policies of crates such as
/// `backon`. The pauses are slept on the runtime's clock, virtual time included.
///
/// [`when`](Attempts::when) says which errors are worth another attempt, and
/// [`notify`](Attempts::notify) hears of each that is made. For a limit of time, put
/// [`with_timeout!`](crate::with_timeout) around all of it, or into the operation
/// for each attempt.
///
/// # Cancel safety
///
/// It may be dropped at any time: with it goes the attempt that is being made.
///
/// # Errors
///
/// The error of the last attempt, in a [`RetryError`].
///
/// # Examples
///
/// ```
/// use nimsync::net::TcpStream;
/// use nimsync::prelude::*;
/// use nimsync::{Retry, retry};
/// use std::io::ErrorKind;
///
/// # nimsync::block_on(async {
/// let policy = Retry::times(2).backoff(1.milliseconds()).jitter();
/// let error = retry(policy, || TcpStream::connect("127.0.0.1:1"))
///     .when(|error| error.kind() == ErrorKind::ConnectionRefused)
///     .notify(|error, pause| println!("{error}, again in {pause:?}"))
///     .await
///     .unwrap_err();
/// assert_eq!(error.attempts(), 3);
/// assert!(error.to_string().starts_with("gave up after 3 attempts: Connection refused"));
/// # });
/// ```
pub fn retry<P, O, F, T, E>(policy: P, operation: O) -> Attempts<P::IntoIter, O, F, E>
where
    P: IntoIterator<Item = Duration>,
    O: FnMut() -> F,
    F: Future<Output = Result<T, E>>,
    E: Into<BoxError>,
{
    Attempts {
        pauses: policy.into_iter(),
        operation,
        begun: 0,
        attempt: None,
        pause: None,
        hooks: Hooks {
            when: None,
            notify: None,
        },
    }
}

/// How often something is tried again, and after which pauses.
///
/// # Examples
///
/// ```
/// use nimsync::prelude::*;
/// use nimsync::Retry;
///
/// let patient = Retry::times(4).backoff(100.milliseconds()).longest(500.milliseconds());
/// let pauses: Vec<_> = patient.into_iter().map(|pause| pause.as_millis()).collect();
/// assert_eq!(pauses, [100, 200, 400, 500]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    times: u32,
    pause: Duration,
    longest: Duration,
    jitter: bool,
}

impl Retry {
    /// Tries again at once, at most so many times in a row: one attempt more is
    /// made in all.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self {
            times,
            pause: Duration::ZERO,
            longest: Duration::from_secs(30),
            jitter: false,
        }
    }

    /// Pauses before it tries again: so long, then twice as long each time, up to
    /// half a minute.
    #[must_use]
    pub fn backoff(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Sets the longest pause.
    #[must_use]
    pub fn longest(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// Makes each pause up to a quarter longer or shorter, by chance, so that what
    /// failed together does not come back together.
    #[must_use]
    pub fn jitter(self) -> Self {
        Self {
            jitter: true,
            ..self
        }
    }

    /// The pause after so many failures in a row, if that is not one too many.
    pub(crate) fn pause(&self, failures: u32) -> Option<Duration> {
        if failures > self.times {
            return None;
        }
        let factor = 1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
        let pause = self.pause.saturating_mul(factor).min(self.longest);
        Some(match self.jitter {
            true => {
                pause.mul_f64(0.75 + f64::from(crate::wait::random(1 << 16)) / f64::from(1 << 17))
            }
            false => pause,
        })
    }
}

impl IntoIterator for Retry {
    type Item = Duration;
    type IntoIter = Pauses;

    fn into_iter(self) -> Pauses {
        Pauses {
            retry: self,
            failures: 0,
        }
    }
}

/// The pauses of a [`Retry`].
#[derive(Clone, Debug)]
pub struct Pauses {
    retry: Retry,
    failures: u32,
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.failures = self.failures.saturating_add(1);
        self.retry.pause(self.failures)
    }
}

type When<E> = Box<dyn FnMut(&E) -> bool + Send>;
type Notify<E> = Box<dyn FnMut(&E, Duration) + Send>;

pin_project! {
    /// The future of [`retry`](crate::retry()).
    #[must_use = "nothing is tried until it is awaited"]
    pub struct Attempts<P, O, F, E> {
        pauses: P,
        operation: O,
        begun: u32,
        #[pin]
        attempt: Option<F>,
        #[pin]
        pause: Option<Sleep>,
        hooks: Hooks<E>,
    }
}

struct Hooks<E> {
    when: Option<When<E>>,
    notify: Option<Notify<E>>,
}

impl<P, O, F, E> Attempts<P, O, F, E> {
    /// Tries again only after errors for which `worth` is true.
    pub fn when(mut self, worth: impl FnMut(&E) -> bool + Send + 'static) -> Self {
        self.hooks.when = Some(Box::new(worth));
        self
    }

    /// Calls `f` before each pause, with the error and the pause.
    pub fn notify(mut self, f: impl FnMut(&E, Duration) + Send + 'static) -> Self {
        self.hooks.notify = Some(Box::new(f));
        self
    }
}

impl<E> Hooks<E> {
    /// Returns the pause before the next attempt, if one is to be made.
    fn pause(
        &mut self,
        error: &E,
        pauses: &mut impl Iterator<Item = Duration>,
    ) -> Option<Duration> {
        if let Some(when) = &mut self.when
            && !when(error)
        {
            return None;
        }
        let pause = pauses.next()?;
        if let Some(notify) = &mut self.notify {
            notify(error, pause);
        }
        Some(pause)
    }
}

impl<P, O, F, T, E> Future for Attempts<P, O, F, E>
where
    P: Iterator<Item = Duration>,
    O: FnMut() -> F,
    F: Future<Output = Result<T, E>>,
    E: Into<BoxError>,
{
    type Output = Result<T, RetryError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            if let Some(pause) = this.pause.as_mut().as_pin_mut() {
                ready!(pause.poll(cx));
                this.pause.set(None);
            }
            let Some(attempt) = this.attempt.as_mut().as_pin_mut() else {
                *this.begun += 1;
                this.attempt.set(Some((this.operation)()));
                continue;
            };
            let error = match ready!(attempt.poll(cx)) {
                Ok(value) => return Poll::Ready(Ok(value)),
                Err(error) => error,
            };
            this.attempt.set(None);
            let Some(pause) = this.hooks.pause(&error, this.pauses) else {
                return Poll::Ready(Err(RetryError {
                    attempts: *this.begun,
                    error: error.into(),
                }));
            };
            this.pause.set(Some(sleep(pause)));
        }
    }
}

impl<P, O, F, E> fmt::Debug for Attempts<P, O, F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("begun", &self.begun)
            .finish_non_exhaustive()
    }
}

/// The error of the last attempt, and how many were made.
///
/// `?` takes it into `anyhow::Error` and `Box<dyn Error>`, which keep the chain of
/// causes, and into [`io::Error`], which keeps the kind.
#[derive(Debug)]
pub struct RetryError {
    attempts: u32,
    error: BoxError,
}

impl RetryError {
    /// Returns how many attempts were made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the error of the last attempt.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.error
    }

    /// Returns the error of the last attempt, alone.
    #[must_use]
    pub fn into_error(self) -> BoxError {
        self.error
    }

    /// Returns the error of the last attempt, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: Error + 'static>(&self) -> Option<&T> {
        self.error.downcast_ref()
    }
}

impl fmt::Display for RetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.attempts == 1 { "" } else { "s" };
        write!(
            f,
            "gave up after {} attempt{plural}: {}",
            self.attempts, self.error
        )
    }
}

impl Error for RetryError {
    /// What is behind the error; the text of the error itself is in the text of this.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl From<RetryError> for io::Error {
    fn from(error: RetryError) -> Self {
        let kind = error
            .downcast_ref()
            .map_or(io::ErrorKind::Other, Self::kind);
        Self::new(kind, error)
    }
}
