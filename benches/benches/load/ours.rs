//! Servers on nimsync.

use std::io;
use std::net;

use futures::{AsyncReadExt, AsyncWriteExt};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use nimsync::http::{self, Io};
use nimsync::net::{ServeOptions, TcpListener, TcpStream, serve};
use nimsync_benches::ours;

use crate::echo::BUFFER;

pub(crate) fn echo(listener: net::TcpListener) {
    let served = ours::start().block_on(async {
        let listener = TcpListener::from_std(listener)?;
        serve(listener, ServeOptions::new(), |stream, _| echo_all(stream)).await
    });
    served.expect("the listener works");
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

/// With hyper's own connection, as the peers have it.
pub(crate) fn hello(listener: net::TcpListener) {
    let served = ours::start().block_on(async {
        let listener = TcpListener::from_std(listener)?;
        serve(listener, ServeOptions::new(), |stream, _| {
            http1::Builder::new().serve_connection(Io::new(stream), service_fn(crate::hello::hello))
        })
        .await
    });
    served.expect("the listener works");
}

/// With HTTP/2 and limits of time, as nimsync's users have it.
pub(crate) fn hello_by_serve(listener: net::TcpListener) {
    let served = ours::start().block_on(async {
        let listener = TcpListener::from_std(listener)?;
        let service = service_fn(crate::hello::hello);
        http::serve(listener, http::ServeOptions::new(), service).await
    });
    served.expect("the listener works");
}
