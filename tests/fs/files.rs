//! Whole files, and files that are open.

use nimsync::Runtime;
use nimsync::fs::{self, File, OpenOptions};
use nimsync::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, SeekFrom,
};
use nimsync::prelude::*;
use std::io;
use std::time::Duration;
use tempfile::tempdir;

#[nimsync::test]
async fn whole_files_are_written_appended_copied_and_read() {
    let folder = tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&a, "one").await.unwrap();
    fs::append(&a, b" two").await.unwrap();
    fs::append(&b, String::from("new")).await.unwrap();
    assert_eq!(fs::read(&b).await.unwrap(), b"new");
    assert_eq!(fs::copy(&a, &b).await.unwrap(), 7);
    assert_eq!(fs::read_to_string(&b).await.unwrap(), "one two");
    fs::write(&a, "").await.unwrap();
    assert_eq!(fs::read(&a).await.unwrap(), b"");
}

#[nimsync::test]
async fn names_are_made_changed_and_removed() {
    let folder = tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&a, "text").await.unwrap();
    fs::rename(&a, &b).await.unwrap();
    assert!(!fs::try_exists(&a).await.unwrap());
    fs::hard_link(&b, &a).await.unwrap();
    assert_eq!(fs::metadata(&a).await.unwrap().len(), 4);
    fs::remove_file(&b).await.unwrap();
    assert_eq!(fs::read_to_string(&a).await.unwrap(), "text");
    #[cfg(unix)]
    {
        fs::symlink("a", &b).await.unwrap();
        assert!(fs::symlink_metadata(&b).await.unwrap().is_symlink());
        assert!(fs::metadata(&b).await.unwrap().is_file());
        assert_eq!(fs::read_link(&b).await.unwrap().to_str(), Some("a"));
        let (a, b) = (fs::canonicalize(&a).await, fs::canonicalize(&b).await);
        assert_eq!(a.unwrap(), b.unwrap());
    }
}

#[nimsync::test]
async fn reading_writing_and_seeking_agree_on_the_position() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "0123456789").await.unwrap();
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).open(&path).await.unwrap();
    let mut bytes = [0; 3];
    file.read_exact(&mut bytes).await.unwrap();
    // All ten were read ahead; the write goes where the reader stands.
    file.write_all(b"abc").await.unwrap();
    file.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"678");
    assert_eq!(file.seek(SeekFrom::Current(-7)).await.unwrap(), 2);
    file.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"2ab");
    assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 9);
    let mut rest = String::new();
    file.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "9");
    assert_eq!(fs::read_to_string(&path).await.unwrap(), "012abc6789");
    let mut std = file.into_std().await.unwrap();
    assert_eq!(io::Seek::stream_position(&mut std).unwrap(), 10);
}

/// A read that was dropped is under way when the write comes.
#[nimsync::test]
async fn a_write_after_a_read_that_was_dropped_goes_where_the_reader_stands() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    for round in 0..200_u64 {
        fs::write(&path, "0123456789").await.unwrap();
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).open(&path).await.unwrap();
        let limit = Duration::from_micros(round % 50);
        let read = with_timeout!(limit, file.read(&mut [0; 2])).await;
        file.write_all(b"ab").await.unwrap();
        file.close().await.unwrap();
        let expected = match read {
            Ok(_) => "01ab456789",
            Err(_) => "ab23456789",
        };
        assert_eq!(fs::read_to_string(&path).await.unwrap(), expected);
    }
}

#[nimsync::test]
async fn a_seek_that_was_dropped_does_not_answer_a_later_one() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    let mut file = File::create(&path).await.unwrap();
    for round in 0..100_u64 {
        let limit = Duration::from_micros(round % 40);
        let _ = with_timeout!(limit, file.seek(SeekFrom::Start(0))).await;
        file.seek(SeekFrom::Start(0)).await.unwrap();
        file.write_all(b"abcde").await.unwrap();
        assert_eq!(file.seek(SeekFrom::Start(0)).await.unwrap(), 0);
        file.write_all(b"X").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(fs::read(&path).await.unwrap(), b"Xbcde");
    }
}

#[nimsync::test]
async fn what_was_buffered_is_there_for_all_that_follows() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    let mut file = options.open(&path).await.unwrap();
    file.write_all(&[7; 300_000]).await.unwrap();
    assert_eq!(file.metadata().await.unwrap().len(), 300_000);
    file.write_all(&[8; 10]).await.unwrap();
    file.sync_all().await.unwrap();
    assert_eq!(fs::metadata(&path).await.unwrap().len(), 300_010);
    file.write_all(&[9; 10]).await.unwrap();
    file.sync_data().await.unwrap();
    file.set_len(300_015).await.unwrap();
    assert_eq!(fs::metadata(&path).await.unwrap().len(), 300_015);
    file.seek(SeekFrom::Start(300_005)).await.unwrap();
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, [8, 8, 8, 8, 8, 9, 9, 9, 9, 9]);
    let mut permissions = file.metadata().await.unwrap().permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions).await.unwrap();
    assert!(fs::metadata(&path).await.unwrap().permissions().readonly());
}

