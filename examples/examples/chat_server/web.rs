//! The door for browsers: a page, and a WebSocket that it opens.

use crate::input::{Input, LONGEST};
use crate::out::Out;
use crate::session::Chat;
use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::Message;
use async_tungstenite::tungstenite::handshake::derive_accept_key;
use async_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use futures::{AsyncReadExt, AsyncWriteExt, TryStreamExt};
use nimsync::BoxError;
use nimsync::net::TcpStream;
use nimsync::prelude::*;
use std::io;
use std::sync::Arc;

/// How long the head of a request may take, and how long it may be.
const HEAD_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);
const LONGEST_HEAD: usize = 16 * 1024;

/// What a request asks for.
enum Wanted {
    File(&'static str, &'static str),
    /// A WebSocket, with the key that its opening is to be answered with.
    Socket(String),
    Refused(&'static str),
}

/// Serves a connection: one request, or a session.
pub(crate) async fn serve(mut stream: TcpStream, chat: Arc<Chat>) -> Result<(), BoxError> {
    let Some(head) = with_timeout!(HEAD_WITHIN, read_head(&mut stream)).await?? else {
        // Browsers open connections ahead of need.
        return Ok(());
    };
    match wanted(&head) {
        Wanted::File(kind, body) => {
            respond(&mut stream, "200 OK", kind, body).await?;
        }
        Wanted::Refused(status) => {
            respond(&mut stream, status, "text/plain", status).await?;
        }
        Wanted::Socket(key) => {
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n\
                 upgrade: websocket\r\nsec-websocket-accept: {key}\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await?;
            stream.set_nodelay(true)?;
            session(stream, chat).await?;
        }
    }
    Ok(())
}

async fn session(stream: TcpStream, chat: Arc<Chat>) -> Result<(), BoxError> {
    let mut config = WebSocketConfig::default();
    // A message holds a line; what is a little longer is worth an answer.
    config.max_message_size = Some(16 * LONGEST);
    config.max_frame_size = config.max_message_size;
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let (out, input) = socket.split();
    let lines = input
        .map_err(io::Error::other)
        .try_filter_map(async |message| {
            Ok(match message {
                Message::Text(text) => Some(Input::of(&text)),
                _ => None,
            })
        });
    chat.serve(Box::pin(lines), Out::Web(out)).await?;
    Ok(())
}

/// Reads until the empty line; `None` if nothing comes.
async fn read_head(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let mut bytes = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let length = stream.read(&mut bytes).await?;
        if length == 0 {
            return if head.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
        head.extend_from_slice(&bytes[..length]);
        if head.len() > LONGEST_HEAD {
            return Err(io::Error::other("the head of a request is too long"));
        }
    }
    Ok(Some(head))
}

fn wanted(head: &[u8]) -> Wanted {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        // A browser sends no more until it has the answer.
        Ok(httparse::Status::Complete(_)) => {}
        _ => return Wanted::Refused("400 Bad Request"),
    }
    let (Some(method), Some(path)) = (request.method, request.path) else {
        return Wanted::Refused("400 Bad Request");
    };
    if method != "GET" {
        return Wanted::Refused("405 Method Not Allowed");
    }
    match path.split('?').next() {
        Some("/") => Wanted::File("text/html", include_str!("page/chat.html")),
        Some("/chat.js") => Wanted::File("text/javascript", include_str!("page/chat.js")),
        Some("/chat.css") => Wanted::File("text/css", include_str!("page/chat.css")),
        Some("/socket") => upgrade(request.headers),
        _ => Wanted::Refused("404 Not Found"),
    }
}

/// Whether the headers ask for a WebSocket.
fn upgrade(headers: &[httparse::Header<'_>]) -> Wanted {
    let value = |name: &str| {
        let mut headers = headers.iter();
        let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
        str::from_utf8(header.value).ok()
    };
    // A page of another site can open a WebSocket to here in its visitor's name; the
    // browser says whose page it is. Who is no browser says nothing.
    if let Some(origin) = value("origin")
        && !value("host").is_some_and(|host| is_of(origin, host))
    {
        return Wanted::Refused("403 Forbidden");
    }
    let is_socket = value("upgrade").is_some_and(|it| it.eq_ignore_ascii_case("websocket"));
    match value("sec-websocket-key") {
        Some(key) if is_socket && value("sec-websocket-version") == Some("13") => {
            Wanted::Socket(derive_accept_key(key.as_bytes()))
        }
        _ => Wanted::Refused("426 Upgrade Required"),
    }
}

/// Whether a page of that origin came from that host. `null`, of a page from nowhere,
/// came from none.
fn is_of(origin: &str, host: &str) -> bool {
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some_and(|it| it.eq_ignore_ascii_case(host))
}

async fn respond(stream: &mut TcpStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-cache\r\ncontent-security-policy: default-src 'self'; img-src data:\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.close().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(head: &str) -> &'static str {
        match wanted(head.as_bytes()) {
            Wanted::Refused(status) => status,
            _ => "not refused",
        }
    }

    #[test]
    fn a_page_and_its_parts_are_served() {
        let file = |head: &str| matches!(wanted(head.as_bytes()), Wanted::File(..));
        assert!(file("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
        assert!(file("GET /chat.js?1 HTTP/1.1\r\n\r\n"));
        assert_eq!(refused("GET /no HTTP/1.1\r\n\r\n"), "404 Not Found");
        assert_eq!(refused("POST / HTTP/1.1\r\n\r\n"), "405 Method Not Allowed");
        assert_eq!(refused("hello\r\n\r\n"), "400 Bad Request");
        let plain = refused("GET /socket HTTP/1.1\r\n\r\n");
        assert_eq!(plain, "426 Upgrade Required");
    }

    #[test]
    fn pages_of_other_sites_open_no_socket() {
        let asked = |headers: &str| {
            let head = format!(
                "GET /socket HTTP/1.1\r\n{headers}Upgrade: websocket\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            );
            refused(&head)
        };
        assert_eq!(
            asked("Host: chat:80\r\nOrigin: http://Chat:80\r\n"),
            "not refused"
        );
        for origin in [
            "http://elsewhere",
            "http://chat",
            "http://chat:80.elsewhere",
            "null",
            "",
        ] {
            let headers = format!("Host: chat:80\r\nOrigin: {origin}\r\n");
            assert_eq!(asked(&headers), "403 Forbidden", "{origin}");
        }
        assert_eq!(asked("Origin: http://chat\r\n"), "403 Forbidden");
    }

    #[test]
    fn a_socket_is_opened_as_the_standard_has_it() {
        // The example of RFC 6455, section 1.3.
        let head = "GET /socket HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        match wanted(head.as_bytes()) {
            Wanted::Socket(key) => assert_eq!(key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            _ => panic!("not a socket"),
        }
    }
}
