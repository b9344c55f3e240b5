//! Random schedules of more threads than loom can follow, with cancels.
//!
//! The seeds are fixed, so a failure comes again; shuttle prints the schedule, which `shuttle::replay` runs alone.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
};

use shuttle::{
    Config, Runner,
    future::block_on,
    rand::{Rng, thread_rng},
    scheduler::{PctScheduler, RandomScheduler},
    thread,
};

use super::{RecvError, broadcast, mpmc, mpsc, oneshot, rendezvous, spmc, spsc, unbounded, watch};

/// Schedules a test and scheduler.
const SCHEDULES: usize = 1_500;
/// Values of each sender.
const EACH: usize = 4;

/// Runs `program` under random schedules, and under such as switch rarely but at the worst moments.
fn check(program: fn()) {
    for seed in 0..2 {
        let scheduler = RandomScheduler::new_from_seed(seed, SCHEDULES);
        Runner::new(scheduler, Config::new()).run(program);
        let scheduler = PctScheduler::new_from_seed(seed, 3, SCHEDULES);
        Runner::new(scheduler, Config::new()).run(program);
    }
}

/// Waits for the future, or drops it after a few polls.
fn impatient<F: Future>(future: F) -> Option<F::Output> {
    let mut left = thread_rng().gen_range(0..6);
    let mut future = pin!(future);
    block_on(std::future::poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        match left {
            0 => return Poll::Ready(None),
            // This one waits for a wake, however long it takes.
            5 => return Poll::Pending,
            _ => left -= 1,
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }))
}

/// What came out: (sender, number) in the order of each receiver.
type Received = Arc<Mutex<Vec<Vec<(usize, usize)>>>>;

/// Every value of every sender came out once, and each receiver got those of one sender in order.
fn assert_complete(received: &Received, senders: usize) {
    let received = received.lock().unwrap();
    for values in received.iter() {
        for sender in 0..senders {
            let of_one = values.iter().filter(|value| value.0 == sender);
            assert!(of_one.is_sorted(), "{values:?}");
        }
    }
    let mut all: Vec<_> = received.iter().flatten().copied().collect();
    all.sort_unstable();
    let sent = (0..senders).flat_map(|sender| (0..EACH).map(move |i| (sender, i)));
    assert!(all.into_iter().eq(sent));
}

macro_rules! handles {
    (1, $handle:ident) => {
        vec![$handle]
    };
    ($n:literal, $handle:ident) => {{
        let mut all: Vec<_> = (1..$n).map(|_| $handle.clone()).collect();
        all.push($handle);
        all
    }};
}

/// Senders and receivers that change their minds: what is sent is received, once and in order, and everybody ends.
macro_rules! mode {
    ($name:ident, $make:expr, $senders:tt -> $receivers:tt) => {
        #[test]
        #[allow(unused_mut)]
        fn $name() {
            check(|| {
                let received = Received::default();
                let (tx, rx) = $make;
                let mut threads = Vec::new();
                for (sender, mut tx) in handles!($senders, tx).into_iter().enumerate() {
                    threads.push(thread::spawn(move || {
                        let mut next = 0;
                        while next < EACH {
                            match thread_rng().gen_range(0..3) {
                                0 => {
                                    block_on(tx.send((sender, next))).unwrap();
                                    next += 1;
                                }
                                1 => {
                                    let count = thread_rng().gen_range(1..=EACH - next);
                                    let values = (next..next + count).map(|i| (sender, i));
                                    block_on(tx.send_many(values)).unwrap();
                                    next += count;
                                }
                                _ => {
                                    if let Some(permit) = impatient(tx.reserve()) {
                                        if thread_rng().gen_range(0..4) == 0 {
                                            drop(permit.unwrap());
                                        } else {
                                            permit.unwrap().send((sender, next));
                                            next += 1;
                                        }
                                    }
                                }
                            }
                        }
                    }));
                }
                for mut rx in handles!($receivers, rx) {
                    let received = received.clone();
                    threads.push(thread::spawn(move || {
                        let mut values = Vec::new();
                        loop {
                            if thread_rng().gen_range(0..3) == 0 {
                                let limit = thread_rng().gen_range(1..4);
                                if let Some(0) = impatient(rx.recv_many(&mut values, limit)) {
                                    break;
                                }
                            } else {
                                match impatient(rx.recv()) {
                                    Some(Ok(value)) => values.push(value),
                                    Some(Err(RecvError::Closed)) => break,
                                    None => {}
                                }
                            }
                        }
                        received.lock().unwrap().push(values);
                    }));
                }
                for thread in threads {
                    thread.join().unwrap();
                }
                assert_complete(&received, $senders);
            });
        }
    };
}

