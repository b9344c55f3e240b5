//! How children end, and that none is left.

use nimsync::Runtime;
use nimsync::io::AsyncReadExt;
use nimsync::prelude::*;
use nimsync::process::{Command, Stdio};
use nimsync::signal::SignalKind;
use nimsync_tests::alone::{alone, alone_within, children, descriptors, exists};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex};

fn sleeper() -> Command {
    let mut command = Command::new("sleep");
    command.arg("1000");
    command
}

/// A child that ignores `SIGTERM`, once it has said so.
async fn stubborn() -> nimsync::process::Child {
    let mut child = Command::new("sh")
        .args(["-c", "trap '' TERM; echo; while :; do sleep 1000; done"])
        .stdout(Stdio::piped())
        .new_group(true)
        .spawn()
        .unwrap();
    let said = child.stdout.as_mut().unwrap().read(&mut [0; 8]).await;
    assert_eq!(said.unwrap(), 1);
    child
}

#[nimsync::test]
async fn a_wait_returns_the_code_and_may_be_repeated() {
    let mut child = Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
    assert!(child.id().is_some());
    for _ in 0..2 {
        assert_eq!(child.wait().await.unwrap().code(), Some(7));
        assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(7));
    }
    assert_eq!(child.id(), None);
    // There is nobody to send it to, and that is no error.
    child.signal(SignalKind::terminate()).unwrap();
    assert_eq!(child.kill().await.unwrap().code(), Some(7));
}

#[nimsync::test]
async fn a_wait_that_is_dropped_may_be_repeated() {
    let mut child = sleeper().spawn().unwrap();
    for _ in 0..3 {
        let cut_off = with_timeout!(1.milliseconds(), child.wait()).await;
        assert!(cut_off.is_err());
        assert!(child.try_wait().unwrap().is_none());
    }
    assert_eq!(child.kill().await.unwrap().signal(), Some(9));
}

#[nimsync::test]
async fn a_polite_child_is_terminated() {
    let mut child = sleeper().spawn().unwrap();
    let status = child.terminate(1.minutes()).await.unwrap();
    assert_eq!(status.signal(), Some(15));
}

#[nimsync::test]
async fn a_child_that_ignores_the_request_is_killed_after_the_grace_period() {
    let mut child = stubborn().await;
    let status = child.terminate(20.milliseconds()).await.unwrap();
    assert_eq!(status.signal(), Some(9));
}

#[nimsync::test]
async fn a_termination_that_is_dropped_leaves_the_child_to_its_owner() {
    let mut child = stubborn().await;
    let cut_off = with_timeout!(2.milliseconds(), child.terminate(1.minutes())).await;
    assert!(cut_off.is_err());
    assert!(child.try_wait().unwrap().is_none());
    assert_eq!(child.kill().await.unwrap().signal(), Some(9));
}

/// The task that drops a child does not end before the child was reaped.
#[test]
fn a_dropped_child_is_gone_when_its_task_is() {
    for workers in [1, 2] {
        let runtime = Runtime::builder().workers(workers).build().unwrap();
        let pids = runtime.block_on(async {
            let mut pids = Vec::new();
            for _ in 0..10 {
                let child = sleeper().spawn().unwrap();
                pids.push(child.id().unwrap());
                let stubborn = stubborn().await;
                pids.push(stubborn.id().unwrap());
            }
            pids
        });
        assert!(pids.iter().all(|&pid| !exists(pid)));
    }
}

#[nimsync::test(workers = 2)]
async fn children_of_a_cancelled_group_are_gone_when_it_ends() {
    let started = Arc::new(Mutex::new(Vec::new()));
    let group = task_group!(|g| {
        for _ in 0..8 {
            let started = started.clone();
            g.spawn(async move {
                let mut child = sleeper().spawn()?;
                started.lock().unwrap().push(child.id().unwrap());
                child.wait().await.map(drop)
            });
        }
        while started.lock().unwrap().len() < 8 {
            nimsync::yield_now().await;
        }
        g.cancel();
    });
    let _ = group.await;
    let pids = started.lock().unwrap();
    assert!(pids.len() == 8 && pids.iter().all(|&pid| !exists(pid)));
}

