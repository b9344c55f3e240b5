//! Fetching one address.

use crate::args::Args;
use nimsync::http::{BodyExt, Client, ClientError, StatusCode, hyper};
use nimsync::prelude::*;
use nimsync::{Retry, TimedOut, retry, sleep_until};
use nimsync_examples::web::retry_after;
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// How often, how patiently.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    timeout: Duration,
    retries: Retry,
    longest_pause: Duration,
}

impl Patience {
    pub(crate) fn of(args: &Args) -> Self {
        Self {
            timeout: args.timeout,
            retries: Retry::times(args.retries).backoff(args.backoff).jitter(),
            longest_pause: args.longest_pause,
        }
    }
}

/// What came of an address.
pub(crate) struct Fetched {
    pub(crate) url: Url,
    pub(crate) outcome: Result<Answer, Failure>,
    /// From the first attempt to the end of the last.
    pub(crate) took: Duration,
    pub(crate) attempts: u32,
}

impl Fetched {
    pub(crate) fn is_good(&self) -> bool {
        self.outcome.is_ok()
    }
}

/// A response with a status of 2xx.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) bytes: u64,
}

/// Why there is none.
#[derive(Debug)]
pub(crate) enum Failure {
    Client(ClientError),
    Late(TimedOut),
    Status {
        status: StatusCode,
        bytes: u64,
        /// How long the server asks to be left alone.
        pause: Option<Duration>,
    },
    Body(hyper::Error),
}

impl Failure {
    /// Whether it may be otherwise the next time, and that is soon enough.
    fn passes(&self, longest_pause: Duration) -> bool {
        match self {
            Self::Client(ClientError::Connection(_) | ClientError::TimedOut(_)) => true,
            Self::Client(_) => false,
            Self::Late(_) | Self::Body(_) => true,
            Self::Status { status, pause, .. } => {
                let passes = status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS;
                passes && pause.is_none_or(|pause| pause <= longest_pause)
            }
        }
    }
}

impl Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error: &dyn Error = match self {
            Self::Client(error) => error,
            Self::Body(error) => error,
            Self::Late(late) => return write!(f, "{late}"),
            Self::Status { status, pause, .. } => {
                f.write_str(status.canonical_reason().unwrap_or("an unusual status"))?;
                return match pause {
                    Some(pause) => write!(f, ", asks for {} s", pause.as_secs()),
                    None => Ok(()),
                };
            }
        };
        // The one at the bottom says what the matter is.
        write!(f, "{error}")?;
        let mut cause = error.source();
        while let Some(error) = cause {
            cause = error.source();
            if cause.is_none() {
                write!(f, ": {error}")?;
            }
        }
        Ok(())
    }
}

/// Until when a server has asked to be left alone: the pause before an attempt ends then
/// at the earliest.
#[derive(Default)]
struct Asked(Mutex<Option<Instant>>);

impl Asked {
    fn note(&self, pause: Option<Duration>) {
        let until = pause.and_then(|pause| nimsync::now().checked_add(pause));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    async fn wait(&self) {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(until) = until {
            sleep_until(until).await;
        }
    }
}

/// Fetches an address, with further attempts.
pub(crate) async fn fetch(client: Client, url: Url, patience: Patience) -> Fetched {
    let begin = nimsync::now();
    let attempts = Arc::new(AtomicU32::new(0));
    let asked = Asked::default();
    let fetching = retry(patience.retries, async || {
        asked.wait().await;
        attempts.fetch_add(1, Ordering::Relaxed);
        let outcome = attempt(&client, &url, patience.timeout).await;
        if let Err(Failure::Status { pause, .. }) = &outcome {
            asked.note(*pause);
        }
        outcome
    });
    let passes = move |failure: &Failure| failure.passes(patience.longest_pause);
    let outcome = fetching.when(passes).await;
    let outcome = outcome.map_err(|error| match error.into_error().downcast() {
        Ok(failure) => *failure,
        Err(other) => unreachable!("all errors are failures: {other}"),
    });
    Fetched {
        url,
        outcome,
        took: nimsync::now() - begin,
        attempts: attempts.load(Ordering::Relaxed),
    }
}

async fn attempt(client: &Client, url: &Url, limit: Duration) -> Result<Answer, Failure> {
    let answer = with_timeout!(limit, async {
        let response = client.get(url.as_str()).await.map_err(Failure::Client)?;
        let status = response.status();
        let pause = retry_after(response.headers());
        let mut body = response.into_body();
        let mut bytes = 0;
        // Counted and not kept, however large it is.
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(Failure::Body)?;
            bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        if status.is_success() {
            Ok(Answer { status, bytes })
        } else {
            Err(Failure::Status {
                status,
                bytes,
                pause,
            })
        }
    });
    answer.await.unwrap_or_else(|late| Err(Failure::Late(late)))
}
