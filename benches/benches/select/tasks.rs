//! A task receives from a set whose members another task feeds.

use futures::channel::oneshot;
use futures::stream::{SelectAll, select_all};
#[cfg(feature = "nimsync")]
use nimsync::channel::{self, Select};
use nimsync_benches::Bench;
#[cfg(feature = "nimsync")]
use nimsync_benches::channels::nimsync;
use nimsync_benches::channels::{AsyncSend, Executor, check, expected, tokio};
use tokio::sync::mpsc;
use tokio_stream::StreamMap;
use tokio_stream::wrappers::ReceiverStream;

use crate::sets::{InTurn, MadeAnew, Set};

const CAPACITY: usize = 16;

pub(crate) fn cases(bench: &Bench) {
    on(bench, "on tokio, 1 worker", &tokio(1));
    #[cfg(feature = "nimsync")]
    on(bench, "on nimsync, 1 worker", &nimsync(1));
}

fn on(bench: &Bench, place: &str, executor: &impl Executor) {
    for members in [2, 16, 64] {
        let name = format!("tasks {place}, of {members} that speak in turn");
        case(bench, &name, executor, members, members);
    }
    let name = format!("tasks {place}, of 64 of which one speaks");
    case(bench, &name, executor, 64, 1);
}

/// kanal 0.1.1 does not take part: its `recv` hangs now and then when it is
/// dropped and made again, as a select does. rapidfire 0.2.0 has no stream.
fn case(bench: &Bench, name: &str, executor: &impl Executor, members: usize, speak: usize) {
    let n = bench.size(200_000);
    let mut case = bench.timed(name, n);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || {
        let (txs, rxs) = make(members, || channel::spsc(CAPACITY));
        run(executor, txs, Select::from_iter(rxs), speak, n);
    });
    #[cfg(feature = "nimsync")]
    case.time("nimsync, SelectAll", || {
        let (txs, rxs) = make(members, || channel::spsc(CAPACITY));
        run(executor, txs, select_all(rxs), speak, n);
    });
    #[cfg(feature = "nimsync")]
    case.time("nimsync, poll_recv in turn", || {
        let (txs, rxs) = make(members, || channel::spsc(CAPACITY));
        let set = InTurn::new(rxs, |rx, cx| rx.poll_recv(cx).map(Result::ok));
        run(executor, txs, set, speak, n);
    });
    case.time("chenal, SelectAll", || {
        let (txs, rxs) = make(members, || chenal::mpsc::channel(CAPACITY));
        run(executor, txs, select_all(rxs), speak, n);
    });
    case.time("chenal, poll_recv in turn", || {
        let (txs, rxs) = make(members, || chenal::mpsc::channel(CAPACITY));
        let set = InTurn::new(rxs, |rx, cx| rx.poll_recv(cx).map(Result::ok));
        run(executor, txs, set, speak, n);
    });
    case.time("fibre, SelectAll", || {
        let (txs, rxs) = make(members, || fibre::spsc::bounded_async(CAPACITY));
        run(executor, txs, select_all(rxs), speak, n);
    });
    case.time("crossfire, SelectAll", || {
        let (txs, rxs) = make(members, || crossfire::spsc::bounded_async(CAPACITY));
        let streams = rxs.into_iter().map(|rx| rx.into_stream());
        run(executor, txs, select_all(streams), speak, n);
    });
    case.time("tachyonix, SelectAll", || {
        let (txs, rxs) = make(members, || tachyonix::channel(CAPACITY));
        run(executor, txs, select_all(rxs), speak, n);
    });
    case.time("tokio, SelectAll", || {
        let (txs, rxs) = make(members, || mpsc::channel(CAPACITY));
        let streams: SelectAll<_> = rxs.into_iter().map(ReceiverStream::new).collect();
        run(executor, txs, streams, speak, n);
    });
    case.time("tokio, StreamMap", || {
        let (txs, rxs) = make(members, || mpsc::channel(CAPACITY));
        let streams: StreamMap<_, _> = rxs
            .into_iter()
            .map(ReceiverStream::new)
            .enumerate()
            .collect();
        run(executor, txs, streams, speak, n);
    });
    case.time("tokio, poll_recv in turn", || {
        let (txs, rxs) = make(members, || mpsc::channel(CAPACITY));
        let set = InTurn::new(rxs, |rx, cx| rx.poll_recv(cx));
        run(executor, txs, set, speak, n);
    });
    case.time("tokio, select_all of recv", || {
        let (txs, rxs) = make(members, || mpsc::channel(CAPACITY));
        run(executor, txs, MadeAnew(rxs), speak, n);
    });
    case.time("async-channel, SelectAll", || {
        let (txs, rxs) = make(members, || async_channel::bounded(CAPACITY));
        let streams = rxs.into_iter().map(Box::pin);
        run(executor, txs, select_all(streams), speak, n);
    });
    case.time("flume, SelectAll", || {
        let (txs, rxs) = make(members, || flume::bounded(CAPACITY));
        let streams = rxs.into_iter().map(|rx| rx.into_stream());
        run(executor, txs, select_all(streams), speak, n);
    });
    case.run();
}

fn make<Tx, Rx>(members: usize, channel: impl Fn() -> (Tx, Rx)) -> (Vec<Tx>, Vec<Rx>) {
    (0..members).map(|_| channel()).unzip()
}

/// The last `speak` of the members are fed in turn. All stay open until all is received.
fn run<Tx: AsyncSend>(
    executor: &impl Executor,
    mut txs: Vec<Tx>,
    mut set: impl Set,
    speak: usize,
    n: u64,
) {
    let silent = txs.len() - speak;
    let (done, all_received) = oneshot::channel();
    let send = async move {
        let mut turn = silent;
        for value in 0..n {
            txs[turn].put_async(value).await;
            turn += 1;
            if turn == txs.len() {
                turn = silent;
            }
        }
        all_received.await.expect("the receiver succeeds");
    };
    let receive = async move {
        let mut sum = 0;
        for _ in 0..n {
            sum += check(set.any().await.expect("there are more"));
        }
        done.send(()).expect("the sender waits");
        sum
    };
    let sum = executor.run(vec![send], vec![receive]);
    assert_eq!(sum, expected(1, n));
}
