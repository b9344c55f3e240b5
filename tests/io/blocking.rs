//! What can only block, and joining streams.

use nimsync::Runtime;
use nimsync::io::{
    AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BlockingIo, BufWriter, Cursor, SeekFrom,
    copy_bidirectional,
};
use nimsync::net::UnixStream;
use nimsync::prelude::*;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// A writer that waits for leave before each call, and keeps what it is given.
struct Slow {
    leave: Receiver<io::Result<()>>,
    written: Arc<Mutex<Vec<u8>>>,
    calls: Arc<Mutex<Vec<usize>>>,
}

struct Control {
    leave: Sender<io::Result<()>>,
    written: Arc<Mutex<Vec<u8>>>,
    calls: Arc<Mutex<Vec<usize>>>,
}

fn slow() -> (BlockingIo<Slow>, Control) {
    let (leave, given) = channel();
    let (written, calls) = (Arc::default(), Arc::default());
    let slow = Slow {
        leave: given,
        written: Arc::clone(&written),
        calls: Arc::clone(&calls),
    };
    let control = Control {
        leave,
        written,
        calls,
    };
    (BlockingIo::new(slow), control)
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Nobody to ask any more means leave for everything.
        self.leave.recv().unwrap_or(Ok(()))?;
        self.calls.lock().unwrap().push(bytes.len());
        self.written.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Slow {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.leave.recv().unwrap_or(Ok(()))?;
        bytes[..2].copy_from_slice(b"ab");
        Ok(2)
    }
}

#[nimsync::test]
async fn small_writes_are_few_calls() {
    let (mut io, control) = slow();
    drop(control.leave);
    for _ in 0..100_000 {
        io.write_all(b"abc").await.unwrap();
    }
    io.close().await.unwrap();
    let calls = control.calls.lock().unwrap();
    assert_eq!(calls.iter().sum::<usize>(), 300_000);
    assert_eq!(calls.len(), 2, "{calls:?}");
}

/// While one call writes, the next piece is filled, and no more than that.
#[nimsync::test]
async fn writing_goes_on_behind_a_call_up_to_a_limit() {
    let (mut io, control) = slow();
    let body = vec![1; 1_000_000];
    let mut taken = 0;
    while let Ok(count) = with_timeout!(1.milliseconds(), io.write(&body[taken..])).await {
        taken += count.unwrap();
    }
    assert_eq!(taken, 2 * 256 * 1024);
    assert_eq!(control.written.lock().unwrap().len(), 0);
    drop(control.leave);
    io.flush().await.unwrap();
    assert_eq!(control.written.lock().unwrap().len(), taken);
}

#[nimsync::test]
async fn an_error_is_told_once_by_the_next_operation() {
    let (mut io, control) = slow();
    io.write_all(&[1; 200_000]).await.unwrap();
    control
        .leave
        .send(Err(ErrorKind::StorageFull.into()))
        .unwrap();
    let error = io.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    // What was buffered behind it is gone: it would follow a gap.
    drop(control.leave);
    io.flush().await.unwrap();
    io.write_all(b"anew").await.unwrap();
    io.close().await.unwrap();
    assert_eq!(*control.written.lock().unwrap(), b"anew");
}

#[nimsync::test]
async fn a_read_that_is_dropped_is_for_the_next() {
    let (mut io, control) = slow();
    let mut bytes = [0; 1];
    for _ in 0..3 {
        let cut_off = with_timeout!(1.milliseconds(), io.read(&mut bytes)).await;
        assert!(cut_off.is_err());
    }
    control.leave.send(Ok(())).unwrap();
    io.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"a");
    // No second call was needed, nor made.
    io.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"b");
}

/// A task that waits for something else can be cancelled while a call is under way
/// in what it holds, and does not end before that call has.
#[test]
fn a_call_under_way_does_not_protect_its_task_and_is_waited_for() {
    let runtime = Runtime::local().build().unwrap();
    let (written, freed) = runtime.block_on(async {
        let (mut io, control) = slow();
        let Control { leave, written, .. } = control;
        let (freed, free) = channel();
        let helper = std::thread::spawn(move || {
            free.recv().unwrap();
            drop(leave);
        });
        task_group!(|g| {
            let child = g.spawn(async move {
                io.write_all(&[1; 200_000]).await?;
                let end = with_timeout!(1.milliseconds(), io.flush()).await;
                assert!(end.is_err());
                std::future::pending::<io::Result<()>>().await
            });
            sleep(5.milliseconds()).await;
            child.cancel();
            sleep(1.milliseconds()).await;
            assert!(!child.is_finished(), "its call is under way");
            freed.send(()).unwrap();
        })
        .await
        .unwrap();
        helper.join().unwrap();
        (written.lock().unwrap().len(), freed)
    });
    drop(freed);
    // What was buffered behind the call was written as well.
    assert_eq!(written, 200_000);
}

