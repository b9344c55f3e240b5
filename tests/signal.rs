//! Signals, in processes of their own.

use futures::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use nimsync::Runtime;
use nimsync::net::{ServeOptions, TcpListener, TcpStream, serve};
use nimsync::prelude::*;
use nimsync::signal::{SignalKind, ctrl_c, signal, terminate};
use nimsync_tests::alone::{alone, descriptors};
use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Sends this process a signal. It may be delivered a little later.
fn raise(name: &str) {
    let pid = std::process::id().to_string();
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid])
        .status();
    assert!(sent.unwrap().success());
}

/// Fifty tasks in each of three runtimes, which take turns in reading the pipe.
#[test]
fn all_who_wait_hear_of_it_in_all_runtimes() {
    alone(|| {
        let rounds = 30;
        let threads = [1, 2, 3].map(|workers| {
            let (ready, begun) = std::sync::mpsc::channel();
            let thread = std::thread::spawn(move || {
                let runtime = Runtime::builder().workers(workers).build().unwrap();
                for _ in 0..rounds {
                    runtime.block_on(async {
                        task_group!(|g| {
                            for _ in 0..50 {
                                g.spawn(ctrl_c());
                            }
                            let mut own = ctrl_c();
                            assert!(futures::poll!(&mut own).is_pending());
                            ready.send(()).unwrap();
                            own.await?;
                        })
                        .await
                        .unwrap();
                    });
                }
            });
            (thread, begun)
        });
        for _ in 0..rounds {
            for (_, begun) in &threads {
                begun.recv().unwrap();
            }
            raise("INT");
        }
        for (thread, _) in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_listener_hears_of_each_again_and_again() {
    alone(|| {
        Runtime::local().build().unwrap().block_on(async {
            let mut usr1 = signal(SignalKind::user_defined1()).unwrap();
            let mut other = signal(SignalKind::user_defined1()).unwrap();
            let mut usr2 = signal(SignalKind::user_defined2()).unwrap();
            for _ in 0..20 {
                raise("USR1");
                usr1.recv().await.unwrap();
                // One that came while nobody waited is told afterwards.
                other.next().await.unwrap().unwrap();
            }
            assert!(futures::poll!(usr2.next()).is_pending());
            raise("USR2");
            usr2.recv().await.unwrap();
            assert!(futures::poll!(usr1.next()).is_pending());
        });
    });
}

#[test]
fn only_what_comes_later_counts() {
    alone(|| {
        Runtime::local().build().unwrap().block_on(async {
            let mut first = signal(SignalKind::hangup()).unwrap();
            raise("HUP");
            first.recv().await.unwrap();
            let mut late = signal(SignalKind::hangup()).unwrap();
            assert!(futures::poll!(late.next()).is_pending());
            raise("HUP");
            late.recv().await.unwrap();
        });
    });
}

#[test]
fn a_wait_that_is_dropped_takes_nothing_from_others() {
    alone(|| {
        Runtime::builder()
            .workers(2)
            .build()
            .unwrap()
            .block_on(async {
                task_group!(|g| {
                    let mut patient = signal(SignalKind::user_defined1())?;
                    g.spawn(async move { patient.recv().await });
                    for _ in 0..50 {
                        let mut hasty = signal(SignalKind::user_defined1())?;
                        let cut_off = with_timeout!(100.microseconds(), hasty.recv()).await;
                        assert!(cut_off.is_err());
                    }
                    raise("USR1");
                })
                .await
                .unwrap();
            });
    });
}

#[test]
fn ctrl_c_cancels_a_scope_and_descriptors_are_given_back() {
    alone(|| {
        let runtime = Runtime::local().build().unwrap();
        let waits = async {
            let scope = CancelScope::new();
            let work = scope.run(std::future::pending::<()>());
            let stop = async {
                let waiting = ctrl_c();
                raise("INT");
                waiting.await.unwrap();
                scope.cancel();
            };
            let (cancelled, ()) = futures::join!(work, stop);
            assert!(cancelled.is_err());
        };
        runtime.block_on(waits);
        let before = descriptors();
        for _ in 0..5 {
            runtime.block_on(async {
                let mut stop = terminate();
                assert!(futures::poll!(&mut stop).is_pending());
                assert!(descriptors() > before);
            });
            assert_eq!(descriptors(), before);
        }
    });
}

/// A store that writes down each line before it says `ok`, and is interrupted at moments
/// of every kind: what it has said `ok` to is there, and no descriptor is left.
#[test]
fn ctrl_c_at_any_moment_loses_nothing_that_was_acknowledged() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut rng = fastrand::Rng::with_seed(7);
        let mut before = None;
        let mut acknowledged = 0;
        for round in 0..12 {
            let path = folder.path().join(round.to_string());
            // As if by itself between two lines, in the midst of one, before the first.
            let after = [0, rng.usize(1..20), rng.usize(20..200)][round % 3];
            let said = interrupted_store(&path, after);
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let there: HashSet<_> = text.lines().collect();
            for line in &said {
                assert!(there.contains(&**line), "round {round}: `{line}` is lost");
            }
            acknowledged += said.len();
            // The first round brings what stays: the signal's pipe.
            let open = descriptors();
            assert_eq!(open, *before.get_or_insert(open), "round {round}");
        }
        assert!(acknowledged > 200, "{acknowledged} are too few to tell");
    });
}

