//! Libraries made for tokio, in tasks of a runtime that has one beside it.

use nimsync::http::{
    BodyExt, Bytes, Empty, Full, Response, ServeOptions, hyper_util, serve, service_fn,
};
use nimsync::net::TcpListener;
use nimsync::prelude::*;
use nimsync::{BuildError, Runtime};
use nimsync_tests::Census;
use std::convert::Infallible;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A client that knows nothing but tokio: its sockets, timers, and tasks of its own.
type Client = hyper_util::client::legacy::Client<
    hyper_util::client::legacy::connect::HttpConnector,
    Empty<Bytes>,
>;

fn client() -> Client {
    let executor = hyper_util::rt::TokioExecutor::new();
    hyper_util::client::legacy::Client::builder(executor)
        .pool_timer(hyper_util::rt::TokioTimer::new())
        .build_http()
}

#[nimsync::test(tokio, flavor = "threads")]
async fn a_client_for_tokio_asks_a_server_of_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service =
        service_fn(async |_| Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("tea"))));
    task_group!(|g| {
        g.service(serve(
            listener,
            ServeOptions::new().grace(Duration::ZERO),
            service,
        ));
        let client = client();
        for _ in 0..3 {
            let client = client.clone();
            // On any worker: each has the handle.
            g.spawn(async move {
                let uri = format!("http://{address}/").parse()?;
                let body = client.get(uri).await?.into_body().collect().await?;
                assert_eq!(body.to_bytes(), "tea");
                Ok::<_, nimsync::BoxError>(())
            })
            .await;
        }
    })
    .await
    .unwrap();
}

#[nimsync::test(tokio)]
async fn what_tokio_has_works_in_a_task() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    task_group!(|g| {
        g.spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            stream.write_all(b"hello").await
        });
        let mut text = String::new();
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream.read_to_string(&mut text).await?;
        assert_eq!(text, "hello");

        tokio::time::sleep(1.milliseconds()).await;
        let late = tokio::time::timeout(1.milliseconds(), std::future::pending::<()>());
        assert!(late.await.is_err());
        assert_eq!(tokio::spawn(async { 6 * 7 }).await?, 42);
        assert_eq!(tokio::task::spawn_blocking(|| 42).await?, 42);
        // And in a blocking call of ours.
        let handle = g.spawn_blocking(|| tokio::runtime::Handle::try_current().is_ok());
        assert!(handle.await);
    })
    .await
    .unwrap();
}

#[test]
fn nobody_else_has_a_tokio_runtime() {
    Runtime::local()
        .build()
        .unwrap()
        .block_on(async { assert!(tokio::runtime::Handle::try_current().is_err()) });
    let rt = Runtime::local().tokio_compat().build().unwrap();
    rt.block_on(async { assert!(tokio::runtime::Handle::try_current().is_ok()) });
    assert!(tokio::runtime::Handle::try_current().is_err());
}

#[test]
fn tokio_ends_after_our_tasks_with_what_was_spawned_on_it() {
    let census = Census::new();
    let rt = Runtime::builder()
        .workers(2)
        .tokio_compat()
        .build()
        .unwrap();
    rt.block_on(async {
        let (escaped, ours) = (census.clone(), census.clone());
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        // In no group: nobody waits for it.
        tokio::spawn(async move {
            let _alive = escaped.guard();
            let _ = begun.send(());
            std::future::pending::<()>().await;
        });
        has_begun.await.unwrap();
        let group = task_group!(|g| {
            g.defer(async move {
                let _alive = ours.guard();
                tokio::time::sleep(Duration::from_millis(1)).await;
            });
        });
        group.await.unwrap();
        assert_eq!((census.born(), census.alive()), (2, 1));
    });
    assert_eq!(census.alive(), 1, "it has escaped the tree");
    drop(rt);
    assert_eq!(census.alive(), 0, "and ends with the runtime");
}

#[nimsync::test]
async fn one_future_is_made_to_fit() {
    assert!(tokio::runtime::Handle::try_current().is_err());
    let answer = nimsync::compat(async {
        tokio::time::sleep(1.milliseconds()).await;
        tokio::spawn(async { 42 }).await.unwrap()
    });
    assert_eq!(answer.await, 42);
    assert!(tokio::runtime::Handle::try_current().is_err());

    // It is cancelled like others, and dropped with tokio at hand.
    struct LooksForTokio(Census);
    impl Drop for LooksForTokio {
        fn drop(&mut self) {
            assert!(tokio::runtime::Handle::try_current().is_ok());
            std::mem::forget(self.0.guard());
        }
    }
    let census = Census::new();
    let looks = LooksForTokio(census.clone());
    let slow = nimsync::compat(async move {
        let _looks = looks;
        tokio::time::sleep(Duration::from_secs(3600)).await;
    });
    assert!(with_timeout!(1.milliseconds(), slow).await.is_err());
    assert_eq!(census.born(), 1);
}

#[test]
fn one_future_is_made_to_fit_on_any_executor() {
    let answer = nimsync::compat(async { tokio::spawn(async { 42 }).await.unwrap() });
    assert_eq!(futures::executor::block_on(answer), 42);
}

#[test]
fn a_paused_clock_and_tokio_do_not_go_together() {
    let error = Runtime::local()
        .paused_clock()
        .tokio_compat()
        .build()
        .unwrap_err();
    assert!(matches!(error, BuildError::TokioInPausedTest));
    let said = "tokio's clock goes on when that of the runtime is paused";
    assert_eq!(error.to_string(), said);
}

#[test]
fn a_runtime_with_tokio_may_be_dropped_inside_of_another() {
    let outer = tokio::runtime::Runtime::new().unwrap();
    outer.block_on(async {
        let rt = Runtime::local().tokio_compat().build().unwrap();
        assert!(rt.shutdown_timeout(5.seconds()));
        drop(Runtime::local().tokio_compat().build().unwrap());
    });
}
