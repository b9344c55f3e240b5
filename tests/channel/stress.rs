//! Many threads, small capacities, random cancels: a lost wake-up hangs, and the hang detector says so.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use futures::executor::block_on;
use nimsync::channel;

use crate::channel::support::*;

/// Ends with the future's output, or with none after at most `polls` polls.
fn for_polls<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    block_on(std::future::poll_fn(|cx: &mut Context<'_>| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        // Sometimes wait for the wake, sometimes hurry.
        if left.is_multiple_of(2) {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }))
}

macro_rules! stress {
    ($name:ident, $mode:ident, senders: $senders:tt, receivers: $receivers:tt) => {
        #[test]
        #[allow(unused_mut)]
        fn $name() {
            const EACH: usize = 3_000;
            for (seed, capacity) in [(1, 1), (2, 2), (3, 1), (4, 2), (5, 3), (6, 16)] {
                must_end(concat!(stringify!($name)), move || {
                    let (tx, rx) = channel::$mode::<Counted>(capacity);
                    let (drops, value) = counted();
                    let received = Arc::new(AtomicUsize::new(0));
                    let sum = Arc::new(AtomicUsize::new(0));
                    let mut threads = Vec::new();
                    let mut sent = 0;
                    let mut expected = 0;
                    for mut tx in handles!($senders, tx) {
                        let value = value.clone();
                        sent += EACH;
                        expected += (0..EACH).sum::<usize>();
                        threads.push(std::thread::spawn(move || {
                            let mut random = fastrand::Rng::with_seed(seed * 31 + sent as u64);
                            for i in 0..EACH {
                                // A send that is given up has sent nothing: a permit is tried until it is there.
                                loop {
                                    if random.bool() {
                                        if tx.send_blocking(value(i)).is_err() {
                                            panic!("closed");
                                        }
                                        break;
                                    }
                                    let polls = random.u32(0..3);
                                    if let Some(permit) = for_polls(tx.reserve(), polls * 2) {
                                        if random.u8(0..4) == 0 {
                                            drop(permit);
                                            continue;
                                        }
                                        permit.unwrap().send(value(i));
                                        break;
                                    }
                                }
                            }
                        }));
                    }
                    for (n, mut rx) in handles!($receivers, rx).into_iter().enumerate() {
                        let (received, sum) = (received.clone(), sum.clone());
                        threads.push(std::thread::spawn(move || {
                            let mut random = fastrand::Rng::with_seed(seed * 77 + n as u64);
                            loop {
                                let value = if random.bool() {
                                    Some(rx.recv_blocking())
                                } else {
                                    let polls = random.u32(0..3);
                                    for_polls(rx.recv(), polls * 2)
                                };
                                match value {
                                    None => {}
                                    Some(Ok(value)) => {
                                        received.fetch_add(1, Ordering::SeqCst);
                                        sum.fetch_add(value.1, Ordering::SeqCst);
                                    }
                                    Some(Err(_)) => break,
                                }
                            }
                        }));
                    }
                    for thread in threads {
                        thread.join().unwrap();
                    }
                    assert_eq!(received.load(Ordering::SeqCst), sent, "seed {seed}");
                    assert_eq!(sum.load(Ordering::SeqCst), expected, "seed {seed}");
                    assert_eq!(drops.load(Ordering::SeqCst), sent, "seed {seed}");
                });
            }
        }
    };
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

stress!(spsc_with_cancels, spsc, senders: 1, receivers: 1);
stress!(mpsc_with_cancels, mpsc, senders: 3, receivers: 1);
stress!(spmc_with_cancels, spmc, senders: 1, receivers: 3);
stress!(mpmc_with_cancels, mpmc, senders: 3, receivers: 3);

macro_rules! close_race {
    ($name:ident, $mode:ident) => {
        /// A value for which `send` said "sent" is received or dropped by the drain, never lost behind "closed".
        #[test]
        #[allow(unused_mut)]
        fn $name() {
            must_end(stringify!($name), || {
                for round in 0..4_000 {
                    let (mut tx, mut rx) = channel::$mode::<usize>(4);
                    let sender = std::thread::spawn(move || {
                        let mut sent = 0;
                        while tx.send_blocking(sent).is_ok() {
                            sent += 1;
                        }
                        sent
                    });
                    let mut received = 0;
                    for _ in 0..round % 7 {
                        assert_eq!(rx.recv_blocking(), Ok(received));
                        received += 1;
                    }
                    rx.close();
                    while let Ok(value) = rx.recv_blocking() {
                        assert_eq!(value, received);
                        received += 1;
                    }
                    assert_eq!(sender.join().unwrap(), received);
                }
            });
        }
    };
}

close_race!(spsc_closed_by_the_receiver_while_sending, spsc);
close_race!(mpsc_closed_by_the_receiver_while_sending, mpsc);
close_race!(spmc_closed_by_the_receiver_while_sending, spmc);
close_race!(mpmc_closed_by_the_receiver_while_sending, mpmc);

/// A ping-pong at capacity 1 parks at every message.
#[test]
fn ping_pong_at_capacity_one() {
    must_end("ping-pong", || {
        let (mut ping, mut pinged) = channel::spsc(1);
        let (mut pong, mut ponged) = channel::spsc(1);
        let echo = std::thread::spawn(move || {
            while let Ok(i) = block_on(pinged.recv()) {
                block_on(pong.send(i)).unwrap();
            }
        });
        for i in 0..20_000 {
            block_on(ping.send(i)).unwrap();
            assert_eq!(block_on(ponged.recv()), Ok(i));
        }
        drop(ping);
        echo.join().unwrap();
    });
}
