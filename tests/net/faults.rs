//! Peers that vanish, are silent, or are slow; descriptors that run out.

use super::streams::pair;
use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::net::{ServeOptions, TcpListener, TcpStream, serve};
use nimsync::prelude::*;
use std::io::{self, ErrorKind};
use std::net::Shutdown;

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted
    )
}

/// Resets a connection: what has not been read at the other end is lost.
fn reset(stream: TcpStream) {
    stream.reset_on_drop().unwrap();
    drop(stream);
}

/// A reset before the connection was accepted is the connection's affair.
#[nimsync::test]
async fn a_reset_while_it_waits_to_be_accepted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    for _ in 0..5 {
        reset(TcpStream::connect(address).await.unwrap());
    }
    let mut last = TcpStream::connect(address).await.unwrap();
    let stop = CancelScope::new();
    let options = ServeOptions::new().grace(1.minutes());
    let echo = async |stream: TcpStream, _| {
        let (read, mut write) = stream.into_split();
        futures::io::copy(read, &mut write).await.map(drop)
    };
    let client = async {
        last.write_all(b"still served").await.unwrap();
        last.close().await.unwrap();
        let mut text = String::new();
        last.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "still served");
        stop.cancel();
    };
    let (served, ()) = futures::join!(stop.run(serve(listener, options, echo)), client);
    let served = served.unwrap().unwrap();
    assert_eq!(served.done, 1);
    assert_eq!(served.cut_off(), 0);
}

#[nimsync::test]
async fn a_reset_while_somebody_waits_to_read() {
    let (mut near, far) = pair().await;
    let mut byte = [0];
    let reading = near.read(&mut byte);
    let (read, ()) = futures::join!(reading, async {
        sleep(1.milliseconds()).await;
        reset(far);
    });
    assert!(is_gone(&read.unwrap_err()));
    // It was told; from now on there is nothing more to read.
    assert_eq!(near.read(&mut byte).await.unwrap(), 0);
}

/// Both buffers are full, so the writer waits when the reset comes.
#[nimsync::test]
async fn a_reset_while_somebody_waits_to_write() {
    let (mut near, far) = pair().await;
    let (written, ()) = futures::join!(near.write_all(&[0; 50_000_000]), async {
        sleep(5.milliseconds()).await;
        reset(far);
    });
    assert!(is_gone(&written.unwrap_err()));
    assert!(is_gone(&near.write(b"more").await.unwrap_err()));
}

#[nimsync::test]
async fn a_reset_between_the_two_ends_of_a_connection() {
    // Before we say the end, and after.
    let (mut near, far) = pair().await;
    reset(far);
    sleep(1.milliseconds()).await;
    near.close().await.unwrap();
    let (mut near, far) = pair().await;
    near.close().await.unwrap();
    reset(far);
    match near.read(&mut [0]).await {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert!(is_gone(&error)),
    }
    near.close().await.unwrap();
    let _ = near.shutdown(Shutdown::Both);
}

/// The other end of a half-open connection says nothing, and takes nothing: only
/// our own limits end it.
#[nimsync::test]
async fn a_silent_peer_is_left_by_a_time_limit() {
    let (mut near, mut far) = pair().await;
    let silent = with_timeout!(2.milliseconds(), near.read(&mut [0])).await;
    assert!(silent.is_err());
    let mut taken = 0;
    while let Ok(count) = with_timeout!(5.milliseconds(), near.write(&[7; 100_000])).await {
        taken += count.unwrap();
    }
    // It comes back, and everything that was said to be written is there.
    near.close().await.unwrap();
    let mut received = Vec::new();
    far.read_to_end(&mut received).await.unwrap();
    assert_eq!(received.len(), taken);
}

/// Clients that send a byte now and then take all places, and lose them in time.
#[nimsync::test]
async fn slow_clients_do_not_keep_others_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let options = ServeOptions::new().limit(4).timeout(50.milliseconds());
    let request = async |mut stream: TcpStream, _| {
        let mut line = [0; 10];
        stream.read_exact(&mut line).await?;
        stream.write_all(&line).await
    };
    let stop = CancelScope::new();
    let clients = async {
        let slow = (0..12).map(|_| async {
            let mut stream = TcpStream::connect(address).await?;
            loop {
                stream.write_all(b".").await?;
                sleep(20.milliseconds()).await;
            }
            #[expect(unreachable_code)]
            io::Result::Ok(())
        });
        let quick = async {
            // Behind all of them in the queue.
            sleep(2.milliseconds()).await;
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"0123456789").await.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "0123456789");
        };
        let slow = futures::future::join_all(slow);
        let (slow, ()) = futures::join!(slow, quick);
        assert!(slow.iter().all(|end| is_gone(end.as_ref().unwrap_err())));
        stop.cancel();
    };
    let serving = stop.run(serve(listener, options, request));
    let (served, ()) = futures::join!(serving, clients);
    let served = served.unwrap().unwrap();
    assert_eq!((served.accepted, served.done, served.failed), (13, 1, 12));
}