/// Nothing is left: no process, no zombie, no descriptor.
#[test]
fn many_children_that_end_in_all_ways_leave_nothing_behind() {
    alone(|| {
        let runtime = Runtime::builder().workers(2).build().unwrap();
        // What the runtime opens once, it has open from here on.
        runtime.block_on(async {
            Command::new("true").output().await.unwrap();
        });
        let (before, threads) = (descriptors(), 12);
        runtime.block_on(async {
            task_group!(limit = threads, |g| {
                for n in 0..120 {
                    g.ready().await;
                    g.spawn(async move {
                        let mut command = Command::new("sh");
                        command.stdout(Stdio::piped()).stdin(Stdio::piped());
                        command.args([
                            "-c",
                            if n % 2 == 0 {
                                "exit 1"
                            } else {
                                "exec sleep 1000"
                            },
                        ]);
                        command.new_group(n % 3 == 0);
                        let mut child = command.spawn()?;
                        match n % 6 {
                            0 => drop(child),
                            1 => drop(with_timeout!(1.milliseconds(), child.output()).await),
                            2 => drop(child.wait().await?),
                            3 => drop(child.kill().await?),
                            4 => drop(child.terminate(1.minutes()).await?),
                            _ => drop(with_timeout!(1.milliseconds(), child.wait()).await),
                        }
                        io::Result::Ok(())
                    });
                }
            })
            .await
            .unwrap();
        });
        assert_eq!(children(), []);
        assert_eq!(descriptors(), before);
    });
}

/// One that is left to live on is no zombie when it ends while the runtime lives.
#[test]
fn a_child_that_lives_on_is_reaped_when_it_ends() {
    alone(|| {
        let runtime = Runtime::builder().workers(2).build().unwrap();
        let pid = runtime.block_on(async {
            let mut command = sleeper();
            let child = command.kill_on_drop(false).spawn().unwrap();
            child.id().unwrap()
        });
        // It may not have got to its sleep yet.
        let state = loop {
            match children()[..] {
                ['R' | 'D'] => std::thread::yield_now(),
                ref other => break other.to_vec(),
            }
        };
        let killed = std::process::Command::new("kill")
            .arg(pid.to_string())
            .status();
        assert!(killed.unwrap().success());
        assert_eq!(state, ['S']);
        runtime.block_on(async {
            while exists(pid) {
                nimsync::yield_now().await;
            }
        });
    });
}

/// A group goes as a whole.
#[nimsync::test]
async fn what_a_child_has_started_dies_with_its_group() {
    let mut child = Command::new("sh")
        .args(["-c", "sleep 1000 & echo $!; wait"])
        .stdout(Stdio::piped())
        .new_group(true)
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut bytes = [0; 32];
    let count = output.read(&mut bytes).await.unwrap();
    assert!(count > 1);
    child.kill().await.unwrap();
    // The pipe ends when the last who has it has ended.
    assert_eq!(output.read(&mut bytes).await.unwrap(), 0);
}

/// Without descriptors nothing starts, and nothing is left of what was tried.
#[test]
fn a_shortage_of_descriptors_leaves_nothing_behind() {
    alone_within("ulimit -n 40", || {
        let runtime = Runtime::local().build().unwrap();
        runtime.block_on(async {
            let mut kept = Vec::new();
            let error = loop {
                let mut command = sleeper();
                command.stdin(Stdio::piped()).stdout(Stdio::piped());
                match command.spawn() {
                    Ok(child) => kept.push(child),
                    Err(error) => break error,
                }
            };
            let full = error.to_string().contains("Too many open files");
            assert!(full, "{error}");
            assert!(kept.len() > 3);
            drop(kept);
        });
        assert_eq!(children(), []);
        runtime.block_on(async {
            assert!(Command::new("true").status().await.unwrap().success());
        });
    });
}
