//! Streams, as hyper sees them.

use futures::io::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// How much is read at a time; a socket seldom has more.
const CHUNK: usize = 16 * 1024;

thread_local! {
    /// Where streams read to, before hyper gets what has come.
    ///
    /// hyper's room is not initialized, and [`AsyncRead`] asks for bytes that are.
    /// To clear the room for each read, most of which bring a line or nothing, was
    /// two thirds of what a small request cost outside of the kernel.
    static SCRATCH: Cell<Option<Box<[u8; CHUNK]>>> = const { Cell::new(None) };
}

/// Calls `f` with the thread's scratch space, or with a new one if a stream inside
/// of this one uses that already.
fn with_scratch<R>(f: impl FnOnce(&mut [u8; CHUNK]) -> R) -> R {
    let taken = SCRATCH.take();
    let mut scratch = taken.unwrap_or_else(|| Box::new([0; CHUNK]));
    let result = f(&mut scratch);
    SCRATCH.set(Some(scratch));
    result
}

/// A stream that hyper can use: any type with [`AsyncRead`] and [`AsyncWrite`].
///
/// And the other way round: what hyper hands out, such as an upgraded connection,
/// can be used with the traits of `futures` when it is wrapped.
///
/// # Examples
///
/// ```no_run
/// use nimsync::http::{Executor, Io, Timer, hyper};
/// use nimsync::net::TcpStream;
/// use nimsync::prelude::*;
///
/// # nimsync::block_on(async {
/// // A connection without any convenience: its task is a child like another.
/// task_group!(|g| {
///     let stream = TcpStream::connect("example.org:80").await?;
///     let (mut send, connection) = hyper::client::conn::http1::handshake(Io::new(stream)).await?;
///     g.spawn(connection);
///     let request = hyper::Request::get("/").header("host", "example.org").body(String::new())?;
///     println!("{}", send.send_request(request).await?.status());
/// }).await?;
/// # Ok::<(), nimsync::BoxError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Io<T> {
    stream: T,
}

impl<T> Io<T> {
    /// Wraps a stream.
    pub fn new(stream: T) -> Self {
        Self { stream }
    }

    /// Returns the stream.
    pub fn into_inner(self) -> T {
        self.stream
    }

    /// Borrows the stream.
    pub fn get_ref(&self) -> &T {
        &self.stream
    }

    /// Borrows the stream mutably.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.stream
    }
}

impl<T: AsyncRead + Unpin> Read for Io<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let room = cursor.remaining().min(CHUNK);
        with_scratch(|scratch| {
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut scratch[..room]))?;
            // Panics for a stream that tells of more than there was room for.
            cursor.put_slice(&scratch[..read]);
            Poll::Ready(Ok(()))
        })
    }
}

impl<T: AsyncWrite + Unpin> Write for Io<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }

    /// Always: streams that cannot write several parts at once write the first.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }
}

impl<T: Read + Unpin> AsyncRead for Io<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(bytes);
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer.unfilled()))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl<T: Write + Unpin> AsyncWrite for Io<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
