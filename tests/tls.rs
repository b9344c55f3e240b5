//! TLS over loopback.

use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::http::{self, BodyExt, Bytes, Client, Full, Incoming, Request, Response, hyper};
use nimsync::net::{self, Served, TcpListener, TcpStream};
use nimsync::prelude::*;
use nimsync::tls::rustls::ServerConfig;
use nimsync::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use nimsync::tls::{Connector, Listener, server_config, server_config_from_pem};
use std::convert::Infallible;
use std::net::SocketAddr;

/// A certificate for `localhost` that has signed itself, and the settings of its server.
fn identity() -> (CertificateDer<'static>, ServerConfig) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = server_config(vec![certificate.clone()], key).unwrap();
    (certificate, config)
}

async fn version(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from(format!(
        "{:?}",
        request.version()
    ))))
}

/// Runs a server for HTTP and `clients` beside it.
async fn with_server<C>(options: http::ServeOptions, clients: C) -> Served
where
    C: AsyncFnOnce(SocketAddr, Connector),
{
    let (certificate, config) = identity();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = Listener::for_http(listener, config);
    let stop = CancelScope::new();
    let server = http::serve(listener, options, http::service_fn(version));
    let (served, ()) = futures::join!(stop.run(server), async {
        let connector = Connector::with_roots([certificate]).unwrap();
        clients(address, connector).await;
        stop.cancel();
    });
    served.unwrap().unwrap()
}

#[nimsync::test]
async fn https_agrees_on_http2_and_keeps_the_connection() {
    let served = with_server(http::ServeOptions::new(), async |address, connector| {
        task_group!(|g| {
            let connector = http::Connector::with_tls(&connector);
            let client = Client::builder().connector(connector).build(&g.spawner());
            for _ in 0..3 {
                let url = format!("https://localhost:{}/", address.port());
                let response = client.get(&url).await?;
                assert_eq!(response.version(), hyper::Version::HTTP_2);
                let body = response.into_body().collect().await?.to_bytes();
                assert_eq!(body, "HTTP/2.0");
            }
        })
        .await
        .unwrap();
    })
    .await;
    assert_eq!((served.accepted, served.done, served.failed), (1, 1, 0));
}

#[nimsync::test]
async fn http1_over_tls_is_drained_too() {
    let served = with_server(http::ServeOptions::new(), async |address, connector| {
        let stream = TcpStream::connect(address).await.unwrap();
        let mut stream = connector.connect("localhost", stream).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        stream.flush().await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert!(response.ends_with("HTTP/1.1"), "{response}");
        // Those that have not shaken hands do not hold it up.
        drop(TcpStream::connect(address).await.unwrap());
    })
    .await;
    assert_eq!((served.failed, served.cut_off()), (0, 0));
}

#[nimsync::test]
async fn who_is_not_trusted_is_not_spoken_to() {
    let served = with_server(http::ServeOptions::new(), async |address, connector| {
        let stream = TcpStream::connect(address).await.unwrap();
        let error = Connector::new()
            .connect("localhost", stream)
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("invalid peer certificate"),
            "{error}"
        );

        let stream = TcpStream::connect(address).await.unwrap();
        let error = connector.connect("example.org", stream).await.unwrap_err();
        assert!(error.to_string().contains("not valid for name"), "{error}");

        let stream = TcpStream::connect(address).await.unwrap();
        let error = connector.connect("no name", stream).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);

        task_group!(|g| {
            let client = Client::new(&g.spawner());
            let url = format!("https://localhost:{}/", address.port());
            assert!(client.get(&url).await.unwrap_err().is_connect());
        })
        .await
        .unwrap();
    })
    .await;
    assert_eq!(served.accepted, 4);
    // The server may have been asked to end before it had heard of the last one.
    assert!((3..=4).contains(&served.failed), "{served:?}");
}

#[nimsync::test]
async fn who_speaks_no_tls_or_nothing_ends_alone() {
    let options = http::ServeOptions::new().header_timeout(20.milliseconds());
    let served = with_server(options, async |address, connector| {
        for words in ["GET / HTTP/1.1\r\nhost: x\r\n\r\n", "", "\x16\x03\x01"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(words.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            assert!(!answer.starts_with(b"HTTP"));
        }
        let stream = TcpStream::connect(address).await.unwrap();
        connector.connect("localhost", stream).await.unwrap();
    })
    .await;
    assert_eq!((served.accepted, served.cut_off()), (4, 0));
    assert!(served.failed >= 3);
}

#[nimsync::test(flavor = "threads")]
async fn other_protocols_go_over_it_as_well() {
    let (certificate, config) = identity();
    let connector = Connector::with_roots([certificate]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = Listener::new(listener, config);
    let stop = CancelScope::new();
    let options = net::ServeOptions::new().grace(1.minutes());
    let echo = async |mut stream: nimsync::tls::ServerStream<TcpStream>, _| {
        assert!(stream.connection().is_none());
        stream.handshake().await?;
        assert_eq!(
            stream.connection().unwrap().server_name(),
            Some("localhost")
        );
        let (read, mut write) = stream.split();
        futures::io::copy(read, &mut write).await?;
        write.close().await
    };
    let (served, ()) = futures::join!(stop.run(net::serve(listener, options, echo)), async {
        task_group!(|g| {
            for _ in 0..8 {
                let connector = connector.clone();
                g.spawn(async move {
                    let stream = TcpStream::connect(address).await?;
                    let stream = connector.connect("localhost", stream).await?;
                    let (mut read, mut write) = stream.split();
                    let sent = vec![7; 1_000_000];
                    let mut got = Vec::new();
                    let send = async {
                        write.write_all(&sent).await?;
                        write.close().await
                    };
                    futures::try_join!(send, read.read_to_end(&mut got))?;
                    assert!(got == sent);
                    std::io::Result::Ok(())
                });
            }
        })
        .await
        .unwrap();
        stop.cancel();
    });
    let served = served.unwrap().unwrap();
    assert_eq!((served.accepted, served.done), (8, 8));
}

#[test]
fn files_that_are_not_what_they_should_be_are_named() {
    let folder = std::env::temp_dir().join(format!("nimsync-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    assert!(server_config_from_pem(&chain, &key).is_ok());

    let missing = folder.join("missing.pem");
    let error = server_config_from_pem(&chain, &missing).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().contains("missing.pem"), "{error}");
    let error = server_config_from_pem(&key, &key).unwrap_err();
    assert!(
        error.to_string().contains("there is no certificate in it"),
        "{error}"
    );
    let error = server_config_from_pem(&chain, &chain).unwrap_err();
    assert!(error.to_string().contains("chain.pem"), "{error}");
    std::fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    let error = server_config_from_pem(&chain, &key).unwrap_err();
    assert!(error.to_string().contains("key.pem"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}