/// Writes down each line that comes, until it is asked to end.
async fn store(mut stream: TcpStream, path: PathBuf) -> io::Result<()> {
    let server = nimsync::cancel::current();
    let (reader, writer) = stream.halves();
    let mut lines = BufReader::new(reader).lines();
    loop {
        select! {
            biased;
            () = server.cancelled() => return writer.close().await,
            line = lines.next() => {
                let Some(line) = line else { return Ok(()) };
                nimsync::fs::append(&path, format!("{}\n", line?)).await?;
                writer.write_all(b"ok\n").await?;
            }
        }
    }
}

/// Runs the store until it is interrupted, when so many lines were acknowledged. Returns
/// all that were.
fn interrupted_store(path: &Path, after: usize) -> Vec<String> {
    let said = Mutex::new(Vec::new());
    let runtime = Runtime::builder().workers(2).build().unwrap();
    runtime.block_on(async {
        let interrupt = ctrl_c();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancelScope::new();
        let options = ServeOptions::new().grace(1.minutes());
        let handler = |stream, _| store(stream, path.to_owned());
        let serving = stop.run(serve(listener, options, handler));
        let interrupted = async {
            interrupt.await.unwrap();
            stop.cancel();
        };
        let clients = (0..4).map(|client| {
            let (said, stop) = (&said, &stop);
            async move {
                // It may have gone before.
                let Ok(mut stream) = TcpStream::connect(address).await else {
                    return;
                };
                let (reader, writer) = stream.halves();
                let mut answers = BufReader::new(reader).lines();
                for number in 0.. {
                    let line = format!("{client}-{number}");
                    // Until it has gone.
                    if writer
                        .write_all(format!("{line}\n").as_bytes())
                        .await
                        .is_err()
                    {
                        return;
                    }
                    match answers.next().await {
                        Some(Ok(answer)) => assert_eq!(answer, "ok"),
                        _ => return,
                    }
                    said.lock().unwrap().push(line);
                    if said.lock().unwrap().len() == after && stop.active() {
                        raise("INT");
                    }
                }
            }
        });
        if after == 0 {
            raise("INT");
        }
        let clients = futures::future::join_all(clients);
        let (served, (), _) = futures::join!(serving, interrupted, clients);
        assert_eq!(served.unwrap().unwrap().cut_off(), 0);
    });
    said.into_inner().unwrap()
}

/// A runtime that has ended does not keep others from hearing.
#[test]
fn a_runtime_that_has_ended_is_forgotten() {
    alone(|| {
        let mut kept = signal(SignalKind::user_defined1()).unwrap();
        let first = Runtime::local().build().unwrap();
        first.block_on(async { assert!(futures::poll!(kept.next()).is_pending()) });
        drop(first);
        Runtime::local().build().unwrap().block_on(async {
            let error = kept.recv().await.unwrap_err();
            assert!(error.to_string().contains("has ended"), "{error}");
            let mut fresh = signal(SignalKind::user_defined1()).unwrap();
            raise("USR1");
            fresh.recv().await.unwrap();
        });
    });
}

#[nimsync::test]
async fn kinds_that_cannot_be_heard_are_refused() {
    for number in [9, 19, 11, 0, -1, 1_000_000] {
        let error = signal(SignalKind::from_raw(number)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}");
        assert!(error.to_string().contains("cannot be listened for"));
    }
}

#[test]
fn outside_of_a_runtime_it_says_so() {
    let mut changes = signal(SignalKind::window_change()).unwrap();
    let wait: io::Result<()> = futures::executor::block_on(changes.recv());
    assert!(wait.unwrap_err().to_string().contains("outside"));
}