/// Connections wait in the queue until there are descriptors for them again.
#[cfg(target_os = "linux")]
#[test]
fn a_server_outlives_a_shortage_of_descriptors() {
    use nimsync_tests::alone::alone_within;
    use std::sync::{Arc, Mutex};
    alone_within("ulimit -n 60", || {
        let runtime = nimsync::Runtime::builder().workers(2).build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut clients = Vec::new();
            for _ in 0..5 {
                clients.push(TcpStream::connect(address).await.unwrap());
            }
            let mut hoard = Vec::new();
            while let Ok(file) = std::fs::File::open("/dev/null") {
                hoard.push(file);
            }
            // What else needs one now says so.
            let error = TcpStream::connect(address).await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(24));
            let error = nimsync::fs::read("/dev/null").await.unwrap_err();
            assert!(error.to_string().contains("Too many open files"));
            let error = nimsync::process::Command::new("true").spawn();
            assert!(error.unwrap_err().to_string().contains("Too many open"));

            let hoard = Arc::new(Mutex::new(Some(hoard)));
            let relief = hoard.clone();
            let options = ServeOptions::new().on_error(move |error| {
                assert!(error.to_string().contains("Too many open files"));
                relief.lock().unwrap().take();
            });
            let stop = CancelScope::new();
            let hello = async |mut stream: TcpStream, _| stream.write_all(b"hello").await;
            let options = options.grace(1.minutes());
            let (served, ()) = futures::join!(stop.run(serve(listener, options, hello)), async {
                for mut client in clients {
                    let mut text = String::new();
                    client.read_to_string(&mut text).await.unwrap();
                    assert_eq!(text, "hello");
                }
                stop.cancel();
            });
            assert_eq!(served.unwrap().unwrap().done, 5);
            assert!(hoard.lock().unwrap().is_none(), "there was a shortage");
        });
    });
}

/// Ten thousand connections that do nothing, and end all at once; both of their ends
/// are here. Where fewer descriptors are allowed, half as many connections as those.
#[cfg(target_os = "linux")]
#[test]
fn many_idle_connections_end_with_their_server() {
    use nimsync_tests::alone::{alone_within, descriptors, most_descriptors, resident};
    /// What a connection may take at most, both ends: ours, the client's, and what this
    /// test needs. Without optimisation it is 2.5 KiB; a buffer of its own would show.
    const MOST: usize = 6 * 1024;
    alone_within(
        "ulimit -n 20200 2>/dev/null || ulimit -n $(ulimit -H -n)",
        || {
            let connections = 10_000.min((most_descriptors() - 200) / 2);
            let runtime = nimsync::Runtime::builder().workers(2).build().unwrap();
            runtime.block_on(async {});
            let before = descriptors();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let stop = CancelScope::new();
                let wait = async |mut stream: TcpStream, _| {
                    stream.write_all(b"x").await?;
                    stream.read(&mut [0]).await.map(drop)
                };
                let clients = async {
                    let bytes = resident();
                    let mut clients = Vec::new();
                    for _ in 0..connections {
                        let mut client = TcpStream::connect(address).await.unwrap();
                        client.read_exact(&mut [0]).await.unwrap();
                        clients.push(client);
                    }
                    let each = (resident() - bytes) / connections;
                    assert!(each < MOST, "{each} bytes each, of {connections}");
                    stop.cancel();
                    for mut client in clients {
                        // Cut off: told the end, in one way or another.
                        assert_eq!(client.read(&mut [0]).await.unwrap_or(0), 0);
                    }
                };
                let serving = stop.run(serve(listener, ServeOptions::new(), wait));
                let (served, ()) = futures::join!(serving, clients);
                let served = served.unwrap().unwrap();
                assert_eq!(served.accepted, connections as u64);
                assert_eq!(served.cut_off(), connections as u64);
            });
            assert_eq!(descriptors(), before);
        },
    );
}
