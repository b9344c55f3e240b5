//! Servers that get what they expect.

use super::support::{path, text, with_server};
use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::http::{self, BodyExt, Client, Connection, Full, Io, Request, ServeOptions};
use nimsync::net::TcpStream;
use nimsync::prelude::*;
use nimsync_tests::Census;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

async fn body(response: http::Response<http::Incoming>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[nimsync::test]
async fn requests_one_after_the_other_share_a_connection() {
    let served = with_server(ServeOptions::new(), path, async |address, _| {
        task_group!(|g| {
            let client = Client::new(&g.spawner());
            for i in 0..5 {
                let response = client.get(&format!("http://{address}/{i}")).await?;
                assert_eq!(response.status(), 200);
                assert_eq!(body(response).await, format!("/{i}"));
            }
        })
        .await
        .unwrap();
    })
    .await;
    assert_eq!((served.accepted, served.done, served.failed), (1, 1, 0));
}

#[nimsync::test(flavor = "threads")]
async fn http2_by_prior_knowledge_answers_many_at_once_on_one_connection() {
    let all = Arc::new(nimsync::channel::watch(0));
    let handler = move |request| {
        let all = all.clone();
        async move {
            // Nobody is answered before all have asked.
            all.0.send_modify(|n| *n += 1);
            let mut seen = all.1.clone();
            seen.wait_for(|n| *n == 50).await.unwrap();
            path(request).await
        }
    };
    let served = with_server(ServeOptions::new(), handler, async |address, _| {
        task_group!(|g| {
            let client = Client::builder().http2_only().build(&g.spawner());
            // The first makes the connection.
            let requests = (0..50).map(|i| {
                let client = client.clone();
                async move {
                    let response = client.get(&format!("http://{address}/{i}")).await.unwrap();
                    assert_eq!(response.version(), http::hyper::Version::HTTP_2);
                    assert_eq!(body(response).await, format!("/{i}"));
                }
            });
            futures::future::join_all(requests).await;
        })
        .await
        .unwrap();
    })
    .await;
    assert_eq!((served.accepted, served.done, served.failed), (1, 1, 0));
}

#[nimsync::test]
async fn large_bodies_go_both_ways() {
    let echo = async |request: Request<http::Incoming>| {
        text(request.into_body().collect().await.unwrap().to_bytes())
    };
    with_server(ServeOptions::new(), echo, async |address, _| {
        task_group!(|g| {
            for client in [Client::builder(), Client::builder().http2_only()] {
                let client = client.build(&g.spawner());
                let sent: Vec<u8> = (0..3_000_000_u32).map(|i| i.to_le_bytes()[1]).collect();
                let request = Request::post(format!("http://{address}/"));
                let request = request.body(Full::new(sent.clone().into()))?;
                let response = client.request(request).await?;
                let got = response.into_body().collect().await?.to_bytes();
                assert!(got == sent, "{} bytes came back", got.len());
            }
        })
        .await
        .unwrap();
    })
    .await;
}

#[nimsync::test]
async fn a_request_knows_its_peer() {
    let handler = async |request: Request<http::Incoming>| {
        let connection = request.extensions().get::<Connection<SocketAddr>>();
        text(connection.unwrap().peer().to_string())
    };
    with_server(ServeOptions::new(), handler, async |address, _| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let response = super::support::rest(&mut stream).await;
        let here = stream.local_addr().unwrap().to_string();
        assert!(response.ends_with(&here), "{response}");
    })
    .await;
}

