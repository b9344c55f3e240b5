//! Descriptors that nimsync knows nothing of.

use crate::runtime::{Direction, Source, SourceWait, Token, current_driver};
use futures::io::{AsyncRead, AsyncWrite};
use mio::unix::SourceFd;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interest {
    /// That there is something to read, or that nothing more will come.
    Readable,
    /// That there is room to write, or that nobody will read any more.
    Writable,
}

impl Interest {
    fn direction(self) -> Direction {
        match self {
            Self::Readable => Direction::Read,
            Self::Writable => Direction::Write,
        }
    }

    fn label(self) -> &'static &'static str {
        match self {
            Self::Readable => &"a descriptor to read",
            Self::Writable => &"a descriptor to write",
        }
    }
}

/// Waits for a descriptor of any kind, in the driver of the runtime.
///
/// It is for what the operating system can watch and nimsync has no type for:
/// pipes, terminals, devices, `inotify`, `eventfd`, sockets of a C library. It is
/// registered when it is made, with the runtime of the calling task, and taken out
/// again when it is dropped; the descriptor is closed with the value that owns it.
///
/// An operation is tried first. When it would block, the task waits until the
/// driver tells of the descriptor, and tries again. What is ready stays ready
/// until an operation has said that it would block, so nothing is lost by coming
/// late, and an operation need not take all there is.
///
/// Where `&T` can be read or written, as a pipe's ends or a socket can, so can
/// this: it implements [`AsyncRead`] and [`AsyncWrite`].
///
/// # Cancel safety
///
/// All waits hold nothing: an operation was done and said so, or was not done.
///
/// # Examples
///
/// ```
/// use nimsync::io::{AsyncFd, AsyncReadExt, AsyncWriteExt};
///
/// # nimsync::block_on(async {
/// let (reader, writer) = std::io::pipe()?;
/// let (mut reader, mut writer) = (AsyncFd::new(reader)?, AsyncFd::new(writer)?);
/// writer.write_all(b"through a pipe").await?;
/// drop(writer);
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "through a pipe");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub struct AsyncFd<T: AsFd> {
    watched: Watched<T>,
    read: SourceWait,
    write: SourceWait,
}

/// A descriptor in the driver, for as long as this lives.
struct Watched<T: AsFd> {
    /// `None` when it was taken out, by what drops the rest as well.
    io: Option<T>,
    source: Arc<Source>,
    token: Token,
}

impl<T: AsFd> AsyncFd<T> {
    /// Makes the descriptor non-blocking and has it watched.
    ///
    /// Being non-blocking is a property of what the descriptor refers to. If other
    /// processes have it as well, as they have an inherited terminal, it is so for
    /// them too; use [`with_blocking_kept`](Self::with_blocking_kept) then.
    ///
    /// # Errors
    ///
    /// `Unsupported` for what is never waited for, as files and folders are (see
    /// [`crate::fs`]); what else the operating system says; use outside of a
    /// runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # nimsync::block_on(async {
    /// let file = std::fs::File::open("Cargo.toml").unwrap();
    /// let error = nimsync::io::AsyncFd::new(file).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
    /// # });
    /// ```
    pub fn new(io: T) -> io::Result<Self> {
        let watched = Self::with_blocking_kept(io)?;
        set_nonblocking(watched.get_ref().as_fd(), true)?;
        Ok(watched)
    }

