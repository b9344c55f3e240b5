//! Descriptors that nimsync knows nothing of.

use futures::FutureExt;
use nimsync::Runtime;
use nimsync::io::{AsyncFd, AsyncReadExt, AsyncWriteExt, Interest};
use nimsync::prelude::*;
use nimsync_tests::alone::{alone, descriptors};
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

fn pipe() -> (AsyncFd<PipeReader>, AsyncFd<PipeWriter>) {
    let (reader, writer) = io::pipe().unwrap();
    (AsyncFd::new(reader).unwrap(), AsyncFd::new(writer).unwrap())
}

/// More than fits into the pipe, so both wait many times.
#[nimsync::test(workers = 2)]
async fn a_large_body_goes_through_a_pipe() {
    let (mut reader, mut writer) = pipe();
    let body: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
    let sent = body.clone();
    let received = task_group!(|g| {
        g.spawn(async move { writer.write_all(&sent).await });
        let mut received = Vec::new();
        reader.read_to_end(&mut received).await?;
        Ok(received)
    })
    .await
    .unwrap();
    assert!(received == body);
}

#[nimsync::test]
async fn operations_are_tried_until_they_do_not_block() {
    let (reader, writer) = pipe();
    let mut tries = 0;
    let mut bytes = [0; 8];
    let reading = reader.async_io(Interest::Readable, |mut pipe| {
        tries += 1;
        pipe.read(&mut bytes)
    });
    let writing = async {
        sleep(1.milliseconds()).await;
        writer
            .async_io(Interest::Writable, |mut pipe| pipe.write(b"late"))
            .await
    };
    let (read, written) = futures::join!(reading, writing);
    assert_eq!((read.unwrap(), written.unwrap()), (4, 4));
    assert_eq!(tries, 2);
}

/// An operation need not take all there is.
#[nimsync::test]
async fn what_is_ready_stays_ready() {
    let (reader, mut writer) = pipe();
    writer.write_all(b"abc").await.unwrap();
    for expected in *b"abc" {
        let mut byte = [0];
        reader.ready(Interest::Readable).await;
        let read = reader.try_io(Interest::Readable, |mut pipe| pipe.read(&mut byte));
        assert_eq!((read.unwrap(), byte[0]), (1, expected));
    }
    let none = reader.try_io(Interest::Readable, |mut pipe| pipe.read(&mut [0]));
    assert_eq!(none.unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(reader.ready(Interest::Readable).now_or_never().is_none());
    drop(writer);
    reader.ready(Interest::Readable).await;
    let end = reader.try_io(Interest::Readable, |mut pipe| pipe.read(&mut [0]));
    assert_eq!(end.unwrap(), 0);
}

#[nimsync::test]
async fn waits_that_are_dropped_lose_nothing() {
    let (mut reader, mut writer) = pipe();
    for n in 0..100_u8 {
        let mut byte = [0];
        let cut_off = with_timeout!(10.microseconds(), reader.read(&mut byte)).await;
        assert!(cut_off.is_err());
        writer.write_all(&[n]).await.unwrap();
        reader.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte, [n]);
    }
}

/// Two read what comes, a third waits for room.
#[nimsync::test(workers = 2)]
async fn several_tasks_use_one_descriptor() {
    let (a, b) = UnixStream::pair().unwrap();
    let (a, b) = (AsyncFd::new(a).unwrap(), AsyncFd::new(b).unwrap());
    let (a, b) = (std::sync::Arc::new(a), std::sync::Arc::new(b));
    let total = task_group!(|g| {
        let readers = [0, 1].map(|_| {
            let a = a.clone();
            g.spawn(async move {
                let mut total = 0;
                let mut bytes = [0; 500];
                loop {
                    let read = |mut socket: &UnixStream| socket.read(&mut bytes);
                    match a.async_io(Interest::Readable, read).await? {
                        0 => break io::Result::Ok(total),
                        count => total += count,
                    }
                }
            })
        });
        g.spawn(async move {
            let mut left = 1_000_000;
            while left != 0 {
                let bytes = vec![7; left.min(9_000)];
                let write = |mut socket: &UnixStream| socket.write(&bytes);
                left -= b.async_io(Interest::Writable, write).await?;
            }
            drop(b);
            io::Result::Ok(())
        });
        let mut total = 0;
        for reader in readers {
            total += reader.await;
        }
        total
    })
    .await
    .unwrap();
    assert_eq!(total, 1_000_000);
}

#[nimsync::test]
async fn a_descriptor_is_given_back() {
    let (reader, mut writer) = pipe();
    let reader = reader.into_inner();
    // It may be watched again, by another.
    let mut reader = AsyncFd::new(reader).unwrap();
    writer.write_all(b"x").await.unwrap();
    reader.read_exact(&mut [0]).await.unwrap();
}

#[nimsync::test]
async fn files_and_folders_are_never_waited_for() {
    for path in ["/etc/passwd", "/"] {
        let file = std::fs::File::open(path).unwrap();
        let error = AsyncFd::new(file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("nimsync::fs"), "{error}");
    }
}

#[nimsync::test]
async fn blocking_is_kept_if_asked_for() {
    let blocks = |fd: &AsyncFd<PipeReader>| {
        let flags = format!(
            "/proc/self/fdinfo/{}",
            std::os::fd::AsRawFd::as_raw_fd(&fd.as_fd())
        );
        let info = std::fs::read_to_string(flags).unwrap();
        let line = info.lines().find_map(|line| line.strip_prefix("flags:"));
        u32::from_str_radix(line.unwrap().trim(), 8).unwrap() & 0o4000 == 0
    };
    let (reader, _writer) = io::pipe().unwrap();
    let reader = AsyncFd::with_blocking_kept(reader).unwrap();
    assert!(blocks(&reader));
    let reader = AsyncFd::new(reader.into_inner()).unwrap();
    assert!(!blocks(&reader));
}

#[test]
fn outside_of_a_runtime_it_says_so() {
    let (reader, _writer) = io::pipe().unwrap();
    let error = AsyncFd::new(reader).unwrap_err();
    assert!(error.to_string().contains("outside"), "{error}");
}

#[test]
fn descriptors_that_outlive_their_runtime_say_so() {
    let runtime = Runtime::local().build().unwrap();
    let (mut reader, _writer) = runtime.block_on(async { pipe() });
    drop(runtime);
    let error = futures::executor::block_on(reader.read(&mut [0])).unwrap_err();
    assert!(error.to_string().contains("has ended"), "{error}");
}

#[test]
fn descriptors_are_closed_when_they_are_dropped() {
    alone(|| {
        let runtime = Runtime::builder().workers(2).build().unwrap();
        runtime.block_on(async {});
        let before = descriptors();
        runtime.block_on(async {
            task_group!(|g| {
                for n in 0..200_u64 {
                    g.spawn(async move {
                        let (mut reader, writer) = pipe();
                        let limit = std::time::Duration::from_micros(n);
                        let cut_off = with_timeout!(limit, reader.read(&mut [0])).await;
                        assert!(cut_off.is_err());
                        drop(writer);
                    });
                }
            })
            .await
            .unwrap();
        });
        assert_eq!(descriptors(), before);
    });
}
