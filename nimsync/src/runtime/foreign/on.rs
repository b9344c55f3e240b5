//! With the feature `tokio`.

use super::super::builder::Builder;
use super::NeedsTokio;
use pin_project_lite::pin_project;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::runtime::{EnterGuard, Runtime};

/// The tokio runtime of a runtime of ours, if it has one.
pub(crate) struct Foreign(Option<Runtime>);

/// Its handle.
#[derive(Clone)]
pub(crate) struct Handle(Option<tokio::runtime::Handle>);

impl Foreign {
    pub(crate) fn start(wanted: bool, threads: &str) -> io::Result<Self> {
        Ok(Self(match wanted {
            true => Some(start(&format!("{threads}-tokio"))?),
            false => None,
        }))
    }

    pub(crate) fn handle(&self) -> Handle {
        Handle(self.0.as_ref().map(|runtime| runtime.handle().clone()))
    }

    /// Ends it, with what libraries have spawned on it.
    pub(crate) fn stop(&mut self, deadline: Instant) {
        let Some(runtime) = self.0.take() else { return };
        if tokio::runtime::Handle::try_current().is_ok() {
            // Inside of a tokio runtime nobody may wait for another.
            runtime.shutdown_background();
        } else {
            runtime.shutdown_timeout(deadline.saturating_duration_since(Instant::now()));
        }
    }
}

impl Handle {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The tokio runtime that this thread is in.
    pub(crate) fn current() -> Self {
        Self(tokio::runtime::Handle::try_current().ok())
    }

    /// Has `future` find this tokio runtime whenever it is polled, or dropped.
    pub(crate) fn wrap<F>(&self, future: F) -> Within<F> {
        Within {
            future: Some(future),
            handle: self.clone(),
        }
    }

    /// Makes the tokio runtime the one of this thread until the guard is dropped.
    pub(crate) fn enter(&self) -> Option<EnterGuard<'_>> {
        self.0.as_ref().map(tokio::runtime::Handle::enter)
    }
}

/// One thread is enough for the driver, and for tasks that libraries spawn to serve
/// their connections. The work is done on our workers.
fn start(threads: &str) -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(threads)
        .enable_all()
        .build()
}

impl NeedsTokio<'_> for Builder {}

impl Builder {
    /// Starts a tokio runtime beside this one, so that libraries made for tokio can be
    /// used in tasks.
    ///
    /// Needs the feature `tokio`. The tokio runtime has one thread, for its driver and
    /// for what libraries spawn by themselves. It ends after the last task of this
    /// runtime; what libraries have spawned ends then.
    ///
    /// A test with a paused clock cannot have one: tokio's clock is not this
    /// runtime's.
    ///
    /// # Examples
    ///
    /// ```
    /// let rt = nimsync::Runtime::builder().tokio_compat().build()?;
    /// rt.block_on(async {
    ///     // Of tokio, polled by a worker of nimsync.
    ///     tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    /// });
    /// # Ok::<(), nimsync::BuildError>(())
    /// ```
    pub fn tokio_compat(mut self) -> Self {
        self.settings.foreign = true;
        self
    }
}

/// Lets a future of a library made for tokio be awaited anywhere.
///
/// Needs the feature `tokio`. For one-off use: in a runtime that was built with
/// [`Builder::tokio_compat`] no future needs it. Elsewhere the future is polled, and
/// dropped, with a tokio runtime at hand, which is started for the first such future
/// and stays as long as the process.
///
/// What is *made* for tokio before it is awaited may need the runtime, too: make it
/// inside of an `async` block.
///
/// # Cancel safety
///
/// That of the future.
///
/// # Panics
///
/// If the tokio runtime cannot be started, at the first poll.
///
/// # Examples
///
/// ```
/// nimsync::block_on(async {
///     let answer = nimsync::compat(async {
///         tokio::time::sleep(std::time::Duration::from_millis(1)).await;
///         42
///     });
///     assert_eq!(answer.await, 42);
/// });
/// ```
pub fn compat<F: Future>(future: F) -> Compat<F> {
    Compat {
        future: Some(future),
    }
}

pin_project! {
    /// The future of [`compat`].
    #[must_use = "futures do nothing until they are awaited"]
    pub struct Compat<F> {
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Compat<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut future = this.project().future;
            if future.is_some() {
                let _entered = enter();
                future.set(None);
            }
        }
    }
}

impl<F: Future> Future for Compat<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.project().future;
        let Some(future) = future.as_pin_mut() else {
            unreachable!("it is taken out when this is dropped");
        };
        let _entered = enter();
        future.poll(cx)
    }
}

pin_project! {
    /// The future of [`Handle::wrap`].
    pub(crate) struct Within<F> {
        #[pin]
        future: Option<F>,
        handle: Handle,
    }

    impl<F> PinnedDrop for Within<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.handle.0.is_some() {
                let _entered = this.handle.enter();
                this.future.set(None);
            }
        }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else {
            unreachable!("it is taken out when this is dropped");
        };
        let _entered = this.handle.enter();
        future.poll(cx)
    }
}

/// Enters the tokio runtime of the process, unless this thread has one.
fn enter() -> Option<EnterGuard<'static>> {
    static ONE_OFF: OnceLock<Runtime> = OnceLock::new();
    if tokio::runtime::Handle::try_current().is_ok() {
        return None;
    }
    let runtime = ONE_OFF.get_or_init(|| match start("nimsync-tokio") {
        Ok(runtime) => runtime,
        Err(error) => panic!("cannot start the tokio runtime for `nimsync::compat`: {error}"),
    });
    Some(runtime.enter())
}
