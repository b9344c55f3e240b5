//! A server for a test.

use futures::AsyncReadExt;
use nimsync::http::{Bytes, Full, Incoming, Request, Response, ServeOptions, serve};
use nimsync::net::{Served, TcpListener, TcpStream};
use nimsync::prelude::*;
use std::convert::Infallible;
use std::net::SocketAddr;

pub(super) type Answer = Response<Full<Bytes>>;

pub(super) fn text(text: impl Into<Bytes>) -> Answer {
    Response::new(Full::new(text.into()))
}

/// A service that answers by `f`.
pub(super) fn answer<F, A>(
    f: F,
) -> impl nimsync::http::hyper::service::Service<
    Request<Incoming>,
    Response = Answer,
    Error = Infallible,
    Future = impl Future<Output = Result<Answer, Infallible>> + Send + 'static,
> + Clone
+ Send
+ 'static
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    nimsync::http::service_fn(move |request| {
        let answer = f(request);
        async move { Ok(answer.await) }
    })
}

/// Says which path was asked for.
pub(super) async fn path(request: Request<Incoming>) -> Answer {
    text(request.uri().path().to_owned())
}

/// Runs a server and `clients` beside it, and cancels the server when those are done.
pub(super) async fn with_server<F, A, C>(options: ServeOptions, f: F, clients: C) -> Served
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
    C: AsyncFnOnce(SocketAddr, &CancelScope),
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancelScope::new();
    let (served, ()) = futures::join!(stop.run(serve(listener, options, answer(f))), async {
        clients(address, &stop).await;
        stop.cancel();
    });
    served.expect("it returns what it has done").unwrap()
}

/// Reads to the end of a connection.
pub(super) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until `end` has come.
pub(super) async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut byte = [0];
        let read = stream.read(&mut byte).await.unwrap();
        assert_eq!(read, 1, "it ended after {text:?}");
        text.push(byte[0].into());
    }
    text
}
