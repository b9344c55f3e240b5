//! Wrong addresses, wrong places, wrong times.

use futures::{AsyncReadExt, FutureExt};
use nimsync::Runtime;
use nimsync::net::{ServeOptions, TcpListener, TcpStream, UdpSocket, lookup};
use std::io::ErrorKind;

#[nimsync::test]
async fn texts_without_a_port_are_refused_by_name() {
    for text in ["localhost", "127.0.0.1", "host:many", "host:70000", ""] {
        let error = TcpStream::connect(text).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        assert!(error.to_string().contains("host:port"), "{error}");
    }
}

#[nimsync::test]
async fn names_and_addresses_are_found() {
    assert_eq!(lookup("127.0.0.1:80").await.unwrap().len(), 1);
    assert_eq!(lookup(("::1", 80)).await.unwrap().len(), 1);
    assert!(!lookup("localhost:80").await.unwrap().is_empty());
    assert!(lookup("no.such.name.invalid:80").await.is_err());
}

#[nimsync::test]
async fn every_address_is_tried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = {
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
        gone.local_addr().unwrap()
    };
    let refused = TcpStream::connect(nobody).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let both = vec![nobody, listener.local_addr().unwrap()];
    let stream = TcpStream::connect(both).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
    let none = TcpStream::connect(Vec::new()).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::InvalidInput);
}

#[nimsync::test]
async fn an_address_that_is_taken() {
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = TcpListener::bind(first.local_addr().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn outside_of_a_runtime_it_says_so() {
    let error = UdpSocket::bind("127.0.0.1:0")
        .now_or_never()
        .expect("it needs no waiting")
        .unwrap_err();
    assert!(
        error.to_string().contains("outside of a nimsync runtime"),
        "{error}"
    );
}

/// A socket that outlives its runtime fails where it would wait for ever.
#[test]
fn a_socket_that_outlives_its_runtime_says_so() {
    let first = Runtime::local().build().unwrap();
    let (mut stream, _listener) = first.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (TcpStream::connect(address).await.unwrap(), listener)
    });
    drop(first);
    let second = Runtime::local().build().unwrap();
    let error = second.block_on(stream.read(&mut [0])).unwrap_err();
    assert!(error.to_string().contains("has ended"), "{error}");
}

/// One that is used in another runtime works as long as its own does.
#[test]
fn a_socket_is_used_in_another_runtime() {
    let home = Runtime::builder().workers(2).build().unwrap();
    let away = Runtime::local().build().unwrap();
    let socket = home.block_on(UdpSocket::bind("127.0.0.1:0")).unwrap();
    let to = socket.local_addr().unwrap();
    away.block_on(async {
        let mut bytes = [0; 4];
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let receiving = socket.recv(&mut bytes);
        let sending = async {
            nimsync::sleep(std::time::Duration::from_millis(5)).await;
            sender.send_to(b"far", to).await.unwrap();
        };
        assert_eq!(futures::join!(receiving, sending).0.unwrap(), 3);
    });
}

/// The thread that leaves `block_on` may have been the one that waited for I/O.
#[test]
fn io_goes_on_when_a_thread_leaves_the_runtime() {
    use nimsync::prelude::*;
    let home = Runtime::builder().workers(2).build().unwrap();
    let away = Runtime::local().build().unwrap();
    let socket = home.block_on(UdpSocket::bind("127.0.0.1:0")).unwrap();
    let to = socket.local_addr().unwrap();
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..50 {
        home.block_on(async { sleep(1.milliseconds()).await });
        away.block_on(async {
            let mut bytes = [0; 4];
            let mut receiving = std::pin::pin!(socket.recv(&mut bytes));
            assert!(futures::poll!(&mut receiving).is_pending());
            sender.send_to(b"far", to).unwrap();
            let received = with_timeout!(1.minutes(), receiving).await;
            assert_eq!(received.expect("it is told").unwrap(), 3);
        });
    }
}

#[test]
#[should_panic(expected = "serves nobody")]
fn a_limit_of_zero_connections() {
    let _ = ServeOptions::new().limit(0);
}
