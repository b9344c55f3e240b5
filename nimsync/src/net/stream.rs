//! What TCP and Unix streams have in common: reading, writing, splitting.

use super::socket::Socket;
use crate::runtime::{Direction, SourceWait};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A stream of the operating system.
pub(super) trait Raw: mio::event::Source {
    fn read(&self, bytes: &mut [u8]) -> io::Result<usize>;
    fn read_vectored(&self, bytes: &mut [IoSliceMut<'_>]) -> io::Result<usize>;
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    fn write_vectored(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize>;
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
    /// Whether a connection that was begun is there; blocks if it is not yet.
    fn connected(&self) -> io::Result<()>;
}

macro_rules! raw {
    ($($stream:ty),*) => {$(
        impl Raw for $stream {
            fn read(&self, bytes: &mut [u8]) -> io::Result<usize> {
                Read::read(&mut &*self, bytes)
            }

            fn read_vectored(&self, bytes: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                Read::read_vectored(&mut &*self, bytes)
            }

            fn write(&self, bytes: &[u8]) -> io::Result<usize> {
                Write::write(&mut &*self, bytes)
            }

            fn write_vectored(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
                Write::write_vectored(&mut &*self, bytes)
            }

            fn shutdown(&self, how: Shutdown) -> io::Result<()> {
                self.shutdown(how)
            }

            fn connected(&self) -> io::Result<()> {
                if let Some(error) = self.take_error()? {
                    return Err(error);
                }
                match self.peer_addr() {
                    Ok(_) => Ok(()),
                    Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    Err(error) => Err(error),
                }
            }
        }
    )*};
}

raw!(mio::net::TcpStream);
#[cfg(unix)]
raw!(mio::net::UnixStream);

/// Both sides of a stream.
pub(super) struct Duplex<S: Raw> {
    pub(super) reader: Reader<S>,
    pub(super) writer: Writer<S>,
}

/// The side from which is read.
pub(super) struct Reader<S: Raw> {
    pub(super) socket: Arc<Socket<S>>,
    wait: SourceWait,
}

/// The side to which is written.
pub(super) struct Writer<S: Raw> {
    pub(super) socket: Arc<Socket<S>>,
    wait: SourceWait,
    /// Whether the other end is told when this is dropped.
    pub(super) shuts: bool,
}

impl<S: Raw> Duplex<S> {
    pub(super) fn new(io: S) -> io::Result<Self> {
        let socket = Arc::new(Socket::new(io)?);
        Ok(Self {
            reader: Reader {
                wait: socket.wait(Direction::Read, &"read"),
                socket: socket.clone(),
            },
            writer: Writer {
                wait: socket.wait(Direction::Write, &"write"),
                socket,
                shuts: false,
            },
        })
    }

    pub(super) fn socket(&self) -> &Socket<S> {
        &self.reader.socket
    }

    /// Waits until a connection that was begun is there.
    pub(super) async fn connected(self) -> io::Result<Self> {
        self.socket()
            .when_writable(&"connect", |socket| socket.connected())
            .await?;
        Ok(self)
    }
}

impl<S: Raw> Reader<S> {
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let wanted = bytes.len();
        self.wait.poll_bytes(cx, wanted, || self.socket.read(bytes))
    }

    pub(super) fn poll_read_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = bytes.iter().map(|part| part.len()).sum();
        self.wait
            .poll_bytes(cx, wanted, || self.socket.read_vectored(bytes))
    }
}

impl<S: Raw> Writer<S> {
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.wait
            .poll_bytes(cx, bytes.len(), || self.socket.write(bytes))
    }

    pub(super) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = bytes.iter().map(|part| part.len()).sum();
        self.wait
            .poll_bytes(cx, wanted, || self.socket.write_vectored(bytes))
    }

    /// Tells the other end that nothing more will come.
    pub(super) fn shut(&self) -> io::Result<()> {
        match self.socket.shutdown(Shutdown::Write) {
            // It has gone by itself.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            other => other,
        }
    }
}

impl<S: Raw> Drop for Writer<S> {
    fn drop(&mut self) {
        if self.shuts {
            // There is nobody to tell of an error; the other end has gone.
            let _ = self.shut();
        }
    }
}

/// Implements the traits of streams for a type by one of its fields.
macro_rules! delegate {
    (read $type:ty, $($field:tt).+) => {
        impl AsyncRead for $type {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.$($field).+.poll_read(cx, bytes)
            }

            fn poll_read_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                self.$($field).+.poll_read_vectored(cx, bytes)
            }
        }
    };
    (write $type:ty, $($field:tt).+) => {
        impl AsyncWrite for $type {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.$($field).+.poll_write(cx, bytes)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.$($field).+.poll_write_vectored(cx, bytes)
            }

            /// There is no buffer: it is always done.
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            /// Tells the other end that nothing more will come. Reading goes on.
            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.$($field).+.shut())
            }
        }
    };
}

/// Makes the public types of a kind of stream.
macro_rules! stream_types {
    ($stream:ident, $read:ident, $write:ident, $raw:ty) => {
        /// The half of a stream from which is read.
        pub struct $read(Reader<$raw>);

        /// The half of a stream to which is written.
        ///
        /// Dropping one that came from `into_split` tells the other end that nothing
        /// more will come.
        pub struct $write(Writer<$raw>);

        delegate!(read $stream, read.0);
        delegate!(write $stream, write.0);
        delegate!(read $read, 0);
        delegate!(write $write, 0);

        impl $stream {
            fn of(duplex: Duplex<$raw>) -> Self {
                Self {
                    read: $read(duplex.reader),
                    write: $write(duplex.writer),
                }
            }

            fn socket(&self) -> &Socket<$raw> {
                &self.read.0.socket
            }

            /// Lends the two halves, for one who reads beside another who writes.
            pub fn halves(&mut self) -> (&mut $read, &mut $write) {
                (&mut self.read, &mut self.write)
            }

            /// Splits the stream into halves that may go to different tasks.
            #[must_use]
            pub fn into_split(self) -> ($read, $write) {
                let Self { read, mut write } = self;
                write.0.shuts = true;
                (read, write)
            }

            /// Shuts down reading, writing, or both.
            ///
            /// # Errors
            ///
            /// What the operating system says.
            pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
                self.socket().shutdown(how)
            }

            /// Returns what has gone wrong in the background, once.
            ///
            /// # Errors
            ///
            /// If the operating system does not say.
            pub fn take_error(&self) -> io::Result<Option<io::Error>> {
                self.socket().take_error()
            }
        }
    };
}

pub(super) use {delegate, stream_types};
