//! The standard streams, in processes of their own.

use nimsync::Runtime;
use nimsync::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, stderr, stdin, stdout};
use nimsync::prelude::*;
use nimsync_tests::alone::alone_within;

fn runtime() -> Runtime {
    Runtime::builder().workers(2).build().unwrap()
}

#[test]
fn lines_come_from_the_standard_input() {
    alone_within("exec < /etc/passwd", || {
        let expected = std::fs::read_to_string("/etc/passwd").unwrap();
        let read = runtime().block_on(async {
            let lines = BufReader::new(stdin()).lines();
            lines
                .map(|line| line.unwrap() + "\n")
                .collect::<String>()
                .await
        });
        assert_eq!(read, expected);
    });
}

/// Nobody types. Neither the task nor the runtime waits for that.
#[test]
fn a_read_that_never_ends_keeps_nothing_from_ending() {
    alone_within(
        "mkfifo \"$0.fifo\" 2>/dev/null; exec <> \"$0.fifo\"; rm \"$0.fifo\"",
        || {
            runtime().block_on(async {
                let mut bytes = [0; 16];
                for _ in 0..3 {
                    let cut_off = with_timeout!(1.milliseconds(), stdin().read(&mut bytes)).await;
                    assert!(cut_off.is_err());
                }
                // What comes later is for the next who reads.
                std::fs::write("/proc/self/fd/0", "typed").unwrap();
                let mut input = stdin();
                input.read_exact(&mut bytes[..5]).await.unwrap();
                assert_eq!(&bytes[..5], b"typed");
                task_group!(|g| {
                    g.service(async { drop(stdin().read(&mut [0]).await) });
                    sleep(1.milliseconds()).await;
                })
                .await
                .unwrap();
            });
        },
    );
}

#[test]
fn the_standard_input_is_closed() {
    alone_within("exec < /dev/null", || {
        runtime().block_on(async {
            for _ in 0..2 {
                assert_eq!(stdin().read(&mut [0; 8]).await.unwrap(), 0);
            }
        });
    });
}

#[test]
fn what_is_written_arrives_in_order_and_without_a_flush_at_the_end() {
    alone_within("exec > \"$0.out\"", || {
        runtime().block_on(async {
            let mut out = stdout();
            out.write_all(b"first\n").await.unwrap();
            out.flush().await.unwrap();
            println!("second");
            out.write_all(b"third").await.unwrap();
        });
        runtime().block_on(async { stderr().write_all(b"told\n").await.unwrap() });
        let path = std::env::current_exe().unwrap();
        let path = format!("{}.out", path.display());
        let written = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(written.ends_with("first\nsecond\nthird"), "{written}");
    });
}