#[nimsync::test]
async fn an_upgraded_connection_is_a_child_of_its_connection() {
    let census = Census::new();
    let counted = census.clone();
    let handler = move |mut request: Request<http::Incoming>| {
        let census = counted.clone();
        async move {
            let connection = request.extensions().get::<Connection<SocketAddr>>();
            let spawner = connection.unwrap().spawner().clone();
            let upgrade = http::hyper::upgrade::on(&mut request);
            spawner
                .spawn(async move {
                    let _alive = census.guard();
                    let (read, mut write) = Io::new(upgrade.await?).split();
                    futures::io::copy(read, &mut write).await?;
                    write.close().await?;
                    Ok::<_, nimsync::BoxError>(())
                })
                .unwrap();
            let mut response = text("");
            *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
            response
        }
    };
    let served = with_server(ServeOptions::new(), handler, async |address, _| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let head = super::support::until(&mut stream, "\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        for word in ["one", "another"] {
            stream.write_all(word.as_bytes()).await.unwrap();
            let mut echoed = vec![0; word.len()];
            stream.read_exact(&mut echoed).await.unwrap();
            assert_eq!(echoed, word.as_bytes());
        }
        assert_eq!(census.alive(), 1);
        stream.close().await.unwrap();
        assert_eq!(super::support::rest(&mut stream).await, "");
    })
    .await;
    assert_eq!((served.accepted, served.done, served.failed), (1, 1, 0));
    assert_eq!((census.born(), census.alive()), (1, 0));
}

#[nimsync::test]
async fn a_client_that_goes_away_ends_what_answers_it() {
    for http2 in [false, true] {
        let census = Census::new();
        let counted = census.clone();
        let handler = move |_| {
            let census = counted.clone();
            async move {
                let _alive = census.guard();
                std::future::pending().await
            }
        };
        with_server(ServeOptions::new(), handler, async |address, _| {
            let asked = task_group!(timeout = 1.minutes(), |g| {
                let client = Client::builder();
                let client = if http2 { client.http2_only() } else { client };
                let client = client.build(&g.spawner());
                let address = format!("http://{address}/");
                race!(async { client.get(&address).await.is_ok() }, async {
                    while census.alive() == 0 {
                        nimsync::yield_now().await;
                    }
                    false
                })
                .await
            });
            assert!(!asked.await.unwrap());
            while census.alive() != 0 {
                nimsync::yield_now().await;
            }
        })
        .await;
        assert_eq!((census.born(), census.alive()), (1, 0));
    }
}

#[nimsync::test]
async fn a_panic_ends_the_server() {
    let listener = nimsync::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let service = super::support::answer(async |_| panic!("out of tea"));
    let server = task_group!(|g| {
        g.spawn(http::serve(listener, ServeOptions::new(), service));
        let client = Client::new(&g.spawner());
        let _ = client.get(&format!("http://{address}/")).await;
        std::future::pending::<()>().await;
    });
    let ended = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(server)).await;
    let payload = ended.unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"out of tea"));
}

#[nimsync::test]
async fn a_panic_that_is_to_be_caught_ends_its_connection() {
    for http2 in [false, true] {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = told.clone();
        let options = ServeOptions::new().catch_panics().on_error(move |error| {
            telling.lock().unwrap().push(error.to_string());
        });
        let handler = async |request: Request<http::Incoming>| {
            assert!(request.uri().path() != "/coffee", "out of coffee");
            path(request).await
        };
        let served = with_server(options, handler, async |address, _| {
            task_group!(|g| {
                let client = Client::builder();
                let client = if http2 { client.http2_only() } else { client };
                let client = client.build(&g.spawner());
                let refused = client.get(&format!("http://{address}/coffee")).await;
                assert!(refused.is_err());
                // A connection of HTTP/2 is in the pool until its own task has seen that
                // it is closed, which may be after its requests have.
                let tea = format!("http://{address}/tea");
                let mut response = client.get(&tea).await;
                while http2 && response.is_err() {
                    nimsync::yield_now().await;
                    response = client.get(&tea).await;
                }
                assert_eq!(body(response?).await, "/tea");
            })
            .await
            .unwrap();
        })
        .await;
        assert_eq!((served.accepted, served.done, served.failed), (2, 1, 1));
        assert_eq!(*told.lock().unwrap(), ["a handler panicked: out of coffee"]);
    }
}
