//! UDP.

use super::resolve::{ToEndpoint, each, lookup};
use super::socket::Socket;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// A UDP socket.
///
/// # Examples
///
/// ```
/// use nimsync::net::UdpSocket;
///
/// # nimsync::block_on(async {
/// let a = UdpSocket::bind("127.0.0.1:0").await?;
/// let b = UdpSocket::bind("127.0.0.1:0").await?;
/// a.send_to(b"hello", b.local_addr()?).await?;
/// let mut bytes = [0; 16];
/// let (length, from) = b.recv_from(&mut bytes).await?;
/// assert_eq!((&bytes[..length], from), (&b"hello"[..], a.local_addr()?));
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct UdpSocket {
    socket: Socket<mio::net::UdpSocket>,
}

impl UdpSocket {
    /// Binds to the first address that works.
    ///
    /// # Errors
    ///
    /// What the operating system says of the last address; a name that does not
    /// resolve; use outside of a runtime.
    pub async fn bind(address: impl ToEndpoint) -> io::Result<Self> {
        each(address, async |address| {
            let socket = Socket::new(mio::net::UdpSocket::bind(address)?)?;
            Ok(Self { socket })
        })
        .await
    }

    /// Takes a socket of the standard library over.
    ///
    /// # Errors
    ///
    /// What the operating system says; use outside of a runtime.
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let socket = Socket::new(mio::net::UdpSocket::from_std(socket))?;
        Ok(Self { socket })
    }

    /// Sends to, and receives from, one address only from now on.
    ///
    /// # Errors
    ///
    /// What the operating system says of the last address.
    pub async fn connect(&self, address: impl ToEndpoint) -> io::Result<()> {
        each(address, async |address| self.socket.connect(address)).await
    }

    /// Sends a datagram to the address that the socket is connected to.
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

    /// Sends a datagram to the first of the addresses.
    ///
    /// # Cancel safety
    ///
    /// It is sent whole, or not at all.
    ///
    /// # Errors
    ///
    /// What the operating system says; a name that does not resolve.
    pub async fn send_to(&self, bytes: &[u8], to: impl ToEndpoint) -> io::Result<usize> {
        let to = lookup(to).await?.first().copied().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the name has no address")
        })?;
        self.socket
            .when_writable(&"send", |socket| socket.send_to(bytes, to))
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

    /// As [`recv_from`](Self::recv_from), and leaves the datagram in the queue.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub async fn peek_from(&self, bytes: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket
            .when_readable(&"peek", |socket| socket.peek_from(bytes))
            .await
    }

    /// Returns the address that it is bound to.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Returns the address that it is connected to.
    ///
    /// # Errors
    ///
    /// `NotConnected`, and what else the operating system says.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// Allows datagrams to broadcast addresses.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn set_broadcast(&self, allowed: bool) -> io::Result<()> {
        self.socket.set_broadcast(allowed)
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UdpSocket")
            .field(&self.local_addr().ok())
            .finish()
    }
}
