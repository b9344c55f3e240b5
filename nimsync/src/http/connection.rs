//! One connection of a server, from its first byte to its last.

use super::io::Io;
use super::rt::Executor;
use super::serve::ServeOptions;
use crate::cancel::{self, CancelScope};
use crate::group::{Core, GroupOptions, Policy, Spawner, open};
use crate::task::{BoxError, PanicCause};
use crate::time::sleep;
use futures::FutureExt;
use futures::future::Either;
use futures::io::{AsyncRead, AsyncWrite};
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::server::conn::auto;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use std::{fmt, io};

/// By which connection a request has come.
///
/// [`serve`](super::serve()) puts it into the extensions of each request.
///
/// # Examples
///
/// ```
/// use nimsync::http::{Connection, Incoming, Request};
/// use std::net::SocketAddr;
///
/// fn from_here(request: &Request<Incoming>) -> bool {
///     let connection = request.extensions().get::<Connection<SocketAddr>>();
///     connection.is_some_and(|connection| connection.peer().ip().is_loopback())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Connection<P> {
    peer: P,
    spawner: Spawner,
}

impl<P> Connection<P> {
    /// Returns who is at the other end.
    pub fn peer(&self) -> &P {
        &self.peer
    }

    /// Returns the spawner of the connection's group.
    ///
    /// For what goes on after the response: a WebSocket, work that the response does
    /// not wait for. The server does not end before it.
    pub fn spawner(&self) -> &Spawner {
        &self.spawner
    }
}

/// A service as one connection has it.
struct OfConnection<S, P> {
    service: S,
    connection: Connection<P>,
    asked: Arc<AtomicBool>,
}

impl<S, P> Service<Request<Incoming>> for OfConnection<S, P>
where
    S: Service<Request<Incoming>>,
    P: Clone + Send + Sync + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        // Relaxed: a flag by itself.
        self.asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(self.connection.clone());
        self.service.call(request)
    }
}

/// Serves one connection until it ends, or is asked to and has answered what it was
/// asked.
pub(super) fn run<T, P, S, B>(
    stream: T,
    peer: P,
    service: S,
    options: ServeOptions,
) -> impl Future<Output = Result<(), BoxError>> + Send
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    P: Clone + Send + Sync + 'static,
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let catch = options.catches_panics();
    let connection = connect(stream, peer, service, options);
    // Not in an `async` block, which would have room for the connection twice.
    if !catch {
        return Either::Left(connection);
    }
    let caught = AssertUnwindSafe(connection).catch_unwind();
    Either::Right(caught.map(|outcome| match outcome {
        Ok(result) => result,
        Err(payload) => Err(Panicked(PanicCause::new(&*payload)).into()),
    }))
}

async fn connect<T, P, S, B>(
    stream: T,
    peer: P,
    service: S,
    options: ServeOptions,
) -> Result<(), BoxError>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    P: Clone + Send + Sync + 'static,
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let around = cancel::current();
    // What the connection spawns, streams of HTTP/2 for one, ends with it. None of it
    // fails: errors are hyper's, and come out of the connection.
    let anchor = open(GroupOptions::new().policy(Policy::IgnoreErrors));
    let core = Core::new(&anchor);
    let spawner = core.group().spawner();
    let asked = Arc::new(AtomicBool::new(false));
    let service = OfConnection {
        service,
        connection: Connection {
            peer,
            spawner: spawner.clone(),
        },
        asked: asked.clone(),
    };
    let mut result = Ok(());
    let ended = core.drive(async {
        let builder = options.builder(Executor::new(&spawner));
        let connection = pin!(builder.serve_connection_with_upgrades(Io::new(stream), service));
        result = drive(connection, &around, &asked, options.header_limit()).await;
    });
    // It can say only that it was cut off, and then it does not come back.
    let _ = ended.await;
    result
}

/// A connection that hyper serves.
trait Graceful: Future<Output = Result<(), BoxError>> {
    /// Has it end when it has answered what it was asked.
    fn finish(self: Pin<&mut Self>);
}

impl<T, S, B> Graceful for auto::UpgradeableConnection<'_, T, S, Executor>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
    T: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Polls a connection to its end, which comes soon once `around` has been cancelled.
async fn drive<C: Graceful>(
    mut connection: Pin<&mut C>,
    around: &CancelScope,
    asked: &AtomicBool,
    limit: Duration,
) -> Result<(), BoxError> {
    let mut cancelled = pin!(around.cancelled());
    let mut first_request = pin!(sleep(limit));
    let mut finishing = false;
    let result = poll_fn(|cx| {
        if !finishing && cancelled.as_mut().poll(cx).is_ready() {
            finishing = true;
            connection.as_mut().finish();
        }
        if let Poll::Ready(result) = connection.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        // hyper limits the time for headers, but not for what comes before them:
        // a TLS handshake, the bytes that tell the version.
        if !asked.load(Ordering::Relaxed) && first_request.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(no_request(limit).into()));
        }
        Poll::Pending
    })
    .await;
    // Relaxed, here and above: a flag by itself.
    if finishing && !asked.load(Ordering::Relaxed) {
        // Nobody is disappointed that it was closed before it was of use.
        return Ok(());
    }
    result
}

fn no_request(limit: Duration) -> io::Error {
    let message = format!("no request came within {limit:?}");
    io::Error::new(io::ErrorKind::TimedOut, message)
}

/// The error of a connection whose handler has panicked.
#[derive(Debug)]
struct Panicked(PanicCause);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a handler panicked: {}", self.0.message())
    }
}

impl std::error::Error for Panicked {}
