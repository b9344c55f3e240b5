//! Servers.

use super::{http_protocols, provider};
use crate::net::Accept;
use futures::io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls::pki_types::pem::{self, PemObject};
use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use futures_rustls::rustls::{self, ServerConfig, ServerConnection};
use futures_rustls::server::TlsStream;
use futures_rustls::{Accept as Handshake, TlsAcceptor};
use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

/// Returns settings for a server with this certificate.
///
/// `chain` begins with the certificate of the server; those that lead to an authority
/// follow it.
///
/// # Errors
///
/// If the key is not that of the certificate, or of a kind that is not known.
pub fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
}

/// As [`server_config`], with the chain and the key from PEM files.
///
/// It reads them at once: call it before the server begins, or in
/// [`unblock`](crate::unblock).
///
/// # Errors
///
/// As [`server_config`]; if a file cannot be read, or has not what it should have.
pub fn server_config_from_pem(
    chain: impl AsRef<Path>,
    key: impl AsRef<Path>,
) -> io::Result<ServerConfig> {
    let (chain, key) = (chain.as_ref(), key.as_ref());
    let read = |path: &Path, error: pem::Error| match error {
        pem::Error::Io(error) => {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        }
        other => wrong(path, &other),
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| read(chain, error))?;
    if certificates.is_empty() {
        return Err(wrong(chain, &"there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| read(key, error))?;
    server_config(certificates, private).map_err(|error| wrong(key, &error))
}

fn wrong(path: &Path, what: &dyn fmt::Display) -> io::Error {
    let message = format!("{}: {what}", path.display());
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// A listener whose connections are secure.
///
/// The handshake is done by who uses the connection, at the first read or write: one
/// client that is slow at it does not keep others from being accepted.
///
/// # Examples
///
/// ```no_run
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use nimsync::net::{ServeOptions, TcpListener, serve};
/// use nimsync::prelude::*;
/// use nimsync::tls::{Listener, server_config_from_pem};
///
/// # nimsync::block_on(async {
/// let config = server_config_from_pem("chain.pem", "key.pem")?;
/// let listener = Listener::new(TcpListener::bind("0.0.0.0:7443").await?, config);
/// serve(listener, ServeOptions::new().timeout(10.seconds()), async |mut stream, _| {
///     stream.write_all(b"hello").await?;
///     stream.close().await
/// }).await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct Listener<L> {
    listener: L,
    acceptor: TlsAcceptor,
}

impl<L: Accept> Listener<L> {
    /// Makes what `listener` accepts secure.
    pub fn new(listener: L, config: impl Into<Arc<ServerConfig>>) -> Self {
        Self {
            listener,
            acceptor: TlsAcceptor::from(config.into()),
        }
    }

    /// As [`new`](Self::new), offering HTTP/2 and HTTP/1.1.
    pub fn for_http(listener: L, mut config: ServerConfig) -> Self {
        config.alpn_protocols = http_protocols();
        Self::new(listener, config)
    }
}

impl<L> Accept for Listener<L>
where
    L: Accept,
    L::Stream: AsyncRead + AsyncWrite + Unpin,
{
    type Stream = ServerStream<L::Stream>;
    type Peer = L::Peer;

    async fn accept(&self) -> io::Result<(Self::Stream, Self::Peer)> {
        let (stream, peer) = self.listener.accept().await?;
        let handshake = self.acceptor.accept(stream);
        Ok((
            ServerStream {
                state: State::Handshake(handshake),
            },
            peer,
        ))
    }
}

impl<L> fmt::Debug for Listener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// The stream of a server.
pub struct ServerStream<T> {
    state: State<T>,
}

enum State<T> {
    Handshake(Handshake<T>),
    Open(TlsStream<T>),
    /// The handshake has failed, or was given up.
    Ended,
}

impl<T: AsyncRead + AsyncWrite + Unpin> ServerStream<T> {
    /// Shakes hands, if that was not done yet.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time; the next read, write or handshake goes on with it.
    ///
    /// # Errors
    ///
    /// If the client and the server do not agree, or the stream fails.
    pub async fn handshake(&mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| self.poll_open(cx).map_ok(drop)).await
    }

    /// Returns what was agreed on; nothing before the handshake.
    #[must_use]
    pub fn connection(&self) -> Option<&ServerConnection> {
        match &self.state {
            State::Open(stream) => Some(stream.get_ref().1),
            State::Handshake(_) | State::Ended => None,
        }
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut TlsStream<T>>>> {
        if let State::Handshake(handshake) = &mut self.state {
            let result = ready!(Pin::new(handshake).poll(cx));
            self.state = State::Ended;
            self.state = State::Open(result?);
        }
        Poll::Ready(match &mut self.state {
            State::Open(stream) => Ok(Pin::new(stream)),
            _ => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for ServerStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_read(cx, bytes)
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_read_vectored(cx, bytes)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ServerStream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write_vectored(cx, parts)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_flush(cx)
    }

    /// Tells the client that nothing more will come. A handshake that is not done yet is
    /// given up.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state {
            State::Open(stream) => Pin::new(stream).poll_close(cx),
            State::Handshake(_) | State::Ended => {
                drop(mem::replace(&mut self.state, State::Ended));
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl<T> fmt::Debug for ServerStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerStream").finish_non_exhaustive()
    }
}
