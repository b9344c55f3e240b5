//! How a client comes to its connections.

#[cfg(feature = "tls")]
use super::https::Https;
#[cfg(not(feature = "tls"))]
use super::no_https::Https;
use super::transport::{Transport, transport};
use crate::net::TcpStream;
use hyper::Uri;
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
