//! TCP, UDP and Unix sockets.
//!
//! # Purpose
//!
//! Sockets whose operations are awaited. Streams implement
//! [`futures::AsyncRead`] and [`futures::AsyncWrite`]; everything else is a method
//! that takes `&self`, so that several tasks may use one socket.
//!
//! # How it works
//!
//! A socket is registered, once, with the driver of the runtime that it was made
//! in, and taken out again when it is dropped. An operation is tried first; when
//! it would block, its task waits for the driver to tell that the socket is ready,
//! and tries again. Who wakes is decided by the socket's runtime, whatever runtime
//! or executor polls the future. When that runtime has ended, operations that
//! would block fail.
//!
//! Each operation draws from the task's budget, so a connection that always has
//! data does not keep others from running.
//!
//! # Cancel safety
//!
//! Dropping the future of `accept`, `recv`, `recv_from`, `send`, `send_to`, `peek`
//! loses nothing: either the operation was done and said so, or it has not begun.
//! The same holds for a single `read` and `write` of the stream traits;
//! `read_exact`, `write_all` and `copy` count their progress in the future, which
//! is lost with it.
//!
//! # Examples
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use nimsync::net::{TcpListener, TcpStream};
//! use nimsync::prelude::*;
//!
//! # nimsync::block_on(async {
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! task_group!(|g| {
//!     g.spawn(async move {
//!         let (mut stream, _) = listener.accept().await?;
//!         stream.write_all(b"hello").await?;
//!         std::io::Result::Ok(())
//!     });
//!     let mut text = String::new();
//!     TcpStream::connect(address).await?.read_to_string(&mut text).await?;
//!     assert_eq!(text, "hello");
//! }).await?;
//! # Ok::<(), nimsync::BoxError>(())
//! # }).unwrap();
//! ```

mod resolve;
mod serve;
mod socket;
mod stream;
mod tcp;
mod udp;
#[cfg(unix)]
mod unix;

pub use resolve::{Endpoint, ToEndpoint, lookup};
pub use serve::{Accept, ServeOptions, Served, serve};
pub use tcp::{TcpListener, TcpReadHalf, TcpStream, TcpWriteHalf};
pub use udp::UdpSocket;
#[cfg(unix)]
pub use unix::{UnixDatagram, UnixListener, UnixReadHalf, UnixStream, UnixWriteHalf};
