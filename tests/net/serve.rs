//! The loop around a listener.

use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::net::{Accept, ServeOptions, Served, TcpListener, TcpStream, serve};
use nimsync::prelude::*;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

async fn echo(stream: TcpStream, _: SocketAddr) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    futures::io::copy(read, &mut write).await?;
    Ok(())
}

/// Runs a server and `clients` beside it, cancels the server when those are done.
/// A connection is over for the client before it is for the server: that has the
/// grace period, which ends with the last one.
async fn with_server<H, F, C>(options: ServeOptions, handler: H, clients: C) -> Served
where
    H: Fn(TcpStream, SocketAddr) -> F + Send + Sync + 'static,
    F: Future<Output: nimsync::TaskOutput> + Send + 'static,
    C: AsyncFnOnce(SocketAddr),
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancelScope::new();
    let (served, ()) = futures::join!(
        stop.run(serve(listener, options.grace(1.minutes()), handler)),
        async {
            clients(address).await;
            stop.cancel();
        }
    );
    served.expect("it returns what it has done").unwrap()
}

#[nimsync::test]
async fn connections_are_served_and_counted() {
    let served = with_server(ServeOptions::new(), echo, async |address| {
        for _ in 0..10 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"hello").await.unwrap();
            stream.close().await.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "hello");
        }
    })
    .await;
    assert_eq!((served.accepted, served.done, served.failed), (10, 10, 0));
    assert_eq!(served.cut_off(), 0);
}

#[nimsync::test]
async fn an_error_ends_its_connection_only() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let options = ServeOptions::new().on_error(move |error| {
        telling.lock().unwrap().push(error.to_string());
    });
    let handler = |mut stream: TcpStream, _| async move {
        let mut byte = [0];
        stream.read_exact(&mut byte).await?;
        stream.write_all(&byte).await?;
        io::Result::Ok(())
    };
    let served = with_server(options, handler, async |address| {
        for _ in 0..3 {
            drop(TcpStream::connect(address).await.unwrap());
        }
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"x").await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "x");
    })
    .await;
    assert_eq!((served.accepted, served.done, served.failed), (4, 1, 3));
    assert_eq!(told.lock().unwrap().len(), 3);
}

#[nimsync::test]
async fn no_more_than_the_limit_are_served_at_once() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (n, m) = (now.clone(), most.clone());
    let handler = move |mut stream: TcpStream, _| {
        let (now, most) = (n.clone(), m.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(2.milliseconds()).await;
            now.fetch_sub(1, Ordering::SeqCst);
            stream.close().await
        }
    };
    let served = with_server(ServeOptions::new().limit(3), handler, async |address| {
        let clients = (0..20).map(|_| async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.unwrap();
        });
        futures::future::join_all(clients).await;
    })
    .await;
    assert_eq!((served.accepted, served.done), (20, 20));
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[nimsync::test]
async fn a_slow_connection_is_dropped() {
    let options = ServeOptions::new().timeout(20.milliseconds());
    let served = with_server(options, echo, async |address| {
        let mut slow = TcpStream::connect(address).await.unwrap();
        // It sends nothing and is told the end.
        assert_eq!(slow.read(&mut [0]).await.unwrap(), 0);
    })
    .await;
    assert_eq!((served.accepted, served.failed), (1, 1));
}

#[nimsync::test]
async fn connections_have_a_grace_period_and_are_then_cut_off() {
    let options = ServeOptions::new().grace(1.seconds());
    let handler = |mut stream: TcpStream, _| async move {
        let mut byte = [0];
        stream.read_exact(&mut byte).await?;
        stream.write_all(&byte).await?;
        // The polite ones hear of it.
        if byte == *b"p" {
            nimsync::cancel::current().cancelled().await;
            stream.write_all(b"bye").await?;
        } else {
            std::future::pending::<()>().await;
        }
        io::Result::Ok(())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancelScope::new();
    let mut polite = TcpStream::connect(address).await.unwrap();
    let mut rude = TcpStream::connect(address).await.unwrap();
    let clients = async {
        polite.write_all(b"p").await.unwrap();
        rude.write_all(b"r").await.unwrap();
        // Both are being served.
        polite.read_exact(&mut [0]).await.unwrap();
        rude.read_exact(&mut [0]).await.unwrap();
        stop.cancel();
        let mut text = String::new();
        polite.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "bye");
        // The listener is closed while the others are still served.
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(rude.read(&mut [0]).await.unwrap_or(0), 0);
    };
    let (served, ()) = futures::join!(stop.run(serve(listener, options, handler)), clients);
    let served = served.unwrap().unwrap();
    assert_eq!((served.accepted, served.done, served.cut_off()), (2, 1, 1));
}

/// A listener that has no descriptors left for a while, and then breaks.
struct Short {
    errors: Mutex<Vec<io::Error>>,
}

impl Accept for Short {
    type Stream = ();
    type Peer = u32;

    async fn accept(&self) -> io::Result<((), u32)> {
        match self.errors.lock().unwrap().pop() {
            Some(error) => Err(error),
            None => Ok(((), 7)),
        }
    }
}

#[nimsync::test(start_paused = true)]
async fn a_shortage_passes_and_a_broken_listener_does_not() {
    // 24 is `EMFILE`; the last one is the first to come.
    let errors = vec![
        ErrorKind::InvalidInput.into(),
        ErrorKind::ConnectionAborted.into(),
        io::Error::from_raw_os_error(24),
        io::Error::from_raw_os_error(24),
    ];
    let told = Arc::new(AtomicUsize::new(0));
    let telling = told.clone();
    let options = ServeOptions::new().on_error(move |_| {
        telling.fetch_add(1, Ordering::SeqCst);
    });
    let before = nimsync::now();
    let listener = Short {
        errors: Mutex::new(errors),
    };
    let error = serve(listener, options, async |(), _| {})
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(told.load(Ordering::SeqCst), 2);
    assert_eq!(nimsync::now() - before, 15.milliseconds(), "it backs off");
}
