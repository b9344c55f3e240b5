//! The ends of pipes to a child process.

use crate::io::AsyncFd;
use crate::io::set_nonblocking;
use futures::io::{AsyncRead, AsyncWrite};
use std::io::{self, IoSlice, IoSliceMut, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};

/// The writing end of a child's standard input.
///
/// The child sees the end of its input when this is closed or dropped.
///
/// # Cancel safety
///
/// A write has written what it says, or nothing.
#[derive(Debug)]
pub struct ChildStdin {
    /// `None` when it was closed.
    pipe: Option<AsyncFd<PipeWriter>>,
}

/// The reading end of a child's standard output.
///
/// # Cancel safety
///
/// A read may be dropped at any time; nothing is lost.
#[derive(Debug)]
pub struct ChildStdout {
    pipe: AsyncFd<PipeReader>,
}

/// The reading end of a child's standard error stream.
///
/// # Cancel safety
///
/// A read may be dropped at any time; nothing is lost.
#[derive(Debug)]
pub struct ChildStderr {
    pipe: AsyncFd<PipeReader>,
}

impl ChildStdin {
    pub(super) fn new(pipe: impl Into<OwnedFd>) -> io::Result<Self> {
        Ok(Self {
            pipe: Some(AsyncFd::new(PipeWriter::from(pipe.into()))?),
        })
    }

    fn open(&mut self) -> io::Result<Pin<&mut AsyncFd<PipeWriter>>> {
        match &mut self.pipe {
            Some(pipe) => Ok(Pin::new(pipe)),
            None => Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the pipe was closed before",
            )),
        }
    }
}

impl AsyncWrite for ChildStdin {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.open()?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.open()?.poll_write_vectored(cx, bytes)
    }

    /// There is no buffer: it is always done.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Closes the pipe.
    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe = None;
        Poll::Ready(Ok(()))
    }
}

macro_rules! reading_end {
    ($($end:ident),*) => {$(
        impl $end {
            pub(super) fn new(pipe: impl Into<OwnedFd>) -> io::Result<Self> {
                Ok(Self {
                    pipe: AsyncFd::new(PipeReader::from(pipe.into()))?,
                })
            }

            /// Makes it the input of another command.
            ///
            /// # Errors
            ///
            /// What the operating system says.
            ///
            /// # Examples
            ///
            /// ```
            /// use nimsync::process::{Command, Stdio};
            ///
            /// # nimsync::block_on(async {
            /// let mut words = Command::new("echo")
            ///     .arg("b a c")
            ///     .stdout(Stdio::piped())
            ///     .spawn()?;
            /// let pipe = words.stdout.take().unwrap().into_stdio()?;
            /// let upper = Command::new("tr").args(["a-z", "A-Z"]).stdin(pipe).output().await?;
            /// assert_eq!(upper.stdout, b"B A C\n");
            /// assert!(words.wait().await?.success());
            /// # std::io::Result::Ok(())
            /// # }).unwrap();
            /// ```
            pub fn into_stdio(self) -> io::Result<Stdio> {
                let pipe = self.pipe.into_inner();
                // Programs do not expect that their input does not block.
                set_nonblocking(pipe.as_fd(), false)?;
                Ok(Stdio::from(OwnedFd::from(pipe)))
            }
        }

        impl AsyncRead for $end {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.pipe).poll_read(cx, bytes)
            }

            fn poll_read_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.pipe).poll_read_vectored(cx, bytes)
            }
        }

        impl AsFd for $end {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.pipe.as_fd()
            }
        }
    )*};
}

reading_end!(ChildStdout, ChildStderr);
