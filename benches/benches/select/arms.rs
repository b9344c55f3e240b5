//! `select!` with two arms, in nimsync's form and in others'.

use futures::FutureExt;
use futures::channel::oneshot;
#[cfg(feature = "nimsync")]
use nimsync::channel;
use nimsync_benches::Bench;
#[cfg(feature = "nimsync")]
use nimsync_benches::channels::nimsync;
use nimsync_benches::channels::{AsyncSend, Executor, check, expected, tokio};
use tokio::sync::mpsc;

const CAPACITY: usize = 16;

pub(crate) fn cases(bench: &Bench) {
    on(bench, "on tokio, 1 worker", &tokio(1));
    #[cfg(feature = "nimsync")]
    on(bench, "on nimsync, 1 worker", &nimsync(1));
}

/// Receives `$n` values by `$select` from `$a` and `$b`.
macro_rules! receive {
    ($n:expr, |$a:ident, $b:ident| $select:expr) => {
        async move {
            let mut sum = 0;
            for _ in 0..$n {
                sum += check($select);
            }
            sum
        }
    };
}

fn on(bench: &Bench, place: &str, executor: &impl Executor) {
    let n = bench.size(200_000);
    let mut case = bench.timed(&format!("select! of two arms, tasks {place}"), n);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || {
        let (a_tx, mut a) = channel::spsc(CAPACITY);
        let (b_tx, mut b) = channel::spsc(CAPACITY);
        let receive = receive!(n, |a, b| nimsync::select! {
            Ok(value) = a.recv() => value,
            Ok(value) = b.recv() => value,
        });
        run(executor, a_tx, b_tx, receive, n);
    });
    #[cfg(feature = "nimsync")]
    case.time("nimsync's channels, tokio's select!", || {
        let (a_tx, mut a) = channel::spsc(CAPACITY);
        let (b_tx, mut b) = channel::spsc(CAPACITY);
        let receive = receive!(n, |a, b| tokio::select! {
            Ok(value) = a.recv() => value,
            Ok(value) = b.recv() => value,
            else => unreachable!(),
        });
        run(executor, a_tx, b_tx, receive, n);
    });
    case.time("tokio", || {
        let (a_tx, mut a) = mpsc::channel(CAPACITY);
        let (b_tx, mut b) = mpsc::channel(CAPACITY);
        let receive = receive!(n, |a, b| tokio::select! {
            Some(value) = a.recv() => value,
            Some(value) = b.recv() => value,
            else => unreachable!(),
        });
        run(executor, a_tx, b_tx, receive, n);
    });
    #[cfg(feature = "nimsync")]
    case.time("tokio's channels, nimsync's select!", || {
        let (a_tx, mut a) = mpsc::channel(CAPACITY);
        let (b_tx, mut b) = mpsc::channel(CAPACITY);
        let receive = receive!(n, |a, b| nimsync::select! {
            Some(value) = a.recv() => value,
            Some(value) = b.recv() => value,
        });
        run(executor, a_tx, b_tx, receive, n);
    });
    case.time("tachyonix, futures' select!", || {
        let (a_tx, mut a) = tachyonix::channel(CAPACITY);
        let (b_tx, mut b) = tachyonix::channel(CAPACITY);
        let receive = receive!(n, |a, b| futures::select! {
            value = Box::pin(a.recv()).fuse() => value.expect("there are more"),
            value = Box::pin(b.recv()).fuse() => value.expect("there are more"),
        });
        run(executor, a_tx, b_tx, receive, n);
    });
    case.time("flume, tokio's select!", || {
        let (a_tx, a) = flume::bounded(CAPACITY);
        let (b_tx, b) = flume::bounded(CAPACITY);
        let receive = receive!(n, |a, b| tokio::select! {
            Ok(value) = a.recv_async() => value,
            Ok(value) = b.recv_async() => value,
            else => unreachable!(),
        });
        run(executor, a_tx, b_tx, receive, n);
    });
    case.run();
}

/// Feeds the two in turn, and keeps them open until all is received.
fn run<Tx: AsyncSend>(
    executor: &impl Executor,
    mut a: Tx,
    mut b: Tx,
    receive: impl Future<Output = u64> + Send + 'static,
    n: u64,
) {
    let (done, all_received) = oneshot::channel();
    let send = async move {
        for value in 0..n {
            let tx = if value.is_multiple_of(2) {
                &mut a
            } else {
                &mut b
            };
            tx.put_async(value).await;
        }
        all_received.await.expect("the receiver succeeds");
    };
    let receive = async move {
        let sum = receive.await;
        done.send(()).expect("the sender waits");
        sum
    };
    let sum = executor.run(vec![send], vec![receive]);
    assert_eq!(sum, expected(1, n));
}
