//! Clients that do not speak as they should.

use super::support::{path, rest, until, with_server};
use futures::AsyncWriteExt;
use nimsync::http::{Client, ServeOptions};
use nimsync::net::TcpStream;
use nimsync::prelude::*;
use std::net::SocketAddr;

/// What a server answers to `bytes`, until it closes the connection.
async fn answer_to(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may be closed before all is sent.
    let _ = stream.write_all(bytes).await;
    rest(&mut stream).await
}

#[nimsync::test]
async fn what_is_no_request_is_refused_and_ends_its_connection_only() {
    let served = with_server(ServeOptions::new(), path, async |address, _| {
        let no_request = answer_to(address, b"\0\x01\x02 rubbish\r\n\r\n").await;
        assert!(no_request.starts_with("HTTP/1.1 400"), "{no_request}");
        let version = answer_to(address, b"GET / HTTP/9.9\r\n\r\n").await;
        assert!(version.starts_with("HTTP/1.1 400"), "{version}");
        let length = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n";
        let length = answer_to(address, length).await;
        assert!(length.starts_with("HTTP/1.1 400"), "{length}");
        // The preface of HTTP/2, and then none of its frames.
        let frames =
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish, and more than a header's worth of it";
        assert!(!answer_to(address, frames).await.contains("HTTP/1.1"));
        // A hello of TLS.
        let hello = answer_to(address, &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]).await;
        assert!(
            hello.is_empty() || hello.starts_with("HTTP/1.1 400"),
            "{hello}"
        );
        let good = b"GET /tea HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        assert!(answer_to(address, good).await.ends_with("/tea"));
    })
    .await;
    assert_eq!((served.accepted, served.done, served.cut_off()), (6, 1, 0));
}

#[nimsync::test]
async fn huge_headers_are_refused() {
    let served = with_server(ServeOptions::new(), path, async |address, _| {
        let mut many = b"GET / HTTP/1.1\r\nhost: x\r\n".to_vec();
        for i in 0..1000 {
            many.extend(format!("x-{i}: y\r\n").bytes());
        }
        many.extend(b"\r\n");
        let many = answer_to(address, &many).await;
        assert!(many.starts_with("HTTP/1.1 431"), "{many}");

        let mut long = b"GET / HTTP/1.1\r\nhost: x\r\nx: ".to_vec();
        long.resize(2_000_000, b'y');
        let long = answer_to(address, &long).await;
        assert!(
            long.is_empty() || long.starts_with("HTTP/1.1 431"),
            "{long}"
        );

        task_group!(|g| {
            let client = Client::builder().http2_only().build(&g.spawner());
            let request = nimsync::http::Request::get(format!("http://{address}/"))
                .header("x", "y".repeat(100_000))
                .body(Default::default())?;
            let outcome = client.request(request).await;
            assert!(outcome.is_err() || outcome.unwrap().status() == 431);
        })
        .await
        .unwrap();
    })
    .await;
    assert_eq!(served.accepted, 3);
}

#[nimsync::test]
async fn who_says_nothing_or_too_slowly_is_dropped() {
    let options = ServeOptions::new().header_timeout(20.milliseconds());
    let served = with_server(options, path, async |address, _| {
        for begun in ["", "PRI * HT", "GET / HTTP/1.1\r\nhost: x\r\n"] {
            let answer = answer_to(address, begun.as_bytes()).await;
            assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
                "{answer}"
            );
        }
        // And who says nothing more after an answer.
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /tea HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(request).await.unwrap();
        until(&mut stream, "/tea").await;
        rest(&mut stream).await;
    })
    .await;
    assert_eq!((served.accepted, served.cut_off()), (4, 0));
    assert_eq!(served.failed, 3 + 1);
}
