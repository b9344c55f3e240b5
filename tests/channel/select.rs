//! `select!` and `Select`.

use std::{pin::pin, task::Poll};

use futures::executor::block_on;
use nimsync::{
    channel::{self, RecvError, Select, TryRecvError},
    select,
};

use crate::channel::support::*;

#[test]
fn the_first_that_is_ready_wins_and_losers_have_taken_nothing() {
    block_on(async {
        let (mut tx1, mut rx1) = channel::spsc(4);
        let (tx2, mut rx2) = channel::mpsc(4);
        for i in 0..4 {
            tx1.send(i).await.unwrap();
            tx2.send(i).await.unwrap();
        }
        let (mut first, mut second) = (0, 0);
        for _ in 0..8 {
            // `value` and `output` are names of the user's here.
            let value = 1;
            select! {
                Ok(output) = rx1.recv() => { assert_eq!(output, first); first += value }
                Ok(output) = rx2.recv() => { assert_eq!(output, second); second += value }
            }
        }
        assert_eq!((first, second), (4, 4));
    });
}

#[test]
fn biased_looks_in_order() {
    block_on(async {
        let (tx, rx) = channel::mpmc(8);
        for i in 0..8 {
            tx.send(i).await.unwrap();
        }
        let other = rx.clone();
        for i in 0..8 {
            let won = select! {
                biased;
                Ok(value) = rx.recv() => value,
                _ = other.recv() => panic!("the second arm comes second"),
            };
            assert_eq!(won, i);
        }
    });
}

#[test]
fn fair_looks_everywhere() {
    block_on(async {
        let mut wins = [0; 3];
        for _ in 0..600 {
            select! {
                () = async {} => wins[0] += 1,
                () = std::future::ready(()) => wins[1] += 1,
                _ = async { 5 } => wins[2] += 1,
            }
        }
        assert!(wins.iter().all(|&wins| wins > 50), "{wins:?}");
    });
}

#[test]
fn default_does_not_wait_and_else_ends() {
    block_on(async {
        let (tx, rx) = channel::mpmc::<u8>(1);
        let look = async || {
            select! {
                Ok(value) = rx.recv() => Some(value),
                default => None,
                else => Some(99),
            }
        };
        assert_eq!(look().await, None);
        tx.send(7).await.unwrap();
        assert_eq!(look().await, Some(7));
        tx.close();
        assert_eq!(look().await, Some(99));
        let disabled = select! {
            _ = std::future::pending::<()>(), if tx.sender_count() > 5 => false,
            else => true,
        };
        assert!(disabled);
    });
}

#[test]
fn a_losing_arm_passes_its_wake_on() {
    let (tx, rx) = channel::mpmc::<u8>(1);
    let waiting = rx.clone();
    let (wakes, waker) = Wakes::new();
    let (other_tx, mut other_rx) = channel::oneshot::<()>();
    let mut both = Box::pin(async {
        select! {
            biased;
            _ = &mut other_rx => 0,
            Ok(value) = rx.recv() => value,
        }
    });
    assert!(peek(both.as_mut()).is_pending());
    let mut recv = pin!(waiting.recv());
    assert!(poll(recv.as_mut(), &waker).is_pending());
    // The select is woken for the value, and takes the other arm.
    tx.try_send(5).unwrap();
    other_tx.send(()).unwrap();
    assert_eq!(peek(both.as_mut()), Poll::Ready(0));
    drop(both);
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll(recv.as_mut(), &waker), Poll::Ready(Ok(5)));
}

#[test]
fn a_set_takes_turns_and_ends() {
    let mut set = Select::new();
    let mut senders = Vec::new();
    for _ in 0..130 {
        let (tx, rx) = channel::spsc(4);
        senders.push((set.add(rx), tx));
    }
    assert_eq!(set.try_recv(), Err(TryRecvError::Empty));
    for (_, tx) in &mut senders {
        tx.send_many_blocking(0..2).unwrap();
    }
    let first: Vec<_> = (0..130).map(|_| set.recv_blocking().unwrap()).collect();
    assert!(first.iter().all(|(_, value)| *value == 0));
    assert!((0..130).all(|_| set.recv_blocking().unwrap().1 == 1));
    let (wakes, waker) = Wakes::new();
    {
        let mut recv = pin!(set.recv());
        assert!(poll(recv.as_mut(), &waker).is_pending());
        senders[129].1.try_send(9).unwrap();
        assert_eq!(wakes.count(), 1);
        senders[3].1.try_send(8).unwrap();
        assert_eq!(wakes.count(), 1);
        // Dropped: nothing was taken.
    }
    let mut keys = [set.recv_blocking().unwrap(), set.recv_blocking().unwrap()];
    keys.sort();
    assert_eq!(keys, [(senders[3].0, 8), (senders[129].0, 9)]);
    let key = senders[0].0;
    assert!(set.remove(key).is_some());
    assert!(set.remove(key).is_none());
    senders.truncate(2);
    senders[1].1.try_send(1).unwrap();
    assert_eq!(set.recv_blocking(), Ok((senders[1].0, 1)));
    drop(senders);
    assert_eq!(set.recv_blocking(), Err(RecvError::Closed));
    assert!(set.is_empty());
}

#[test]
fn a_set_over_threads_loses_nothing() {
    must_end("set", || {
        let mut set = Select::new();
        let mut threads = Vec::new();
        for _ in 0..3 {
            let (mut tx, rx) = channel::spsc::<u64>(2);
            set.add(rx);
            threads.push(std::thread::spawn(move || {
                for i in 0..5_000 {
                    tx.send_blocking(i).unwrap();
                }
            }));
        }
        let mut sum = 0;
        while let Ok((_, value)) = set.recv_blocking() {
            sum += value;
        }
        assert_eq!(sum, 3 * (0..5_000).sum::<u64>());
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    });
}