#[test]
fn what_is_dropped_outside_of_a_runtime_is_written_there() {
    let runtime = Runtime::local().build().unwrap();
    let (io, control) = runtime.block_on(async {
        let (mut io, control) = slow();
        io.write_all(b"buffered").await.unwrap();
        (io, control)
    });
    let Control { leave, written, .. } = control;
    drop((runtime, leave));
    drop(io);
    assert_eq!(*written.lock().unwrap(), b"buffered");
}

struct Panics;

impl Read for Panics {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("broken reader")
    }
}

#[nimsync::test]
async fn a_panic_of_the_reader_goes_on_in_the_task() {
    let mut io = BlockingIo::new(Panics);
    let mut bytes = [0; 4];
    let read = std::panic::AssertUnwindSafe(io.read(&mut bytes));
    let payload = futures::FutureExt::catch_unwind(read).await.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"broken reader"));
    let error = io.read(&mut [0; 4]).await.unwrap_err();
    assert!(error.to_string().contains("panicked"), "{error}");
    assert!(io.into_inner().await.is_err());
}

/// Against a plain buffer, with operations cut off at random.
#[nimsync::test]
async fn random_operations_do_what_a_buffer_does() {
    for seed in 0..40 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let start: Vec<u8> = (0..rng.usize(..400_000)).map(|_| rng.u8(..)).collect();
        let mut model = std::io::Cursor::new(start.clone());
        let mut io = BlockingIo::new(std::io::Cursor::new(start));
        for _ in 0..60 {
            match rng.u32(..10) {
                0..4 => {
                    let mut wanted = vec![0; rng.usize(1..300_000)];
                    let mut expected = wanted.clone();
                    if rng.bool() {
                        let _ = with_timeout!(1.microseconds(), io.read(&mut [])).await;
                    }
                    let count = io.read(&mut wanted).await.unwrap();
                    let from = model.position() as usize;
                    let left = model.get_ref().len().saturating_sub(from);
                    assert_eq!(count == 0, left == 0, "seed {seed}");
                    model.read_exact(&mut expected[..count]).unwrap();
                    assert!(wanted[..count] == expected[..count], "seed {seed}");
                }
                4..7 => {
                    let bytes: Vec<u8> = (0..rng.usize(..300_000)).map(|_| rng.u8(..)).collect();
                    // Only a file sees to it that a write follows what was read.
                    let at = io.seek(SeekFrom::Current(0)).await.unwrap();
                    assert_eq!(at, model.position(), "seed {seed}");
                    io.write_all(&bytes).await.unwrap();
                    model.write_all(&bytes).unwrap();
                }
                7 => io.flush().await.unwrap(),
                _ => {
                    let to = match rng.u32(..3) {
                        0 => SeekFrom::Start(rng.u64(..500_000)),
                        1 => SeekFrom::End(-rng.i64(0..=model.get_ref().len() as i64)),
                        _ => SeekFrom::Current(rng.i64(0..1_000)),
                    };
                    let position = io.seek(to).await.unwrap();
                    assert_eq!(position, io::Seek::seek(&mut model, to).unwrap());
                }
            }
        }
        let end = io.into_inner().await.unwrap();
        assert!(end.into_inner() == model.into_inner(), "seed {seed}");
    }
}

/// A proxy whose far side buffers: what is written goes on when nothing comes.
#[nimsync::test]
async fn a_proxy_flushes_when_there_is_nothing_to_read() {
    let (mut client, mut near) = UnixStream::pair().unwrap();
    let (far, mut server) = UnixStream::pair().unwrap();
    let mut far = BufWriter::new(far);
    let proxy = copy_bidirectional(&mut near, &mut far);
    let talk = async {
        let mut bytes = [0; 4];
        client.write_all(b"ping").await.unwrap();
        server.read_exact(&mut bytes).await.unwrap();
        server.write_all(b"pong").await.unwrap();
        client.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"pong");
        client.close().await.unwrap();
        assert_eq!(server.read(&mut bytes).await.unwrap(), 0);
        server.write_all(b"more").await.unwrap();
        drop(server);
        let mut rest = String::new();
        client.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "more");
    };
    let (counts, ()) = futures::join!(proxy, talk);
    assert_eq!(counts.unwrap(), (4, 8));
}

#[nimsync::test]
async fn an_error_of_one_direction_ends_the_proxy() {
    let (client, mut near) = UnixStream::pair().unwrap();
    drop(client);
    // It can be read only, so to speak.
    let mut full = Cursor::new(vec![0; 0]);
    assert_eq!(
        copy_bidirectional(&mut near, &mut full).await.unwrap(),
        (0, 0)
    );
}
