//! The loop around a listener.

use super::tcp::{TcpListener, TcpStream};
#[cfg(unix)]
use super::unix::{UnixListener, UnixStream};
use crate::cancel::{self, CancelReason, CancelScope, TimeLimit};
use crate::group::{Core, GroupError, GroupOptions, Policy, TaskGroup, open};
use crate::task::{BoxError, TaskOutput};
use crate::time::sleep;
use futures::FutureExt;
use futures::future::{Either, select};
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long to leave a listener alone that cannot accept: at first, and at most.
const BACK_OFF: Duration = Duration::from_millis(5);
const BACK_OFF_MOST: Duration = Duration::from_secs(1);

/// What connections can be accepted from.
pub trait Accept: Send + Sync {
    /// A connection.
    type Stream: Send + 'static;
    /// Who is at the other end.
    type Peer: fmt::Debug + Send + 'static;

    /// Waits for a connection. It must be cancel safe.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Self::Peer)>> + Send;
}

impl Accept for TcpListener {
    type Stream = TcpStream;
    type Peer = SocketAddr;

    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        self.accept()
    }
}

#[cfg(unix)]
impl Accept for UnixListener {
    type Stream = UnixStream;
    type Peer = std::os::unix::net::SocketAddr;

    fn accept(&self) -> impl Future<Output = io::Result<(UnixStream, Self::Peer)>> + Send {
        self.accept()
    }
}

type OnError = Arc<dyn Fn(&BoxError) + Send + Sync>;

/// How to [`serve`].
#[derive(Clone, Default)]
#[must_use = "options do nothing by themselves"]
pub struct ServeOptions {
    limit: Option<usize>,
    timeout: Option<Duration>,
    grace: Duration,
    on_error: Option<OnError>,
}

impl ServeOptions {
    /// No limits, no grace period, errors counted and otherwise ignored.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves at most `connections` at once. Further ones wait in the listener's
    /// queue.
    ///
    /// # Panics
    ///
    /// If `connections` is zero.
    pub fn limit(mut self, connections: usize) -> Self {
        assert!(
            connections != 0,
            "a limit of zero connections serves nobody"
        );
        self.limit = Some(connections);
        self
    }

    /// Drops a connection that takes longer than `limit` as a whole.
    pub fn timeout(mut self, limit: impl TimeLimit) -> Self {
        self.timeout = Some(limit.into_limit());
        self
    }

    /// How long connections may go on when the server is cancelled.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Calls `f` with each error: of a connection, or of the listener.
    pub fn on_error(mut self, f: impl Fn(&BoxError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(f));
        self
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("limit", &self.limit)
            .field("timeout", &self.timeout)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

/// What a server has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Connections that were accepted.
    pub accepted: u64,
    /// Those that ended by themselves, and well.
    pub done: u64,
    /// Those that ended in an error, or were not done in time.
    pub failed: u64,
}

impl Served {
    /// Connections that were cut off when the grace period was over.
    #[must_use]
    pub fn cut_off(&self) -> u64 {
        self.accepted - self.done - self.failed
    }
}

impl ServeOptions {
    fn tell(&self, error: &BoxError) {
        if let Some(f) = &self.on_error {
            f(error);
        }
    }
}

/// So that a server can be a task.
#[diagnostic::do_not_recommend]
impl TaskOutput for Served {
    type Value = Self;

