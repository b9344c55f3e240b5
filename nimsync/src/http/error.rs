//! What can go wrong with a request.

use crate::cancel::TimedOut;
use hyper::http;
use hyper_util::client::legacy;
use std::error::Error;
use std::fmt;

/// Why a [`Client`](super::Client) has no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// The request cannot be made: its address is wrong, for example.
    Request(http::Error),
    /// Connecting, sending or receiving has failed.
    ///
    /// Also if the group that the client was made for has ended.
    Connection(legacy::Error),
    /// There was no response within the limit of the client.
    TimedOut(TimedOut),
    /// The server has sent the client around more often than it may.
    TooManyRedirects(usize),
    /// The server has sent the client somewhere that is no address.
    Redirect(String),
}

impl ClientError {
    /// Whether no connection to the server could be made.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(self, Self::Connection(error) if error.is_connect())
    }

    /// Whether the client's limit was reached.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut(_))
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(_) => f.write_str("the request cannot be made"),
            Self::Connection(error) if error.is_connect() => {
                f.write_str("cannot connect to the server")
            }
            Self::Connection(_) => f.write_str("the request has failed"),
            Self::TimedOut(_) => f.write_str("no response"),
            Self::TooManyRedirects(most) => write!(f, "more than {most} redirects"),
            Self::Redirect(to) => write!(f, "the server redirects to `{to}`, which is no address"),
        }
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Request(error) => Some(error),
            Self::Connection(error) => Some(error),
            Self::TimedOut(error) => Some(error),
            Self::TooManyRedirects(_) | Self::Redirect(_) => None,
        }
    }
}

impl From<http::Error> for ClientError {
    fn from(error: http::Error) -> Self {
        Self::Request(error)
    }
}
