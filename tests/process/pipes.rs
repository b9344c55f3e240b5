//! What goes into a child and comes out of it.

use nimsync::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use nimsync::prelude::*;
use nimsync::process::{Command, Stdio};
use std::io::{self, ErrorKind};

#[nimsync::test]
async fn output_is_collected_from_both_streams() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "echo out; echo err >&2; exit 3"]);
    let output = shell.output().await.unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(output.stdout, b"out\n");
    assert_eq!(output.stderr, b"err\n");
    // What `output` sets for the streams is not for later.
    let child = shell.stderr(Stdio::null()).stdout(Stdio::null()).spawn();
    assert!(child.unwrap().stdout.is_none());
}

#[nimsync::test]
async fn surroundings_are_as_they_were_set() {
    let output = Command::new("sh")
        .args(["-c", "echo $A-$B-$C; pwd"])
        .env_clear()
        .envs([("A", "1"), ("B", "2")])
        .env("C", "3")
        .env_remove("B")
        .current_dir("/")
        .output()
        .await
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1--3\n/\n");
}

/// More than fits into the pipes, there and back at once.
#[nimsync::test(workers = 2)]
async fn a_large_body_goes_through_a_child() {
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let body: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
    let sent = body.clone();
    let received = task_group!(|g| {
        g.spawn(async move {
            input.write_all(&sent).await?;
            input.close().await?;
            let late = input.write(b"x").await.unwrap_err();
            assert_eq!(late.kind(), ErrorKind::BrokenPipe);
            io::Result::Ok(())
        });
        let mut received = Vec::new();
        output.read_to_end(&mut received).await?;
        Ok(received)
    })
    .await
    .unwrap();
    assert!(received == body);
    assert!(child.wait().await.unwrap().success());
}

#[nimsync::test]
async fn lines_come_while_the_child_runs() {
    let mut child = Command::new("sh")
        .args(["-c", "echo one; read line; echo got $line"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().await.unwrap().unwrap(), "one");
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"two\n").await.unwrap();
    assert_eq!(lines.next().await.unwrap().unwrap(), "got two");
    assert!(lines.next().await.is_none());
    assert!(child.wait().await.unwrap().success());
}

/// A wait closes the input, or a child that reads to its end would wait for us.
#[nimsync::test]
async fn a_wait_closes_the_input() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    assert!(child.wait().await.unwrap().success());
}

#[nimsync::test]
async fn a_read_that_is_cut_off_loses_nothing() {
    let mut child = Command::new("sh")
        .args(["-c", "read line; echo $line"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut bytes = [0; 16];
    let cut_off = with_timeout!(2.milliseconds(), output.read(&mut bytes)).await;
    assert!(cut_off.is_err());
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"late\n")
        .await
        .unwrap();
    let mut text = String::new();
    output.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "late\n");
}

/// Nobody reads any more.
#[nimsync::test]
async fn writing_to_a_child_that_has_ended_is_an_error() {
    let mut child = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    child.wait().await.unwrap();
    let error = input.write_all(&[0; 100_000]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

/// A child expects a pipe that blocks.
#[nimsync::test]
async fn a_pipe_that_is_passed_on_blocks_again() {
    let mut first = Command::new("sh")
        .args(["-c", "sleep 0.05; echo slow"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = first.stdout.take().unwrap().into_stdio().unwrap();
    let second = Command::new("cat").stdin(pipe).output().await.unwrap();
    assert_eq!(second.stdout, b"slow\n");
    assert_eq!(second.stderr, b"");
}
