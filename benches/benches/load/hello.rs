//! HTTP: a short text for whoever asks.

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};

use crate::client::Protocol;

const TEXT: &[u8] = b"Hello, world!";

/// The client's side.
#[derive(Clone, Copy)]
pub(crate) struct Hello;

impl Protocol for Hello {
    fn request(self, _number: u64, into: &mut Vec<u8>) {
        into.extend_from_slice(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    }

    fn is_answer(self, _request: &[u8], received: &[u8]) -> bool {
        let Some(head) = received.strip_suffix(TEXT) else {
            return false;
        };
        assert!(
            head.starts_with(b"HTTP/1.1 200 OK\r\n") && head.ends_with(b"\r\n\r\n"),
            "this is not one answer: {}",
            received.escape_ascii()
        );
        true
    }
}

/// The servers' side: the service that all of them have.
pub(crate) async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(TEXT))))
}
