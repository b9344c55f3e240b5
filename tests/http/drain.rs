//! Servers that are cancelled.

use super::support::{path, rest, text, until, with_server};
use futures::AsyncWriteExt;
use nimsync::http::{BodyExt, Client, Incoming, Request, ServeOptions};
use nimsync::net::TcpStream;
use nimsync::prelude::*;
use nimsync_tests::Census;

const REQUEST: &[u8] = b"GET /tea HTTP/1.1\r\nhost: x\r\n\r\n";

/// Answers when the server has been cancelled.
async fn late(request: Request<Incoming>) -> super::support::Answer {
    nimsync::cancel::current().cancelled().await;
    nimsync::yield_now().await;
    path(request).await
}

#[nimsync::test]
async fn what_is_in_flight_is_answered_and_what_is_idle_is_closed() {
    let options = ServeOptions::new().grace(1.minutes());
    let handler = async |request: Request<Incoming>| match request.uri().path() {
        "/tea" => late(request).await,
        _ => path(request).await,
    };
    let served = with_server(options, handler, async |address, stop| {
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET /now HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        until(&mut idle, "/now").await;
        let mut busy = TcpStream::connect(address).await.unwrap();
        busy.write_all(REQUEST).await.unwrap();
        // The busy one has arrived when one that was made later is answered.
        let mut later = TcpStream::connect(address).await.unwrap();
        later
            .write_all(b"GET /now HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        until(&mut later, "/now").await;

        stop.cancel();
        assert_eq!(rest(&mut silent).await, "");
        assert_eq!(rest(&mut idle).await, "");
        assert_eq!(rest(&mut later).await, "");
        let answer = rest(&mut busy).await;
        assert!(answer.ends_with("/tea"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
    })
    .await;
    assert_eq!((served.accepted, served.done), (4, 4));
}

#[nimsync::test]
async fn streams_of_http2_in_flight_are_answered() {
    let census = Census::new();
    let counted = census.clone();
    let handler = move |request| {
        let census = counted.clone();
        async move {
            let _alive = census.guard();
            late(request).await
        }
    };
    let options = ServeOptions::new().grace(1.minutes());
    let served = with_server(options, handler, async |address, stop| {
        task_group!(|g| {
            let client = Client::builder().http2_only().build(&g.spawner());
            let requests = (0..10).map(|_| async {
                let response = client.get(&format!("http://{address}/tea")).await?;
                let body = response.into_body().collect().await?.to_bytes();
                assert_eq!(body, "/tea");
                Ok::<_, nimsync::BoxError>(())
            });
            let stopping = async {
                while census.born() != 10 {
                    nimsync::yield_now().await;
                }
                stop.cancel();
                Ok(())
            };
            futures::try_join!(futures::future::try_join_all(requests), stopping)?;
        })
        .await
        .unwrap();
    })
    .await;
    assert_eq!((served.accepted, served.done), (1, 1));
    assert_eq!(census.alive(), 0);
}

#[nimsync::test]
async fn what_is_not_done_within_the_grace_period_is_cut_off() {
    for http2 in [false, true] {
        let census = Census::new();
        let counted = census.clone();
        let handler = move |_| {
            let census = counted.clone();
            async move {
                let _alive = census.guard();
                std::future::pending::<()>().await;
                text("never")
            }
        };
        let options = ServeOptions::new().grace(10.milliseconds());
        let served = with_server(options, handler, async |address, stop| {
            task_group!(|g| {
                let client = Client::builder();
                let client = if http2 { client.http2_only() } else { client };
                let client = client.build(&g.spawner());
                let address = format!("http://{address}/");
                let stopping = async {
                    while census.alive() == 0 {
                        nimsync::yield_now().await;
                    }
                    stop.cancel();
                };
                let (answer, ()) = futures::join!(client.get(&address), stopping);
                assert!(answer.is_err());
            })
            .await
            .unwrap();
        })
        .await;
        assert_eq!(
            (served.accepted, served.cut_off()),
            (1, 1),
            "http2: {http2}"
        );
        assert_eq!(census.alive(), 0);
    }
}

#[nimsync::test]
async fn dropping_the_server_drops_what_answers() {
    let census = Census::new();
    let counted = census.clone();
    let service = super::support::answer(move |_| {
        let census = counted.clone();
        async move {
            let _alive = census.guard();
            std::future::pending().await
        }
    });
    let listener = nimsync::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let served = async {
        nimsync::http::serve(listener, ServeOptions::new(), service)
            .await
            .is_ok()
    };
    let dropped = async {
        while census.alive() == 0 {
            nimsync::yield_now().await;
        }
        false
    };
    // A group around them, so that its end can be waited for.
    let ended = task_group!(|_g| {
        let ended = futures::future::select(Box::pin(served), Box::pin(dropped)).await;
        ended.factor_first().0
    });
    assert!(!ended.await.unwrap());
    assert_eq!(census.alive(), 0, "nothing outlives the group");
    assert_eq!(rest(&mut stream).await, "");
}
