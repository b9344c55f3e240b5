//! There and back again: how soon a value is seen.

use std::thread;

#[cfg(feature = "nimsync")]
use nimsync_benches::channels::nimsync;
use nimsync_benches::channels::{
    AsyncRecv, AsyncSend, BlockingRecv, BlockingSend, Executor, check, expected, tokio,
};
use nimsync_benches::{
    Bench, add_rendezvous_async, add_rendezvous_blocking, add_spsc_async, add_spsc_blocking,
};

pub(crate) fn cases(bench: &Bench) {
    on(bench, "on tokio, 1 worker", &tokio(1));
    on(bench, "on tokio, 2 workers", &tokio(2));
    #[cfg(feature = "nimsync")]
    on(bench, "on nimsync, 1 worker", &nimsync(1));
    #[cfg(feature = "nimsync")]
    on(bench, "on nimsync, 2 workers", &nimsync(2));

    let n = bench.size(20_000);
    let mut case = bench.timed("round trip, threads, capacity 1", n);
    add_spsc_blocking!(case.time, 1, |make| threads(make(), make(), n));
    case.run();

    let mut case = bench.timed("round trip, threads, rendezvous", n);
    add_rendezvous_blocking!(case.time, |make| threads(make(), make(), n));
    case.run();
}

fn on(bench: &Bench, place: &str, executor: &impl Executor) {
    let n = bench.size(100_000);

    let mut case = bench.timed(&format!("round trip, tasks {place}, capacity 1"), n);
    add_spsc_async!(case.time, 1, |make| tasks(executor, make(), make(), n));
    case.run();

    let mut case = bench.timed(&format!("round trip, tasks {place}, rendezvous"), n);
    add_rendezvous_async!(case.time, |make| tasks(executor, make(), make(), n));
    case.run();
}

fn tasks<Tx, Rx>(executor: &impl Executor, there: (Tx, Rx), back: (Tx, Rx), n: u64)
where
    Tx: AsyncSend,
    Rx: AsyncRecv,
{
    let (mut there_tx, mut there_rx) = there;
    let (mut back_tx, mut back_rx) = back;
    let answer = async move {
        while let Some(value) = there_rx.get_async().await {
            back_tx.put_async(value).await;
        }
    };
    let ask = async move {
        let mut sum = 0;
        for value in 0..n {
            there_tx.put_async(value).await;
            sum += check(back_rx.get_async().await.expect("the other answers"));
        }
        sum
    };
    let sum = executor.run(vec![answer], vec![ask]);
    assert_eq!(sum, expected(1, n));
}

fn threads<Tx, Rx>(there: (Tx, Rx), back: (Tx, Rx), n: u64)
where
    Tx: BlockingSend,
    Rx: BlockingRecv,
{
    let (mut there_tx, mut there_rx) = there;
    let (mut back_tx, mut back_rx) = back;
    let sum = thread::scope(|scope| {
        scope.spawn(move || {
            while let Some(value) = there_rx.get() {
                back_tx.put(value);
            }
        });
        let ask = move || {
            let mut sum = 0;
            for value in 0..n {
                there_tx.put(value);
                sum += check(back_rx.get().expect("the other answers"));
            }
            sum
        };
        scope.spawn(ask).join().expect("the other answers")
    });
    assert_eq!(sum, expected(1, n));
}