    fn into_result(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

/// What the server and its connections share.
struct Shared {
    options: ServeOptions,
    done: AtomicU64,
    failed: AtomicU64,
}

impl Shared {
    /// A connection has ended.
    fn note(&self, outcome: Result<(), BoxError>) {
        // Relaxed, both: read when the group has ended.
        match outcome {
            Ok(()) => _ = self.done.fetch_add(1, Ordering::Relaxed),
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                self.options.tell(&error);
            }
        }
    }
}

/// Serves connections until the scope around it is cancelled.
///
/// Each connection is a task of its own, in a group of the server's. An error ends
/// its connection only. A panic ends the server, as it ends any group; and the
/// server ends when its listener is broken. That too many files are open does not
/// break it: it tries again, after a while.
///
/// When the scope around is asked to end, the listener is closed at once, and the
/// connections have the grace period to end; what is left then is cut off. Each
/// connection sees that in [`cancel::current`](crate::cancel::current()). Then it
/// returns what it has done.
///
/// # Cancel safety
///
/// Dropping the future cuts off the connections.
///
/// # Errors
///
/// If the listener is broken.
///
/// # Examples
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use nimsync::net::{ServeOptions, TcpListener, TcpStream, serve};
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = listener.local_addr()?;
/// let options = ServeOptions::new().limit(100).timeout(10.seconds()).grace(1.seconds());
/// task_group!(|g| {
///     let stop = CancelScope::new();
///     let server = stop.clone();
///     let served = g.spawn(async move {
///         server.run(serve(listener, options, async |mut stream, _| {
///             stream.write_all(b"hello").await?;
///             stream.close().await
///         })).await?
///     });
///     let mut text = String::new();
///     TcpStream::connect(address).await?.read_to_string(&mut text).await?;
///     assert_eq!(text, "hello");
///     stop.cancel();
///     assert_eq!(served.await.accepted, 1);
/// }).await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// ```
pub async fn serve<L, H, F>(listener: L, options: ServeOptions, handler: H) -> io::Result<Served>
where
    L: Accept,
    H: Fn(L::Stream, L::Peer) -> F,
    F: Future<Output: TaskOutput> + Send + 'static,
{
    let around = cancel::current();
    let mut server = Server {
        shared: Arc::new(Shared {
            options,
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }),
        accepted: 0,
    };
    // The group sees to the grace period itself; nothing else may cut it off.
    let broken = cancel::shield(server.run(listener, handler, around)).await;
    match broken {
        Some(error) => Err(error),
        None => Ok(server.served()),
    }
}

struct Server {
    shared: Arc<Shared>,
    accepted: u64,
}

impl Server {
    /// Serves until `around` is cancelled, or the listener breaks; returns why it
    /// has.
    async fn run<L, H, F>(
        &mut self,
        listener: L,
        handler: H,
        around: CancelScope,
    ) -> Option<io::Error>
    where
        L: Accept,
        H: Fn(L::Stream, L::Peer) -> F,
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        let connections = GroupOptions::new().policy(Policy::IgnoreErrors);
        let connections = match self.shared.options.limit {
            Some(limit) => connections.limit(limit),
            None => connections,
        };
        let anchor = open(connections);
        let core = Core::new(&anchor);
        let g = core.group();
        let mut broken = None;
        let ended = core.drive(async {
            {
                let accepting = pin!(self.accept(g, &listener, &handler));
                let cancelled = pin!(around.cancelled());
                if let Either::Left((error, _)) = select(accepting, cancelled).await {
                    broken = Some(error);
                }
            }
            // Nobody is to wait in its queue while the others are served.
            drop(listener);
            let reason = match &broken {
                Some(_) => CancelReason::Message("the listener is broken".into()),
                None => CancelReason::Shutdown,
            };
            g.scope()
                .cancel_after_with(self.shared.options.grace, reason);
        });
        // It says no more than that connections were cut off: no error of one gets
        // here, and the body has none.
        let _: Result<(), GroupError> = ended.await;
        broken
    }

    /// Accepts connections until that fails for good.
    async fn accept<L, H, F>(&mut self, g: &TaskGroup<'_>, listener: &L, handler: &H) -> io::Error
    where
        L: Accept,
        H: Fn(L::Stream, L::Peer) -> F,
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        let mut back_off = BACK_OFF;
        loop {
            g.ready().await;
            match listener.accept().await {
                Ok((stream, peer)) => {
                    back_off = BACK_OFF;
                    self.accepted += 1;
                    let connection = handler(stream, peer);
                    self.spawn(g, connection);
                }
                Err(error) if was_the_peers(&error) => {}
                Err(error) if is_broken(&error) => return error,
                // Descriptors or memory are short: others have to give some back.
                Err(error) => {
                    self.shared.options.tell(&error.into());
                    sleep(back_off).await;
                    back_off = (back_off * 2).min(BACK_OFF_MOST);
                }
            }
        }
    }

    /// Serves a connection in a task of its own.
    ///
    /// By combinators, and not in an `async` block: that would have room for the
    /// connection twice, where it is before it begins and where it is awaited.
    fn spawn<F>(&self, g: &TaskGroup<'_>, connection: F)
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        let shared = self.shared.clone();
        let note = move |outcome| shared.note(outcome);
        let connection = connection.map(|output| output.into_result().map(drop));
        match self.shared.options.timeout {
            None => drop(g.spawn(connection.map(note))),
            Some(limit) => {
                let within = cancel::timeout(limit, connection);
                let outcome = within.map(|outcome| outcome.unwrap_or_else(|e| Err(e.into())));
                drop(g.spawn(outcome.map(note)));
            }
        }
    }

    fn served(&self) -> Served {
        Served {
            accepted: self.accepted,
            // Relaxed, both: the group has ended.
            done: self.shared.done.load(Ordering::Relaxed),
            failed: self.shared.failed.load(Ordering::Relaxed),
        }
    }
}

/// Whether the connection was gone before it was accepted.
fn was_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Whether accepting can never succeed again.
fn is_broken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::NotConnected | io::ErrorKind::Unsupported
    )
}