#[nimsync::test]
async fn an_appending_file_goes_to_the_end_always() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log");
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    let mut one = options.open(&path).await.unwrap();
    let mut two = options.open(&path).await.unwrap();
    for _ in 0..3 {
        one.write_all(b"1").await.unwrap();
        one.flush().await.unwrap();
        two.write_all(b"2").await.unwrap();
        two.flush().await.unwrap();
    }
    assert_eq!(fs::read(&path).await.unwrap(), b"121212");
}

#[cfg(unix)]
#[nimsync::test]
async fn positions_of_their_own() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("table");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    let mut file = options.open(&path).await.unwrap();
    let writes = (0..50_u64).rev().map(|n| {
        let file = &file;
        async move { file.write_all_at(&[n as u8; 10], n * 10).await }
    });
    futures::future::try_join_all(writes).await.unwrap();
    let mut bytes = [0; 20];
    assert_eq!(file.read_at(&mut bytes, 495).await.unwrap(), 5);
    assert_eq!(file.read_at(&mut bytes, 500).await.unwrap(), 0);
    assert_eq!(bytes[..5], [49; 5]);
    // The file's own position is where it was.
    file.read_exact(&mut bytes[..1]).await.unwrap();
    assert_eq!(bytes[0], 0);
}

#[nimsync::test]
async fn lines_of_a_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("lines");
    let lines: Vec<String> = (0..20_000).map(|n| format!("line {n}")).collect();
    fs::write(&path, lines.join("\n")).await.unwrap();
    let file = BufReader::new(File::open(&path).await.unwrap());
    let read: Vec<String> = file.lines().map(Result::unwrap).collect().await;
    assert_eq!(read, lines);
}

/// Reads cut off again and again, at any moment, by a limit, and by dropping the
/// future after its first poll.
#[nimsync::test(workers = 2)]
async fn reads_that_are_cut_off_lose_nothing() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("body");
    let body: Vec<u8> = (0..10_000_000_u32).map(|i| (i % 251) as u8).collect();
    fs::write(&path, body.clone()).await.unwrap();
    let mut rng = fastrand::Rng::with_seed(7);
    let mut file = File::open(&path).await.unwrap();
    let mut received = Vec::new();
    let mut cut_off = 0;
    loop {
        let mut bytes = vec![0; rng.usize(1..50_000)];
        let read = if rng.bool() {
            let mut read = file.read(&mut bytes);
            match futures::poll!(&mut read) {
                std::task::Poll::Ready(read) => Some(read),
                std::task::Poll::Pending => None,
            }
        } else {
            let limit = Duration::from_micros(rng.u64(..30));
            with_timeout!(limit, file.read(&mut bytes)).await.ok()
        };
        match read {
            None => cut_off += 1,
            Some(read) => match read.unwrap() {
                0 => break,
                count => received.extend_from_slice(&bytes[..count]),
            },
        }
    }
    assert!(received == body);
    assert!(cut_off > 0);
}

#[nimsync::test(workers = 2)]
async fn writes_that_are_cut_off_write_what_they_said() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("body");
    let mut rng = fastrand::Rng::with_seed(8);
    let mut file = File::create(&path).await.unwrap();
    let mut sent = Vec::new();
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..rng.usize(1..60_000)).map(|_| rng.u8(..)).collect();
        let limit = Duration::from_micros(rng.u64(..40));
        match with_timeout!(limit, file.write(&bytes)).await {
            Ok(count) => sent.extend_from_slice(&bytes[..count.unwrap()]),
            Err(_) => drop(with_timeout!(limit, file.flush()).await),
        }
    }
    file.close().await.unwrap();
    assert!(fs::read(&path).await.unwrap() == sent);
}

/// A file that is dropped is written by the time that its task has ended.
#[test]
fn what_is_buffered_is_written_when_a_file_is_dropped() {
    let folder = tempdir().unwrap();
    for workers in [1, 2] {
        let runtime = Runtime::builder().workers(workers).build().unwrap();
        for size in [1, 262_144, 600_000] {
            let path = folder.path().join("file");
            runtime.block_on(async {
                let mut file = File::create(&path).await.unwrap();
                file.write_all(&vec![1; size]).await.unwrap();
            });
            assert_eq!(std::fs::metadata(&path).unwrap().len(), size as u64);
            // Cancelled in the middle of its work.
            runtime.block_on(async {
                let other = path.clone();
                let group = task_group!(|g| {
                    let (tx, rx) = channel::oneshot();
                    g.spawn(async move {
                        let mut file = File::create(&other).await?;
                        file.write_all(&vec![1; size]).await?;
                        let _ = tx.send(());
                        std::future::pending::<io::Result<()>>().await
                    });
                    let _ = rx.await;
                    g.cancel();
                });
                let _ = group.await;
                assert_eq!(std::fs::metadata(&path).unwrap().len(), size as u64);
            });
        }
    }
}

#[nimsync::test(start_paused = true)]
async fn virtual_time_waits_for_files() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    let before = nimsync::now();
    let written = with_timeout!(1.seconds(), async {
        fs::write(&path, vec![1; 1_000_000]).await?;
        fs::read(&path).await
    });
    assert_eq!(written.await.unwrap().unwrap().len(), 1_000_000);
    assert_eq!(nimsync::now(), before);
}
