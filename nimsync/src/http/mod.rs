//! HTTP servers and clients, by [`hyper`] on this runtime.
//!
//! Needs the feature `hyper`; `https` needs `tls` as well.
//!
//! # Purpose
//!
//! hyper speaks HTTP/1 and HTTP/2 and leaves to others who runs its tasks, who tells
//! the time and who reads from sockets. This module does: with [`Executor`],
//! [`Timer`] and [`Io`], which are all that other libraries on hyper need, too. On
//! top of them it has [`serve`], a server that ends gracefully, and [`Client`].
//!
//! # Invariants
//!
//! - *No orphans here either*: what hyper spawns becomes a child of a group. The
//!   tasks of a server's connection (streams of HTTP/2) end with the connection,
//!   the connections with the server. The connections of a client are services of
//!   the group that the client was made for: they end when its children have.
//! - *One clock*: all limits count the time of the runtime, also in tests that
//!   have stopped it.
//!
//! # Examples
//!
//! ```
//! use nimsync::http::{self, BodyExt, Bytes, Client, Full, Incoming, Request, Response};
//! use nimsync::net::TcpListener;
//! use nimsync::prelude::*;
//! use std::convert::Infallible;
//!
//! async fn hello(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
//!     Ok(Response::new(format!("you asked for {}", request.uri().path()).into()))
//! }
//!
//! # nimsync::block_on(async {
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let answer = task_group!(|g| {
//!     // A service: it is asked to end when the rest is done.
//!     g.service(http::serve(listener, http::ServeOptions::new(), http::service_fn(hello)));
//!     let client = Client::new(&g.spawner());
//!     let response = client.get(&format!("http://{address}/tea")).await?;
//!     Ok::<_, nimsync::BoxError>(response.into_body().collect().await?.to_bytes())
//! }).await?;
//! assert_eq!(answer, "you asked for /tea");
//! # Ok::<(), nimsync::BoxError>(())
//! # }).unwrap();
//! ```

mod client;
mod connect;
mod connection;
mod error;
#[cfg(feature = "tls")]
mod https;
mod io;
#[cfg(not(feature = "tls"))]
mod no_https;
mod rt;
mod serve;
mod transport;

pub use client::{Client, ClientBuilder};
pub use connect::Connector;
pub use connection::Connection;
pub use error::ClientError;
pub use io::Io;
pub use rt::{Executor, Timer};
pub use serve::{ConnectionBuilder, ServeOptions, serve};
pub use transport::Transport;

pub use bytes::Bytes;
pub use http_body_util::{BodyExt, Empty, Full, Limited};
pub use hyper;
pub use hyper::body::Incoming;
pub use hyper::service::service_fn;
pub use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
pub use hyper_util;
pub use hyper_util::service::TowerToHyperService;