    /// As [`new`](Self::new), and leaves the descriptor as blocking as it is.
    ///
    /// Operations on a blocking descriptor hold up a worker when they turn out to
    /// have to wait.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_blocking_kept(io: T) -> io::Result<Self> {
        let fd = io.as_fd().as_raw_fd();
        let added = current_driver()?.add(&mut SourceFd(&fd));
        let (source, token) = added.map_err(never_waited_for)?;
        Ok(Self {
            read: SourceWait::new(&source, Direction::Read, &"read"),
            write: SourceWait::new(&source, Direction::Write, &"write"),
            watched: Watched {
                io: Some(io),
                source,
                token,
            },
        })
    }

    /// Calls `operation` until it does something else than to fail with
    /// `WouldBlock`, and waits before each further call.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time: the last call has failed with `WouldBlock`.
    ///
    /// # Errors
    ///
    /// What `operation` returns; that the runtime has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::io::{AsyncFd, Interest};
    /// use std::net::UdpSocket;
    ///
    /// # nimsync::block_on(async {
    /// let socket = AsyncFd::new(UdpSocket::bind("127.0.0.1:0")?)?;
    /// let own = socket.get_ref().local_addr()?;
    /// socket.async_io(Interest::Writable, |socket| socket.send_to(b"hello", own)).await?;
    /// let mut bytes = [0; 16];
    /// let read = socket.async_io(Interest::Readable, |socket| socket.recv(&mut bytes)).await?;
    /// assert_eq!(&bytes[..read], b"hello");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut operation: impl FnMut(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let io = self.get_ref();
        let mut wait = self.wait(interest);
        poll_fn(|cx| wait.poll_io(cx, || operation(io))).await
    }

    /// Waits until an operation is worth a try.
    ///
    /// It is ready until a [`try_io`](Self::try_io) has found that it was not: an
    /// operation made by other means does not make this wait.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time.
    ///
    /// # Examples
    ///
    /// ```
    /// use nimsync::io::{AsyncFd, Interest};
    /// use std::io::{ErrorKind, Read, Write};
    ///
    /// # nimsync::block_on(async {
    /// let (reader, mut writer) = std::io::pipe()?;
    /// let reader = AsyncFd::new(reader)?;
    /// let mut byte = [0];
    /// let early = reader.try_io(Interest::Readable, |mut pipe| pipe.read(&mut byte));
    /// assert_eq!(early.unwrap_err().kind(), ErrorKind::WouldBlock);
    /// writer.write_all(b"x")?;
    /// reader.ready(Interest::Readable).await;
    /// assert_eq!(reader.try_io(Interest::Readable, |mut pipe| pipe.read(&mut byte))?, 1);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub async fn ready(&self, interest: Interest) {
        let mut wait = self.wait(interest);
        poll_fn(|cx| wait.poll_worth(cx)).await;
    }

    /// Calls `operation` once, if it is worth a try; never waits.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not worth a try, or fails with that; what else
    /// `operation` returns; that the runtime has ended.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let io = self.get_ref();
        let direction = interest.direction();
        self.watched.source.try_io(direction, || operation(io))
    }

    /// Returns what has the descriptor.
    pub fn get_ref(&self) -> &T {
        match &self.watched.io {
            Some(io) => io,
            None => unreachable!("`into_inner` takes the rest as well"),
        }
    }

    /// Ends watching it, and gives it back. It stays non-blocking.
    pub fn into_inner(mut self) -> T {
        self.watched.end();
        match self.watched.io.take() {
            Some(io) => io,
            None => unreachable!("this is the only place that takes it"),
        }
    }

    fn wait(&self, interest: Interest) -> SourceWait {
        SourceWait::new(&self.watched.source, interest.direction(), interest.label())
    }
}

impl<T: AsFd> Watched<T> {
    fn end(&self) {
        if let Some(io) = &self.io {
            // Asked for anew: if the value has another descriptor by now, the old
            // number may be a stranger's.
            let fd = io.as_fd().as_raw_fd();
            let driver = self.source.driver();
            driver.remove(&mut SourceFd(&fd), &self.token);
        }
    }
}

impl<T: AsFd> Drop for Watched<T> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Makes a descriptor block, or not.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>, nonblocking: bool) -> io::Result<()> {
    // It is a flag of any descriptor, not only of sockets.
    socket2::SockRef::from(&fd).set_nonblocking(nonblocking)
}

fn never_waited_for(error: io::Error) -> io::Error {
    match error.kind() {
        // What `epoll` says of files and folders.
        io::ErrorKind::PermissionDenied => io::Error::new(
            io::ErrorKind::Unsupported,
            "the operating system does not wait for such a descriptor: use `nimsync::fs` for files",
        ),
        _ => error,
    }
}

impl<T: AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsFd + Unpin> AsyncRead for AsyncFd<T>
where
    for<'a> &'a T: Read,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let Some(mut io) = this.watched.io.as_ref() else {
            unreachable!("as in `get_ref`");
        };
        this.read.poll_io(cx, || io.read(bytes))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let Some(mut io) = this.watched.io.as_ref() else {
            unreachable!("as in `get_ref`");
        };
        this.read.poll_io(cx, || io.read_vectored(bytes))
    }
}

impl<T: AsFd + Unpin> AsyncWrite for AsyncFd<T>
where
    for<'a> &'a T: Write,
{
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let Some(mut io) = this.watched.io.as_ref() else {
            unreachable!("as in `get_ref`");
        };
        this.write.poll_io(cx, || io.write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let Some(mut io) = this.watched.io.as_ref() else {
            unreachable!("as in `get_ref`");
        };
        this.write.poll_io(cx, || io.write_vectored(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let Some(mut io) = this.watched.io.as_ref() else {
            unreachable!("as in `get_ref`");
        };
        this.write.poll_io(cx, || io.flush())
    }

    /// Flushes. What tells the other end is closing the descriptor: drop this.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncFd").field(self.get_ref()).finish()
    }
}
