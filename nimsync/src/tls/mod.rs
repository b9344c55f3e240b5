//! TLS, by [`rustls`] on any stream.
//!
//! Needs the feature `tls`.
//!
//! # Purpose
//!
//! [`Connector`] makes a stream of a client secure, [`Listener`] those that a server
//! accepts; with [`net::serve`](crate::net::serve) or, with the feature `hyper`,
//! [`http::serve`](../http/fn.serve.html) a server over TLS is a server over a
//! `Listener`. All settings are rustls's own; what is here only has good ones at hand.
//! The cryptography is `ring`'s, which needs nothing but a C compiler.
//!
//! # Whom a client trusts
//!
//! By default the authorities that Mozilla trusts, as they were when the crate
//! `webpki-roots` was released: the same on each machine. For others, such as the
//! system's or one's own: [`Connector::with_roots`], [`Connector::from_config`].
//!
//! # Examples
//!
//! ```no_run
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use nimsync::net::TcpStream;
//! use nimsync::tls::Connector;
//!
//! # nimsync::block_on(async {
//! let stream = TcpStream::connect("example.org:443").await?;
//! let mut stream = Connector::new().connect("example.org", stream).await?;
//! stream.write_all(b"GET / HTTP/1.0\r\nhost: example.org\r\n\r\n").await?;
//! let mut page = String::new();
//! stream.read_to_string(&mut page).await?;
//! # std::io::Result::Ok(())
//! # }).unwrap();
//! ```

mod client;
mod server;

pub use client::{ClientStream, Connector};
pub use futures_rustls::rustls;
pub use server::{Listener, ServerStream, server_config, server_config_from_pem};

use rustls::crypto::CryptoProvider;
use std::sync::Arc;

/// What is offered where HTTP is spoken, the preferred first.
const HTTP: [&[u8]; 2] = [b"h2", b"http/1.1"];

fn http_protocols() -> Vec<Vec<u8>> {
    HTTP.map(<[u8]>::to_vec).into()
}

/// Named, so that nothing depends on what else the process has installed.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
