//! TCP streams: reading, writing, splitting, ending.

use futures::{AsyncReadExt, AsyncWriteExt};
use nimsync::net::{TcpListener, TcpStream};
use nimsync::prelude::*;
use std::io::{self, ErrorKind};
use std::net::Shutdown;

pub(super) async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = futures::join!(TcpStream::connect(address), listener.accept());
    let (far, peer) = far.unwrap();
    let near = near.unwrap();
    assert_eq!(near.local_addr().unwrap(), peer);
    (near, far)
}

#[nimsync::test]
async fn a_line_goes_there_and_back() {
    let (mut near, mut far) = pair().await;
    near.write_all(b"there").await.unwrap();
    let mut bytes = [0; 5];
    far.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"there");
    far.write_all(b"back").await.unwrap();
    drop(far);
    let mut text = String::new();
    near.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "back");
}

/// More than fits into all buffers, so both sides wait many times.
#[nimsync::test(workers = 2)]
async fn a_large_body_arrives_whole() {
    let (mut near, mut far) = pair().await;
    let body: Vec<u8> = (0..8_000_000_u32).map(|i| (i % 251) as u8).collect();
    let sent = body.clone();
    let received = task_group!(|g| {
        g.spawn(async move {
            near.write_all(&sent).await?;
            near.close().await
        });
        let received = g.spawn(async move {
            let mut received = Vec::new();
            far.read_to_end(&mut received).await?;
            io::Result::Ok(received)
        });
        received.await
    })
    .await
    .unwrap();
    assert!(received == body);
}

#[nimsync::test]
async fn vectored_reads_and_writes() {
    let (mut near, mut far) = pair().await;
    let parts = [io::IoSlice::new(b"ab"), io::IoSlice::new(b"cde")];
    assert_eq!(near.write_vectored(&parts).await.unwrap(), 5);
    let (mut a, mut b) = ([0; 3], [0; 9]);
    let mut parts = [io::IoSliceMut::new(&mut a), io::IoSliceMut::new(&mut b)];
    assert_eq!(far.read_vectored(&mut parts).await.unwrap(), 5);
    assert_eq!((&a, &b[..2]), (b"abc", &b"de"[..]));
}

/// A reader that took less than it asked for is told of the end all the same:
/// it may have come with the last bytes.
#[nimsync::test]
async fn the_end_that_comes_with_the_last_bytes_is_seen() {
    for _ in 0..200 {
        let (mut near, mut far) = pair().await;
        near.write_all(b"bye").await.unwrap();
        drop(near);
        let mut bytes = [0; 64];
        assert_eq!(far.read(&mut bytes).await.unwrap(), 3);
        assert_eq!(far.read(&mut bytes).await.unwrap(), 0);
        assert_eq!(far.read(&mut bytes).await.unwrap(), 0);
    }
}

#[nimsync::test]
async fn closing_one_direction_leaves_the_other() {
    let (mut near, mut far) = pair().await;
    near.write_all(b"question").await.unwrap();
    near.close().await.unwrap();
    let mut question = String::new();
    far.read_to_string(&mut question).await.unwrap();
    far.write_all(b"answer").await.unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    near.read_to_string(&mut answer).await.unwrap();
    assert_eq!((&*question, &*answer), ("question", "answer"));
}

#[nimsync::test(workers = 2)]
async fn halves_are_used_by_two_tasks() {
    let (near, mut far) = pair().await;
    let (mut read, mut write) = near.into_split();
    let echoed = task_group!(|g| {
        g.spawn(async move {
            for i in 0..1_000_u32 {
                write.write_all(&i.to_le_bytes()).await?;
            }
            // Dropping the half ends that direction.
            io::Result::Ok(())
        });
        g.spawn(async move {
            let (from, to) = far.halves();
            futures::io::copy(from, to).await?;
            far.close().await
        });
        let echoed = g.spawn(async move {
            let mut echoed = Vec::new();
            read.read_to_end(&mut echoed).await?;
            io::Result::Ok(echoed)
        });
        echoed.await
    })
    .await
    .unwrap();
    let numbers: Vec<u8> = (0..1_000_u32).flat_map(u32::to_le_bytes).collect();
    assert!(echoed == numbers);
}

#[nimsync::test]
async fn peeking_takes_nothing() {
    let (mut near, mut far) = pair().await;
    near.write_all(b"look").await.unwrap();
    let mut bytes = [0; 4];
    assert_eq!(far.peek(&mut bytes).await.unwrap(), 4);
    assert_eq!(far.peek(&mut bytes).await.unwrap(), 4);
    far.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"look");
}

/// A reader that was cut off has taken nothing.
#[nimsync::test]
async fn a_read_that_is_cut_off_loses_nothing() {
    let (mut near, mut far) = pair().await;
    for round in 0..100_u8 {
        let mut byte = [0];
        let timed_out = with_timeout!(1.milliseconds(), far.read(&mut byte)).await;
        assert!(timed_out.is_err(), "there is nothing yet");
        near.write_all(&[round]).await.unwrap();
        far.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte, [round]);
    }
}

#[nimsync::test]
async fn a_reset_is_an_error_and_not_an_end() {
    let (near, mut far) = pair().await;
    far.write_all(b"never read").await.unwrap();
    near.reset_on_drop().unwrap();
    drop(near);
    let error = far.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[nimsync::test]
async fn options_are_set_and_read() {
    let (near, _far) = pair().await;
    near.set_nodelay(true).unwrap();
    assert!(near.nodelay().unwrap());
    near.set_keepalive(Some(30.seconds())).unwrap();
    near.set_keepalive(None).unwrap();
    assert!(near.take_error().unwrap().is_none());
    assert!(format!("{near:?}").contains("127.0.0.1"));
}

#[nimsync::test]
async fn a_stream_of_the_standard_library_is_taken_over() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let near = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    let mut near = TcpStream::from_std(near).unwrap();
    near.write_all(b"x").await.unwrap();
    near.close().await.unwrap();
    let mut text = String::new();
    far.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "x");
}

/// A task that always finds data lets others run.
#[nimsync::test]
async fn a_connection_that_always_has_data_does_not_starve_others() {
    let (mut near, mut far) = pair().await;
    near.write_all(&[7; 10_000]).await.unwrap();
    let mut turns = 0;
    let mut read = 0;
    futures::join!(
        async {
            let mut byte = [0];
            while read < 10_000 {
                far.read_exact(&mut byte).await.unwrap();
                read += 1;
            }
        },
        async {
            while turns < 20 {
                nimsync::yield_now().await;
                turns += 1;
            }
        }
    );
    assert_eq!((read, turns), (10_000, 20));
}
