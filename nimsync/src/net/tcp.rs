//! TCP.

use super::resolve::{ToEndpoint, each};
use super::socket::Socket;
use super::stream::{Duplex, Reader, Writer, delegate, stream_types};
use futures::io::{AsyncRead, AsyncWrite};
use socket2::{SockRef, TcpKeepalive};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A socket that listens for TCP connections.
///
/// [`serve`](super::serve()) is the loop around it that most programs want.
///
/// # Examples
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use nimsync::net::{TcpListener, TcpStream};
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = listener.local_addr()?;
/// let answer = task_group!(|g| {
///     g.spawn(async move {
///         let (mut client, _) = listener.accept().await?;
///         client.write_all(b"hello").await?;
///     });
///     let mut server = TcpStream::connect(address).await?;
///     server.set_nodelay(true)?;
///     let mut answer = String::new();
///     server.read_to_string(&mut answer).await?;
///     Ok(answer)
/// })
/// .await?;
/// assert_eq!(answer, "hello");
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// ```
pub struct TcpListener {
    socket: Socket<mio::net::TcpListener>,
}

impl TcpListener {
    /// Binds to the first address that works.
    ///
    /// An address that is in the state `TIME_WAIT` may be taken. Port 0 lets the
    /// operating system choose; [`local_addr`](Self::local_addr) tells.
    ///
    /// # Errors
    ///
    /// What the operating system says of the last address; a name that does not
    /// resolve; use outside of a runtime.
    pub async fn bind(address: impl ToEndpoint) -> io::Result<Self> {
        each(address, async |address| {
            let socket = Socket::new(mio::net::TcpListener::bind(address)?)?;
            Ok(Self { socket })
        })
        .await
    }

    /// Takes a listener of the standard library over.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let socket = Socket::new(mio::net::TcpListener::from_std(listener))?;
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
    /// What the operating system says; among it that too many files are open,
    /// which passes, so do not give up on it.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, address) = self
            .socket
            .when_readable(&"accept", mio::net::TcpListener::accept)
            .await?;
        Ok((TcpStream::of(Duplex::new(stream)?), address))
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

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TcpListener")
            .field(&self.local_addr().ok())
            .finish()
    }
}

/// A TCP connection.
///
/// # Examples
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use nimsync::net::TcpStream;
/// use nimsync::prelude::*;
///
/// # async fn ask(address: &str) -> Result<String, nimsync::BoxError> {
/// let mut stream = with_timeout!(5.seconds(), TcpStream::connect(address)).await??;
/// stream.write_all(b"hello").await?;
/// stream.close().await?; // no more from this side
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
/// # Ok(answer)
/// # }
/// # nimsync::block_on(async {
/// # let listener = nimsync::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
/// # let address = listener.local_addr().unwrap().to_string();
/// # let echo = async {
/// #     let (stream, _) = listener.accept().await.unwrap();
/// #     let (mut read, mut write) = stream.into_split();
/// #     futures::io::copy(&mut read, &mut write).await.unwrap();
/// #     write.close().await.unwrap();
/// # };
/// # assert_eq!(futures::join!(ask(&address), echo).0.unwrap(), "hello");
/// # });
/// ```
pub struct TcpStream {
    read: TcpReadHalf,
    write: TcpWriteHalf,
}

stream_types!(TcpStream, TcpReadHalf, TcpWriteHalf, mio::net::TcpStream);

impl TcpStream {
    /// Connects to the first address that answers.
    ///
    /// # Cancel safety
    ///
    /// A connection that is being made is given up.
    ///
    /// # Errors
    ///
    /// What became of the last address; a name that does not resolve; use outside
    /// of a runtime.
    pub async fn connect(address: impl ToEndpoint) -> io::Result<Self> {
        each(address, async |address| {
            let stream = mio::net::TcpStream::connect(address)?;
            Ok(Self::of(Duplex::new(stream)?.connected().await?))
        })
        .await
    }

    /// Takes a stream of the standard library over.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let stream = mio::net::TcpStream::from_std(stream);
        Ok(Self::of(Duplex::new(stream)?))
    }

    /// Reads what has come without taking it away.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn peek(&self, bytes: &mut [u8]) -> io::Result<usize> {
        self.socket()
            .when_readable(&"peek", |socket| socket.peek(bytes))
            .await
    }

    /// Returns the address of this end.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket().local_addr()
    }

    /// Returns the address of the other end.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket().peer_addr()
    }

    /// Tells whether small writes are sent at once.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.socket().nodelay()
    }

    /// Sends small writes at once, in place of waiting for more to send with them.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.socket().set_nodelay(nodelay)
    }

    /// Has the operating system ask the other end whether it is alive, when
    /// nothing has come for `idle`; `None` ends that.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn set_keepalive(&self, idle: Option<Duration>) -> io::Result<()> {
        let socket = SockRef::from(&**self.socket());
        match idle {
            Some(idle) => socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle)),
            None => socket.set_keepalive(false),
        }
    }

    /// Has the connection be reset when it is dropped, and what was not yet sent
    /// be thrown away.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn reset_on_drop(&self) -> io::Result<()> {
        SockRef::from(&**self.socket()).set_linger(Some(Duration::ZERO))
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpStream")
            .field("local", &self.local_addr().ok())
            .field("peer", &self.peer_addr().ok())
            .finish()
    }
}
