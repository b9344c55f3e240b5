//! Sockets within one machine.

use super::socket::Socket;
use super::stream::{Duplex, Reader, Writer, delegate, stream_types};
use futures::io::{AsyncRead, AsyncWrite};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::os::unix::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A socket that listens for connections at a path.
///
/// The file stays when it is dropped; remove it before binding again.
pub struct UnixListener {
    socket: Socket<mio::net::UnixListener>,
}

impl UnixListener {
    /// Binds to a path.
    ///
    /// # Errors
    ///
    /// What the operating system says, `AddrInUse` if the file exists; use outside
    /// of a runtime.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        let socket = Socket::new(mio::net::UnixListener::bind(path)?)?;
        Ok(Self { socket })
    }

    /// Waits for a connection.
    ///
    /// # Cancel safety
    ///
    /// A connection is either returned or stays in the queue.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        let (stream, address) = self
            .socket
            .when_readable(&"accept", mio::net::UnixListener::accept)
            .await?;
        Ok((UnixStream::of(Duplex::new(stream)?), address))
    }

    /// Returns the address that it is bound to.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnixListener")
            .field(&self.local_addr().ok())
            .finish()
    }
}

/// A connection within one machine.
///
/// # Examples
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use nimsync::net::UnixStream;
///
/// # nimsync::block_on(async {
/// let (mut a, mut b) = UnixStream::pair()?;
/// a.write_all(b"hello").await?;
/// a.close().await?;
/// let mut text = String::new();
/// b.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct UnixStream {
    read: UnixReadHalf,
    write: UnixWriteHalf,
}

stream_types!(
    UnixStream,
    UnixReadHalf,
    UnixWriteHalf,
    mio::net::UnixStream
);

impl UnixStream {
    /// Connects to a path.
    ///
    /// # Errors
    ///
    /// What the operating system says: `WouldBlock` if the listener's queue is
    /// full; use outside of a runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    /// use nimsync::net::{UnixListener, UnixStream};
    ///
    /// # nimsync::block_on(async {
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("socket");
    /// let listener = UnixListener::bind(&path)?;
    /// let mut client = UnixStream::connect(&path).await?;
    /// let (mut server, _) = listener.accept().await?;
    /// client.write_all(b"ping").await?;
    /// let mut bytes = [0; 4];
    /// server.read_exact(&mut bytes).await?;
    /// assert_eq!(&bytes, b"ping");
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn connect(path: impl AsRef<Path>) -> io::Result<Self> {
        let stream = mio::net::UnixStream::connect(path)?;
        Ok(Self::of(Duplex::new(stream)?.connected().await?))
    }

    /// Makes two streams that are connected to each other.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (a, b) = mio::net::UnixStream::pair()?;
        Ok((Self::of(Duplex::new(a)?), Self::of(Duplex::new(b)?)))
    }

    /// Takes a stream of the standard library over.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub fn from_std(stream: std::os::unix::net::UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let stream = mio::net::UnixStream::from_std(stream);
        Ok(Self::of(Duplex::new(stream)?))
    }

    /// Returns the address of the other end.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket().peer_addr()
    }
}

impl fmt::Debug for UnixStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnixStream")
            .field("peer", &self.peer_addr().ok())
            .finish()
    }
}

/// A socket for datagrams within one machine.
pub struct UnixDatagram {
    socket: Socket<mio::net::UnixDatagram>,
}

impl UnixDatagram {
    /// Binds to a path.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        let socket = Socket::new(mio::net::UnixDatagram::bind(path)?)?;
        Ok(Self { socket })
    }

    /// Makes two sockets that are connected to each other.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (a, b) = mio::net::UnixDatagram::pair()?;
        let (a, b) = (Socket::new(a)?, Socket::new(b)?);
        Ok((Self { socket: a }, Self { socket: b }))
    }

    /// Sends a datagram to the socket at the other end.
    ///
    /// # Cancel safety
    ///
    /// It is sent whole, or not at all.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.socket
            .when_writable(&"send", |socket| socket.send(bytes))
            .await
    }

    /// Sends a datagram to the socket at a path.
    ///
    /// # Cancel safety
    ///
    /// It is sent whole, or not at all.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn send_to(&self, bytes: &[u8], path: impl AsRef<Path>) -> io::Result<usize> {
        let path = path.as_ref();
        self.socket
            .when_writable(&"send", |socket| socket.send_to(bytes, path))
            .await
    }

    /// Receives a datagram; what does not fit into `bytes` is lost.
    ///
    /// # Cancel safety
    ///
    /// A datagram is returned, or stays in the queue.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn recv(&self, bytes: &mut [u8]) -> io::Result<usize> {
        self.socket
            .when_readable(&"recv", |socket| socket.recv(bytes))
            .await
    }

    /// As [`recv`](Self::recv), and tells who has sent it.
    ///
    /// # Cancel safety
    ///
    /// A datagram is returned, or stays in the queue.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn recv_from(&self, bytes: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket
            .when_readable(&"recv", |socket| socket.recv_from(bytes))
            .await
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnixDatagram").finish_non_exhaustive()
    }
}
