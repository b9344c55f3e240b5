//! The client.

use super::support::{Answer, path, text, with_server};
use nimsync::http::{BodyExt, Client, ClientError, Full, Incoming, Method, Request, ServeOptions};
use nimsync::http::{StatusCode, header};
use nimsync::net::TcpListener;
use nimsync::prelude::*;
use std::error::Error as _;

async fn body(response: nimsync::http::Response<Incoming>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// `/302/to` redirects to `/to` by 302; what is no number says how it was asked.
async fn redirects(request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let mut parts = path[1..].splitn(2, '/');
    let status = parts.next().and_then(|status| status.parse().ok());
    if let Some(status) = status.and_then(|status: u16| StatusCode::from_u16(status).ok()) {
        let mut response = text("");
        *response.status_mut() = status;
        let to = format!("/{}", parts.next().unwrap_or_default());
        let to = to.parse().unwrap();
        response.headers_mut().insert(header::LOCATION, to);
        return response;
    }
    let secret = request.headers().contains_key(header::AUTHORIZATION);
    let host = request.headers()[header::HOST].to_str().unwrap().to_owned();
    let method = request.method().clone();
    let sent = request.into_body().collect().await.unwrap().to_bytes();
    text(format!("{method} {path} {} {secret} {host}", sent.len()))
}

#[nimsync::test]
async fn redirects_are_followed() {
    with_server(ServeOptions::new(), redirects, async |address, _| {
        task_group!(|g| {
            let client = Client::new(&g.spawner());
            let ask = async |method: Method, path: &str| {
                let request = Request::builder()
                    .method(method)
                    .uri(format!("http://{address}{path}"))
                    .header(header::AUTHORIZATION, "secret")
                    .body(Full::from("12345"));
                body(client.request(request.unwrap()).await.unwrap()).await
            };
            let said = ask(Method::POST, "/307/308/tea").await;
            assert_eq!(said, format!("POST /tea 5 true {address}"));
            let said = ask(Method::POST, "/301/tea").await;
            assert_eq!(said, format!("GET /tea 0 true {address}"));
            let said = ask(Method::PUT, "/303/tea").await;
            assert_eq!(said, format!("GET /tea 0 true {address}"));
            let said = ask(Method::PUT, "/302/tea").await;
            assert_eq!(said, format!("PUT /tea 5 true {address}"));
            // The same server by another name is another server.
            let port = address.port();
            let there = format!("/307//localhost:{port}/tea");
            let said = ask(Method::PUT, &there).await;
            assert_eq!(said, format!("PUT /tea 5 false localhost:{port}"));
        })
        .await
        .unwrap();
    })
    .await;
}

#[nimsync::test]
async fn redirects_end() {
    let round = async |_| {
        let mut response = text("");
        *response.status_mut() = StatusCode::FOUND;
        let to = "/round".parse().unwrap();
        response.headers_mut().insert(header::LOCATION, to);
        response
    };
    with_server(ServeOptions::new(), round, async |address, _| {
        task_group!(|g| {
            let address = format!("http://{address}/");
            let client = Client::builder().redirects(3).build(&g.spawner());
            let error = client.get(&address).await.unwrap_err();
            assert_eq!(error.to_string(), "more than 3 redirects");
            let client = Client::builder().redirects(0).build(&g.spawner());
            assert_eq!(client.get(&address).await?.status(), 302);
        })
        .await
        .unwrap();
    })
    .await;
}

#[nimsync::test]
async fn errors_say_what_was_wrong() {
    task_group!(|g| {
        let client = Client::new(&g.spawner());
        let free = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let error = client.get(&format!("http://{free}/")).await.unwrap_err();
        assert!(error.is_connect());
        assert_eq!(error.to_string(), "cannot connect to the server");
        for (address, why) in [
            ("", "the request cannot be made"),
            ("tea", "the request has failed"),
            ("/tea", "the request has failed"),
            ("ftp://127.0.0.1/", "cannot connect to the server"),
            ("http://", "the request cannot be made"),
        ] {
            let error = client.get(address).await.unwrap_err();
            assert_eq!(error.to_string(), why, "{address}");
            assert!(error.source().is_some(), "{address}");
        }
    })
    .await
    .unwrap();
}

#[nimsync::test]
async fn a_client_has_a_time_limit() {
    let never = async |_| std::future::pending().await;
    with_server(ServeOptions::new(), never, async |address, _| {
        task_group!(|g| {
            let client = Client::builder()
                .timeout(20.milliseconds())
                .build(&g.spawner());
            let error = client.get(&format!("http://{address}/")).await.unwrap_err();
            assert!(error.is_timeout());
            assert!(matches!(error, ClientError::TimedOut(_)));
        })
        .await
        .unwrap();
    })
    .await;
}

#[nimsync::test]
async fn connections_do_not_keep_the_group_from_ending_nor_outlive_it() {
    with_server(ServeOptions::new(), path, async |address, _| {
        let address = format!("http://{address}/tea");
        let client = task_group!(|g| {
            let client = Client::new(&g.spawner());
            assert_eq!(body(client.get(&address).await?).await, "/tea");
            Ok::<_, nimsync::BoxError>(client)
        });
        let client = client.await.unwrap();
        // Its connection went with the group, and no other can be made.
        let error = client.get(&address).await.unwrap_err();
        assert_eq!(error.to_string(), "the request has failed");
    })
    .await;
}
