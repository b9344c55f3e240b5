//! How a client comes to its connections.

#[cfg(feature = "tls")]
use super::https::Https;
use super::io::Io;
#[cfg(not(feature = "tls"))]
use super::no_https::Https;
use crate::net::TcpStream;
use futures::io::{AsyncRead, AsyncWrite};
use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Connects to the servers of `http`, and with the feature `tls` of `https`, addresses.
///
/// For the client of `hyper-util`; [`Executor`](super::Executor) has an example.
#[derive(Clone, Debug, Default)]
pub struct Connector {
    https: Https,
}

impl Connector {
    /// Makes a connector.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Connects to `https` addresses by `tls`. Needs the feature `tls`.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_tls(tls: &crate::tls::Connector) -> Self {
        Self {
            https: Https::new(tls),
        }
    }

    async fn connect(self, uri: Uri) -> io::Result<Transport> {
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what);
        let host = uri.host().ok_or_else(|| wrong("the address has no host"))?;
        // IPv6 addresses are in brackets there, and nowhere else.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16();
        match uri.scheme_str() {
            Some("http") => {
                let stream = tcp(host, port.unwrap_or(80)).await?;
                Ok(transport(stream))
            }
            Some("https") => self.https.connect(host, port.unwrap_or(443)).await,
            _ => Err(wrong(
                "the address begins neither with `http:` nor with `https:`",
            )),
        }
    }
}

pub(super) async fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    // A request is written at once; waiting for more only delays it.
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl tower_service::Service<Uri> for Connector {
    type Response = Transport;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Transport>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// A connection of a client: TCP, or TLS on it.
pub type Transport = Io<Box<dyn ClientStream>>;

/// What a client's connection is made of.
///
/// Not to be named outside: it is there so that [`Transport`] forwards calls in one
/// place, which is [`Io`].
pub trait ClientStream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Whether the server has agreed to HTTP/2.
    fn is_h2(&self) -> bool;
}

impl ClientStream for TcpStream {
    fn is_h2(&self) -> bool {
        false
    }
}

impl fmt::Debug for dyn ClientStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientStream").finish_non_exhaustive()
    }
}

/// Hands a stream to hyper.
pub(super) fn transport(stream: impl ClientStream + 'static) -> Transport {
    Io::new(Box::new(stream))
}

impl Connection for Transport {
    fn connected(&self) -> Connected {
        match self.get_ref().is_h2() {
            true => Connected::new().negotiated_h2(),
            false => Connected::new(),
        }
    }
}
