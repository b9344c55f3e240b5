//! Many connections, cut off at random.

use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::Runtime;
use nimsync::net::{ServeOptions, TcpListener, TcpStream, serve};
use nimsync::prelude::*;
use std::io;

/// Descriptors that the process has open.
#[cfg(target_os = "linux")]
fn descriptors_of(port: u16) -> usize {
    let tcp = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let port = format!(":{port:04X} ");
    // An inode of zero belongs to no process any more.
    let open = |line: &&str| line.contains(&port) && line.split_whitespace().nth(9) != Some("0");
    tcp.lines().filter(open).count()
}

fn echo_under_fire(workers: usize, seed: u64) {
    let runtime = Runtime::builder().workers(workers).build().unwrap();
    let mut rng = fastrand::Rng::with_seed(seed);
    let port = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancelScope::new();
        let server = stop.clone();
        let outcome = task_group!(|g| {
            let served = g.spawn(async move {
                let options = ServeOptions::new().limit(50);
                let serving = serve(listener, options, async |stream: TcpStream, _| {
                    let (read, mut write) = stream.into_split();
                    futures::io::copy(read, &mut write).await.map(drop)
                });
                server.run(serving).await?
            });
            task_group!(limit = 40, |clients| {
                for _ in 0..200 {
                    clients.ready().await;
                    let mut rng = rng.fork();
                    clients.spawn(async move {
                        let size = rng.usize(1..40_000);
                        let body: Vec<u8> = (0..size).map(|_| rng.u8(..)).collect();
                        let limit = if rng.bool() {
                            1.minutes()
                        } else {
                            std::time::Duration::from_micros(rng.u64(..3_000))
                        };
                        let echoed = with_timeout!(limit, async {
                            let mut stream = TcpStream::connect(address).await?;
                            let (read, write) = stream.halves();
                            let mut echoed = vec![0; body.len()];
                            let sending = async {
                                for part in body.chunks(1_000) {
                                    write.write_all(part).await?;
                                }
                                write.close().await
                            };
                            let (sent, received) =
                                futures::join!(sending, read.read_exact(&mut echoed));
                            sent?;
                            received?;
                            io::Result::Ok(echoed)
                        });
                        match echoed.await {
                            Ok(echoed) => assert!(echoed? == body),
                            Err(_) => assert!(limit < 1.minutes()),
                        }
                        io::Result::Ok(())
                    });
                }
            })
            .await?;
            stop.cancel();
            Ok(served.await)
        });
        outcome.await.unwrap();
        address.port()
    });
    drop(runtime);
    #[cfg(target_os = "linux")]
    assert_eq!(descriptors_of(port), 0);
    let _ = port;
}

#[test]
fn an_echo_server_under_fire_on_one_worker() {
    echo_under_fire(1, 1);
}

#[test]
fn an_echo_server_under_fire_on_two_workers() {
    echo_under_fire(2, 2);
}

#[test]
fn an_echo_server_under_fire_on_four_workers() {
    echo_under_fire(4, 3);
}

/// I/O goes on while a poll keeps a worker: another one is in the driver.
#[test]
fn a_stuck_worker_does_not_keep_io_from_going_on() {
    let runtime = Runtime::builder().workers(2).build().unwrap();
    runtime.block_on(async {
        let (mut near, mut far) = super::streams::pair().await;
        let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let wait = done.clone();
        task_group!(|g| {
            g.spawn(async move {
                let mut byte = [0];
                for _ in 0..10 {
                    far.read_exact(&mut byte).await?;
                    far.write_all(&byte).await?;
                }
                done.store(true, std::sync::atomic::Ordering::SeqCst);
                io::Result::Ok(())
            });
            g.spawn_blocking(move || {
                // From a plain thread, so that nothing but the driver moves it on.
                let _ = near.set_nodelay(true);
                futures::executor::block_on(async {
                    let mut byte = [1];
                    for _ in 0..10 {
                        std::thread::sleep(std::time::Duration::from_millis(3));
                        near.write_all(&byte).await?;
                        near.read_exact(&mut byte).await?;
                    }
                    io::Result::Ok(())
                })
            });
            sleep(10.milliseconds()).await;
            while !wait.load(std::sync::atomic::Ordering::SeqCst) {
                std::thread::yield_now();
            }
        })
        .await
        .unwrap();
    });
}
