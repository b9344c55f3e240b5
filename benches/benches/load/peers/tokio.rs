//! Servers on tokio's multi-threaded runtime.

use std::{io, net};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use nimsync_benches::WORKERS;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

use crate::echo::BUFFER;

pub(crate) fn echo(listener: net::TcpListener) {
    // A connection that the client has broken is over, like one that was closed.
    serve(listener, |stream| drop(tokio::spawn(echo_all(stream))));
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
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        drop(tokio::spawn(connection));
    });
}

fn serve(listener: net::TcpListener, spawn: impl Fn(TcpStream)) {
    let mut builder = Builder::new_multi_thread();
    let builder = builder.worker_threads(WORKERS).enable_all();
    let runtime = builder.build().expect("the runtime starts");
    runtime.block_on(async {
        listener
            .set_nonblocking(true)
            .expect("a socket can be that");
        let listener = TcpListener::from_std(listener).expect("the runtime takes it");
        loop {
            let (stream, _) = listener.accept().await.expect("the listener works");
            spawn(stream);
        }
    });
}