mode!(spsc_with_cancels, spsc(2), 1 -> 1);
mode!(mpsc_with_cancels, mpsc(2), 3 -> 1);
mode!(mpsc_one_place_with_cancels, mpsc(1), 3 -> 1);
mode!(spmc_with_cancels, spmc(2), 1 -> 3);
mode!(spmc_one_place_with_cancels, spmc(1), 1 -> 3);
mode!(mpmc_with_cancels, mpmc(2), 3 -> 3);
mode!(mpmc_one_place_with_cancels, mpmc(1), 3 -> 3);
mode!(unbounded_with_cancels, unbounded(), 3 -> 3);

/// A receiver closes while others send and wait: what was said to be sent is received.
macro_rules! closing {
    ($name:ident, $make:expr, $senders:tt -> $receivers:tt) => {
        #[test]
        #[allow(unused_mut)]
        fn $name() {
            check(|| {
                let (tx, rx) = $make;
                let mut senders = Vec::new();
                for mut tx in handles!($senders, tx) {
                    senders.push(thread::spawn(move || {
                        (0..EACH).filter(|_| block_on(tx.send(())).is_ok()).count()
                    }));
                }
                let mut receivers = Vec::new();
                for (n, mut rx) in handles!($receivers, rx).into_iter().enumerate() {
                    receivers.push(thread::spawn(move || {
                        let mut count = 0;
                        while block_on(rx.recv()).is_ok() {
                            count += 1;
                            if n == 0 && count == 2 {
                                rx.close();
                            }
                        }
                        count
                    }));
                }
                let sum = |threads: Vec<thread::JoinHandle<usize>>| -> usize {
                    threads
                        .into_iter()
                        .map(|thread| thread.join().unwrap())
                        .sum()
                };
                assert_eq!(sum(senders), sum(receivers));
            });
        }
    };
}

closing!(spsc_closed_by_the_receiver, spsc(1), 1 -> 1);
closing!(mpsc_closed_by_the_receiver, mpsc(1), 3 -> 1);
closing!(spmc_closed_by_a_receiver, spmc(1), 1 -> 3);
closing!(mpmc_closed_by_a_receiver, mpmc(1), 3 -> 3);

/// A send that was given up was not received, unless it says that it was done.
#[test]
fn rendezvous_with_cancels() {
    check(|| {
        let (tx, rx) = rendezvous();
        let mut senders = Vec::new();
        for tx in handles!(3, tx) {
            senders.push(thread::spawn(move || {
                for i in 0..EACH {
                    if thread_rng().gen_range(0..2) == 0 {
                        block_on(tx.send(i)).unwrap();
                    } else {
                        // Given up or not: dropped either way.
                        let _ = impatient(tx.send(i));
                    }
                }
            }));
        }
        let mut receivers = Vec::new();
        for rx in handles!(3, rx) {
            receivers.push(thread::spawn(move || {
                while !matches!(impatient(rx.recv()), Some(Err(RecvError::Closed))) {}
            }));
        }
        for thread in senders.into_iter().chain(receivers) {
            thread.join().unwrap();
        }
    });
}

#[test]
fn oneshot_sent_dropped_or_given_up() {
    check(|| {
        let (tx, mut rx) = oneshot();
        let sender = thread::spawn(move || match thread_rng().gen_range(0..2) {
            0 => tx.send(1).is_ok(),
            _ => false,
        });
        let received = loop {
            if let Some(received) = impatient(&mut rx) {
                break received.is_ok();
            }
        };
        assert_eq!(sender.join().unwrap(), received);
    });
}

/// Each receiver gets or misses each value, and knows how many it missed.
#[test]
fn broadcast_with_cancels() {
    check(|| {
        let (tx, rx) = broadcast(2);
        let mut threads = Vec::new();
        for mut rx in handles!(3, rx) {
            threads.push(thread::spawn(move || {
                let mut seen = 0;
                loop {
                    match impatient(rx.recv()) {
                        Some(Ok(_)) => seen += 1,
                        Some(Err(broadcast::RecvError::Lagged(missed))) => seen += missed as usize,
                        Some(Err(broadcast::RecvError::Closed)) => break,
                        None => {}
                    }
                }
                assert_eq!(seen, 2 * EACH);
            }));
        }
        for tx in handles!(2, tx) {
            threads.push(thread::spawn(move || {
                (0..EACH).for_each(|i| assert!(tx.send(i).is_ok()));
            }));
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn watch_with_cancels() {
    check(|| {
        let (tx, rx) = watch(0);
        let mut threads = Vec::new();
        for mut rx in handles!(3, rx) {
            threads.push(thread::spawn(move || {
                let mut last = 0;
                while !matches!(impatient(rx.changed()), Some(Err(_))) {
                    let value = *rx.borrow_and_update();
                    assert!(value >= last);
                    last = value;
                }
                assert_eq!(last, 2 * EACH);
            }));
        }
        for tx in handles!(2, tx) {
            threads.push(thread::spawn(move || {
                (0..EACH).for_each(|_| tx.send_modify(|value| *value += 1));
            }));
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
