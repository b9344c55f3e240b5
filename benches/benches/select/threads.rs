//! A thread receives from a set whose members another thread feeds.

use std::thread;

use flume::Selector;
#[cfg(feature = "nimsync")]
use nimsync::channel;
use nimsync_benches::Bench;
use nimsync_benches::channels::{BlockingSend, check, expected};

const CAPACITY: usize = 16;

pub(crate) fn cases(bench: &Bench) {
    for members in [2, 16, 64] {
        let name = format!("threads, of {members} that speak in turn");
        case(bench, &name, members, members);
    }
    case(bench, "threads, of 64 of which one speaks", 64, 1);
}

fn case(bench: &Bench, name: &str, members: usize, speak: usize) {
    let n = bench.size(100_000);
    let mut case = bench.timed(name, n);
    #[cfg(feature = "nimsync")]
    case.time("nimsync", || {
        let receive = |rxs: Vec<_>, n| {
            let mut set = channel::Select::from_iter(rxs);
            sum(n, || set.recv_blocking().expect("there are more").1)
        };
        run(|| channel::spsc(CAPACITY), members, speak, n, receive);
    });
    case.time("crossbeam", || {
        let receive = |rxs: Vec<_>, n| {
            let mut set = crossbeam_channel::Select::new();
            for rx in &rxs {
                set.recv(rx);
            }
            sum(n, || {
                let ready = set.select();
                let rx = &rxs[ready.index()];
                ready.recv(rx).expect("there are more")
            })
        };
        run(
            || crossbeam_channel::bounded(CAPACITY),
            members,
            speak,
            n,
            receive,
        );
    });
    case.time("crossfire", || {
        let receive = |rxs: Vec<crossfire::Rx<crossfire::spsc::Array<u64>>>, n| {
            let mut set = crossfire::select::Select::new();
            for rx in &rxs {
                set.add(rx);
            }
            sum(n, || {
                let ready = set.select().expect("there are more");
                let mut rxs = rxs.iter();
                let rx = rxs
                    .find(|&rx| ready.is_from(rx))
                    .expect("it is one of them");
                rx.read_select(ready).expect("there are more")
            })
        };
        let make = || crossfire::spsc::bounded_blocking(CAPACITY);
        run(make, members, speak, n, receive);
    });
    case.time("flume", || {
        let receive = |rxs: Vec<flume::Receiver<u64>>, n| {
            sum(n, || {
                let set = rxs
                    .iter()
                    .fold(Selector::new(), |set, rx| set.recv(rx, |value| value));
                set.wait().expect("there are more")
            })
        };
        run(|| flume::bounded(CAPACITY), members, speak, n, receive);
    });
    case.run();
}

fn sum(n: u64, mut receive: impl FnMut() -> u64) -> u64 {
    (0..n).map(|_| check(receive())).sum()
}

/// The last `speak` of the members are fed in turn. The senders go when all is received.
fn run<Tx: BlockingSend, Rx: Send>(
    make: impl Fn() -> (Tx, Rx),
    members: usize,
    speak: usize,
    n: u64,
    receive: impl FnOnce(Vec<Rx>, u64) -> u64 + Send,
) {
    let (mut txs, rxs): (Vec<Tx>, Vec<Rx>) = (0..members).map(|_| make()).unzip();
    let sum = thread::scope(|scope| {
        let sender = scope.spawn(move || {
            let silent = members - speak;
            let mut turn = silent;
            for value in 0..n {
                txs[turn].put(value);
                turn += 1;
                if turn == members {
                    turn = silent;
                }
            }
            txs
        });
        let receiver = scope.spawn(move || receive(rxs, n));
        let sum = receiver.join().expect("the receiver succeeds");
        drop(sender.join().expect("the sender succeeds"));
        sum
    });
    assert_eq!(sum, expected(1, n));
}
