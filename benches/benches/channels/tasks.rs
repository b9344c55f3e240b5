//! Streams between tasks, on tokio and on nimsync, with one worker and two.

#[cfg(feature = "nimsync")]
use nimsync_benches::channels::nimsync;
use nimsync_benches::channels::{
    AsyncRecv, AsyncSend, CAPACITY, Ends, Executor, check, expected, fan_in, fan_out, line, mesh,
    tokio,
};
use nimsync_benches::{Bench, add_mpmc_async, add_mpsc_async, add_spmc_async, add_spsc_async};

pub(crate) fn cases(bench: &Bench) {
    on(bench, "tasks on tokio, 1 worker", &tokio(1));
    on(bench, "tasks on tokio, 2 workers", &tokio(2));
    #[cfg(feature = "nimsync")]
    on(bench, "tasks on nimsync, 1 worker", &nimsync(1));
    #[cfg(feature = "nimsync")]
    on(bench, "tasks on nimsync, 2 workers", &nimsync(2));
}

fn on(bench: &Bench, place: &str, executor: &impl Executor) {
    let n = bench.size(1_000_000);

    let mut case = bench.timed(&format!("{place}, spsc"), n);
    add_spsc_async!(case.time, CAPACITY, |make| stream(
        executor,
        line(make()),
        n
    ));
    case.run();

    let mut case = bench.timed(&format!("{place}, mpsc of 4"), n);
    add_mpsc_async!(case.time, CAPACITY, |make| stream(
        executor,
        fan_in(4, make()),
        n
    ));
    case.run();

    let mut case = bench.timed(&format!("{place}, spmc of 4"), n);
    add_spmc_async!(case.time, CAPACITY, |make| stream(
        executor,
        fan_out(4, make()),
        n
    ));
    case.run();

    let mut case = bench.timed(&format!("{place}, mpmc of 4 and 4"), n);
    add_mpmc_async!(case.time, CAPACITY, |make| stream(
        executor,
        mesh(4, make()),
        n
    ));
    case.run();
}

pub(crate) fn stream<Tx, Rx>(executor: &impl Executor, (senders, receivers): Ends<Tx, Rx>, n: u64)
where
    Tx: AsyncSend,
    Rx: AsyncRecv,
{
    let (many, each) = (senders.len(), n / senders.len() as u64);
    let senders = senders.into_iter().map(|mut tx| async move {
        for value in 0..each {
            tx.put_async(value).await;
        }
    });
    let receivers = receivers.into_iter().map(|mut rx| async move {
        let mut sum = 0;
        while let Some(value) = rx.get_async().await {
            sum += check(value);
        }
        sum
    });
    let sum = executor.run(senders.collect(), receivers.collect());
    assert_eq!(sum, expected(many, each));
}
