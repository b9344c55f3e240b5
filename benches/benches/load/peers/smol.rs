//! Servers on what smol is made of: async-executor and async-io.

use std::{io, net};

use async_io::Async;
use futures::{AsyncReadExt, AsyncWriteExt};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use nimsync_benches::peers::{AsyncExecutor, Peer};
use smol_hyper::rt::FuturesIo;

use crate::echo::BUFFER;

type TcpStream = Async<net::TcpStream>;

pub(crate) fn echo(listener: net::TcpListener) {
    serve(listener, |stream| {
        AsyncExecutor::detach(AsyncExecutor::spawn(echo_all(stream)));
    });
}

async fn echo_all(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = [0; BUFFER];
    loop {
        match stream.read(&mut bytes).await? {
            0 => return Ok(()),
            count => stream.write_all(&bytes[..count]).await?,
        }
    }
}

pub(crate) fn hello(listener: net::TcpListener) {
    serve(listener, |stream| {
        let service = service_fn(crate::hello::hello);
        let connection = http1::Builder::new().serve_connection(FuturesIo::new(stream), service);
        AsyncExecutor::detach(AsyncExecutor::spawn(connection));
    });
}

fn serve(listener: net::TcpListener, spawn: impl Fn(TcpStream)) {
    AsyncExecutor::start().block_on(async {
        let listener = Async::new(listener).expect("the runtime takes it");
        loop {
            let (stream, _) = listener.accept().await.expect("the listener works");
            spawn(stream);
        }
    });
}
