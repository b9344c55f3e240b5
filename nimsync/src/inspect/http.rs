//! As much of HTTP/1.1 as a page needs: one request a connection, no body.

use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpStream};
use std::time::{Duration, Instant};

/// The longest head of a request. The page names what is open in its address.
const LONGEST: usize = 64 * 1024;
/// How long a head may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was asked for.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    query: String,
    host: String,
    authorization: Option<String>,
}

impl Request {
    /// Reads a request; the inner error is an answer to what is none.
    pub(super) fn read(stream: &mut TcpStream) -> io::Result<Result<Self, Response>> {
        let began = Instant::now();
        let mut bytes = Vec::new();
        loop {
            let mut more = [0; 4096];
            let count = stream.read(&mut more)?;
            if count == 0 || began.elapsed() > PATIENCE {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&more[..count]);
            match Self::parse(&bytes) {
                Ok(Some(request)) => return Ok(Ok(request)),
                Ok(None) if bytes.len() < LONGEST => {}
                Ok(None) => return Ok(Err(Response::text(431, "the request is too long\n"))),
                Err(error) => return Ok(Err(Response::text(400, &format!("{error}\n")))),
            }
        }
    }

    /// Parses a head, if it is there as a whole.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, httparse::Error> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Request::new(&mut headers);
        if head.parse(bytes)?.is_partial() {
            return Ok(None);
        }
        let header = |name: &str| {
            let mut headers = head.headers.iter();
            let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(header.value).into_owned())
        };
        let target = head.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Some(Self {
            method: head.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            host: header("host").unwrap_or_default(),
            authorization: header("authorization"),
        }))
    }

    /// Returns a parameter of the address.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.query.split('&');
        parameters.find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='))
    }

    /// Whether the request has the token.
    pub(super) fn has_token(&self, token: &str) -> bool {
        let bearer = self.authorization.as_deref();
        let bearer = bearer.and_then(|header| header.strip_prefix("Bearer "));
        let given = self.parameter("token").or(bearer);
        given.is_some_and(|given| equal(given.as_bytes(), token.as_bytes()))
    }

    /// Whether the client knows the server by a loopback address.
    pub(super) fn names_loopback(&self) -> bool {
        let name = match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &*self.host,
        };
        let address = name.trim_start_matches('[').trim_end_matches(']');
        let address: Result<IpAddr, _> = address.parse();
        name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
    }
}

/// Compares in a time that depends on the lengths only.
fn equal(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differences) == 0
}

/// An answer.
pub(super) struct Response {
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
}

impl Response {
    pub(super) fn new(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            kind,
            body: body.into(),
        }
    }

    pub(super) fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            ..Self::new("text/plain; charset=utf-8", text)
        }
    }

    pub(super) fn write(&self, stream: &mut TcpStream) -> io::Result<()> {
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            _ => "Request Header Fields Too Large",
        };
        // The page is whole in itself, and no other page is to look into it.
        let head = format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n\
             Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; \
             style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
             frame-ancestors 'none'\r\n\r\n",
            self.status,
            self.kind,
            self.body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()?;
        // Closing with something unread would cut the answer off.
        stream.shutdown(std::net::Shutdown::Write)?;
        let mut rest = [0; 1024];
        while matches!(stream.read(&mut rest), Ok(count) if count > 0) {}
        Ok(())
    }
}
