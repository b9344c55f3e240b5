//! What a client's connection is made of.

use super::io::Io;
use crate::net::TcpStream;
use futures::io::{AsyncRead, AsyncWrite};
use hyper_util::client::legacy::connect::{Connected, Connection};
use std::fmt;

/// A connection of a client: TCP, or TLS on it.
pub type Transport = Io<Box<dyn ClientStream>>;

/// What a client's connection is made of.
///
/// Not to be named outside: it is there so that [`Transport`] forwards calls in one
/// place, which is [`Io`].
pub trait ClientStream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Whether the server has agreed to HTTP/2.
    fn is_h2(&self) -> bool;
}

impl ClientStream for TcpStream {
    fn is_h2(&self) -> bool {
        false
    }
}

impl fmt::Debug for dyn ClientStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientStream").finish_non_exhaustive()
    }
}

/// Hands a stream to hyper.
pub(super) fn transport(stream: impl ClientStream + 'static) -> Transport {
    Io::new(Box::new(stream))
}

impl Connection for Transport {
    fn connected(&self) -> Connected {
        match self.get_ref().is_h2() {
            true => Connected::new().negotiated_h2(),
            false => Connected::new(),
        }
    }
}
