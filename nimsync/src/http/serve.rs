//! The server.

use super::connection;
use super::rt::{Executor, Timer};
use crate::cancel::TimeLimit;
use crate::net::{self, Accept, Served};
use crate::task::BoxError;
use futures::io::{AsyncRead, AsyncWrite};
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::server::conn::auto;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

/// How hyper is to serve a connection: its limits, buffers, versions.
pub type ConnectionBuilder = auto::Builder<Executor>;

type Configure = Arc<dyn Fn(&mut ConnectionBuilder) + Send + Sync>;

/// How to [`serve`](serve()) HTTP.
///
/// # Examples
///
/// ```
/// use nimsync::http::ServeOptions;
/// use nimsync::prelude::*;
///
/// let options = ServeOptions::new()
///     .limit(1000)
///     .grace(5.seconds())
///     .header_timeout(10.seconds())
///     .configure(|builder| {
///         builder.http1().max_headers(50);
///         builder.http2().max_concurrent_streams(100);
///     })
///     .on_error(|error| eprintln!("connection: {error}"));
/// ```
#[derive(Clone)]
#[must_use = "options do nothing by themselves"]
pub struct ServeOptions {
    connections: net::ServeOptions,
    header_limit: Duration,
    catch_panics: bool,
    configure: Option<Configure>,
}

impl ServeOptions {
    /// No limit to the number of connections, ten seconds for what is in flight when
    /// the server ends, thirty seconds for the headers of a request.
    pub fn new() -> Self {
        Self {
            connections: net::ServeOptions::new().grace(Duration::from_secs(10)),
            header_limit: Duration::from_secs(30),
            catch_panics: false,
            configure: None,
        }
    }

    /// Serves at most `connections` at once. Further ones wait in the listener's
    /// queue.
    ///
    /// # Panics
    ///
    /// If `connections` is zero.
    pub fn limit(mut self, connections: usize) -> Self {
        self.connections = self.connections.limit(connections);
        self
    }

    /// How long what is in flight may go on when the server is cancelled; 10 s by
    /// default.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.connections = self.connections.grace(grace);
        self
    }

    /// Closes a connection by which no request has come for so long; 30 s by default.
    ///
    /// It limits the time from the beginning of a connection to its first request
    /// (for TLS, the handshake as well) and, with HTTP/1, from one request to the
    /// end of the next one's headers. Idle connections of HTTP/2 are not closed.
    pub fn header_timeout(mut self, limit: impl TimeLimit) -> Self {
        self.header_limit = limit.into_limit();
        self
    }

    /// Has a panic of the service end its connection only.
    ///
    /// Without it a panic ends the server, and goes on in the task that awaits the
    /// server: as in any group, nothing that went wrong is passed over. With it,
    /// `on_error` is told.
    pub fn catch_panics(mut self) -> Self {
        self.catch_panics = true;
        self
    }

    /// Calls `f` with each error: of a connection, or of the listener.
    pub fn on_error(mut self, f: impl Fn(&BoxError) + Send + Sync + 'static) -> Self {
        self.connections = self.connections.on_error(f);
        self
    }

    /// Calls `f` for each connection, to change how hyper serves it.
    ///
    /// Executor, timers and the limit for headers are set when it is called.
    pub fn configure(mut self, f: impl Fn(&mut ConnectionBuilder) + Send + Sync + 'static) -> Self {
        self.configure = Some(Arc::new(f));
        self
    }

    pub(super) fn builder(&self, executor: Executor) -> ConnectionBuilder {
        let mut builder = ConnectionBuilder::new(executor);
        builder
            .http1()
            .timer(Timer)
            .header_read_timeout(self.header_limit);
        builder.http2().timer(Timer);
        if let Some(configure) = &self.configure {
            configure(&mut builder);
        }
        builder
    }

    pub(super) fn header_limit(&self) -> Duration {
        self.header_limit
    }

    pub(super) fn catches_panics(&self) -> bool {
        self.catch_panics
    }
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("connections", &self.connections)
            .field("header_timeout", &self.header_limit)
            .field("catch_panics", &self.catch_panics)
            .finish_non_exhaustive()
    }
}

/// Serves HTTP/1 and HTTP/2 until the scope around it is cancelled.
///
/// Each connection is a task, as in [`net::serve`]. It is cloned a `service`:
/// [`service_fn`](super::service_fn), or a service of `tower`, such as the router of
/// `axum`, in a [`TowerToHyperService`](super::TowerToHyperService).
///
/// When the scope around is asked to end, the listener is closed, idle
/// connections are closed, and requests that are being answered have the grace
/// period to end. A handler sees that in
/// [`cancel::current`](crate::cancel::current()). Then it returns what it has done.
///
/// When a client goes away, the future that answers its request is dropped.
///
/// # Cancel safety
///
/// Dropping the future cuts off the connections.
///
/// # Errors
///
/// If the listener is broken. What goes wrong with a connection ends that connection
/// only; [`ServeOptions::on_error`] is told.
///
/// # Panics
///
/// If the service panics, unless [`ServeOptions::catch_panics`] was asked for.
///
/// # Examples
///
/// A server that ends when it is told to, after the requests in flight:
///
/// ```no_run
/// use nimsync::http::{self, Bytes, Full, Response, ServeOptions, service_fn};
/// use nimsync::net::TcpListener;
/// use nimsync::prelude::*;
///
/// #[nimsync::main]
/// async fn main() -> Result<(), nimsync::BoxError> {
///     let listener = TcpListener::bind("0.0.0.0:8080").await?;
///     let scope = CancelScope::new();
///     task_group!(|g| {
///         let stop = scope.clone();
///         g.service(async move {
///             nimsync::signal::ctrl_c().await?;
///             // The server sees to its grace period itself.
///             stop.cancel();
///             std::io::Result::Ok(())
///         });
///         let service = service_fn(async |_| {
///             Ok::<_, nimsync::BoxError>(Response::new(Full::new(Bytes::from("hello"))))
///         });
///         let served = scope.run(http::serve(listener, ServeOptions::new(), service)).await??;
///         println!("{} connections", served.accepted);
///     })
///     .await?;
///     Ok(())
/// }
/// ```
pub async fn serve<L, S, B>(listener: L, options: ServeOptions, service: S) -> io::Result<Served>
where
    L: Accept,
    L::Stream: AsyncRead + AsyncWrite + Unpin,
    L::Peer: Clone + Sync,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let connections = options.connections.clone();
    net::serve(listener, connections, move |stream, peer| {
        connection::run(stream, peer, service.clone(), options.clone())
    })
    .await
}
