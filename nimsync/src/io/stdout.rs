//! The standard output and error streams.

use super::blocking::BlockingIo;
use futures::io::AsyncWrite;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The standard output of the process.
///
/// It is written to on the blocking pool. Each handle has a buffer of its own:
/// `flush` it before another one, or `println!`, is to follow. When a handle is
/// dropped the rest is written, and the task does not end before.
///
/// # Cancel safety
///
/// As [`BlockingIo`].
///
/// # Examples
///
/// ```
/// use nimsync::io::AsyncWriteExt;
///
/// # nimsync::block_on(async {
/// let mut out = nimsync::io::stdout();
/// out.write_all(b"hello\n").await?;
/// out.flush().await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[must_use]
pub fn stdout() -> Stdout {
    Stdout(BlockingIo::new(io::stdout()))
}

/// The standard error stream of the process; as [`stdout`].
///
/// # Examples
///
/// ```
/// use nimsync::io::AsyncWriteExt;
///
/// # nimsync::block_on(async {
/// let mut err = nimsync::io::stderr();
/// err.write_all(b"oh\n").await?;
/// err.flush().await?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[must_use]
pub fn stderr() -> Stderr {
    Stderr(BlockingIo::new(io::stderr()))
}

/// The writer that [`stdout`] returns.
#[derive(Debug)]
pub struct Stdout(BlockingIo<io::Stdout>);

/// The writer that [`stderr`] returns.
#[derive(Debug)]
pub struct Stderr(BlockingIo<io::Stderr>);

macro_rules! delegate {
    ($($stream:ty),*) => {$(
        impl AsyncWrite for $stream {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.0).poll_write(cx, bytes)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_flush(cx)
            }

            fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_close(cx)
            }
        }
    )*};
}

delegate!(Stdout, Stderr);
