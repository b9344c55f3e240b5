//! Signals of the operating system (Unix).
//!
//! # How it works
//!
//! The first wait for a signal installs a handler for it, which stays: from then
//! on the signal no longer ends the process by itself. The handler counts, and
//! writes a byte to a pipe that the drivers of all runtimes watch in which somebody
//! waits. Who waits compares counts, so a signal is seen by all who wait for it,
//! in whatever task or runtime.
//!
//! The operating system merges a signal with one of its kind that the process has
//! not seen yet, and so does everything here: a wait tells that there was a signal,
//! not how many.
//!
//! Waits belong to the runtime in which they are first polled; outside of one they
//! fail.
//!
//! # Examples
//!
//! ```
//! use nimsync::prelude::*;
//! use nimsync::signal::{SignalKind, signal};
//!
//! # nimsync::block_on(async {
//! let mut hangups = signal(SignalKind::hangup())?;
//! task_group!(|g| {
//!     // A service: it ends with the group.
//!     g.service(async move {
//!         while hangups.recv().await.is_ok() {
//!             println!("reading the configuration anew");
//!         }
//!     });
//!     sleep(1.milliseconds()).await;
//! })
//! .await?;
//! # Ok::<(), nimsync::BoxError>(())
//! # }).unwrap();
//! ```

mod hub;
mod kind;

pub use kind::SignalKind;

use crate::wait;
use futures::Stream;
use hub::{Hub, Listener};
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Waits for ctrl-c (`SIGINT`).
///
/// Only what comes after the call counts. From the first call on, ctrl-c does
/// not end the process any more.
///
/// # Cancel safety
///
/// It may be dropped at any time.
///
/// # Errors
///
/// If the operating system refuses the handler; outside of a runtime.
///
/// # Examples
///
/// ```no_run
/// use nimsync::prelude::*;
///
/// nimsync::block_on(async {
///     let scope = CancelScope::new();
///     let done = race!(
///         async { scope.run(sleep(1.minutes())).await.is_ok() },
///         async { nimsync::signal::ctrl_c().await.is_err() },
///     ).await;
///     println!("ended by itself: {done}");
/// });
/// ```
pub fn ctrl_c() -> Signal {
    Signal::of(SignalKind::interrupt())
}

/// Waits for the request to terminate (`SIGTERM`).
///
/// Only what comes after the call counts.
///
/// # Cancel safety
///
/// It may be dropped at any time.
///
/// # Errors
///
/// If the operating system refuses the handler; outside of a runtime.
///
/// # Examples
///
/// ```no_run
/// # nimsync::block_on(async {
/// nimsync::signal::terminate().await?;
/// println!("asked to end");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub fn terminate() -> Signal {
    Signal::of(SignalKind::terminate())
}

/// Listens for a kind of signal, again and again.
///
/// Only what comes after the call counts. Any number of listeners may exist, in
/// any tasks; each hears of every signal. The signal's own action does not come
/// back when they are dropped.
///
/// # Errors
///
/// `InvalidInput` for kinds that cannot be listened for (`SIGKILL`, `SIGSTOP`, and
/// those that tell of a fault in the program); what the operating system says.
///
/// # Examples
///
/// ```
/// use nimsync::signal::{SignalKind, signal};
///
/// # nimsync::block_on(async {
/// let mut changes = signal(SignalKind::user_defined1())?;
/// # let pid = std::process::id().to_string();
/// nimsync::process::Command::new("kill").args(["-USR1", &pid]).status().await?;
/// changes.recv().await?;
///
/// let kill = signal(SignalKind::from_raw(9)).unwrap_err();
/// assert_eq!(kill.kind(), std::io::ErrorKind::InvalidInput);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub fn signal(kind: SignalKind) -> io::Result<Signals> {
    let hub = Hub::get()?;
    Ok(Signals {
        kind,
        seen: hub.listen(kind)?,
        listener: Listener::new(hub),
    })
}

/// A listener for one kind of signal; see [`signal`].
///
/// As a stream it never ends, unless with an error.
#[must_use = "it is for waiting"]
pub struct Signals {
    kind: SignalKind,
    /// How many there had been when this was last ready.
    seen: u64,
    listener: Listener,
}

impl Signals {
    /// Waits for the next signal.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time; a signal that has come is told next time.
    ///
    /// # Errors
    ///
    /// Outside of a runtime, and when the runtime has ended.
    pub async fn recv(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Returns the kind of signal that it listens for.
    #[must_use]
    pub fn kind(&self) -> SignalKind {
        self.kind
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (kind, seen) = (self.kind, self.seen);
        let poll = self.listener.poll_changed(kind, seen, cx);
        if poll.is_pending() {
            wait::note(kind.label());
        }
        self.seen = ready!(poll)?;
        Poll::Ready(Ok(()))
    }
}

impl Stream for Signals {
    type Item = io::Result<()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<()>>> {
        self.poll_recv(cx).map(Some)
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signals")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The future of [`ctrl_c`] and [`terminate`].
#[must_use = "futures do nothing until they are awaited"]
pub struct Signal {
    kind: SignalKind,
    signals: io::Result<Signals>,
}

impl Signal {
    fn of(kind: SignalKind) -> Self {
        Self {
            kind,
            signals: signal(kind),
        }
    }
}

impl Future for Signal {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.signals {
            Ok(signals) => signals.poll_recv(cx),
            Err(error) => Poll::Ready(Err(io::Error::new(error.kind(), error.to_string()))),
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
