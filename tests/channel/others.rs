//! `oneshot`, `unbounded`, `rendezvous`, `broadcast`, `watch`, weak senders.

use std::{pin::pin, sync::atomic::Ordering, task::Poll};

use futures::{StreamExt, executor::block_on};
use nimsync::channel::{self, RecvError, TryRecvError, TrySendError, broadcast};

use crate::channel::support::*;

#[test]
fn oneshot_delivers_or_says_why_not() {
    let (tx, rx) = channel::oneshot();
    tx.send(1).unwrap();
    assert_eq!(rx.recv_blocking(), Ok(1));
    let (tx, rx) = channel::oneshot::<u8>();
    drop(tx);
    assert_eq!(block_on(rx), Err(RecvError::Closed));
    let (mut tx, rx) = channel::oneshot();
    let (wakes, waker) = Wakes::new();
    {
        let mut closed = pin!(tx.closed());
        assert!(poll(closed.as_mut(), &waker).is_pending());
        drop(rx);
        assert_eq!(wakes.count(), 1);
        assert!(poll(closed.as_mut(), &waker).is_ready());
    }
    assert_eq!(tx.send(2).unwrap_err().0, 2);
    let (drops, value) = counted();
    let (tx, mut rx) = channel::oneshot();
    assert!(tx.send(value(1)).is_ok());
    rx.close();
    drop(rx);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn unbounded_never_waits_and_weak_senders_do_not_keep_it_open() {
    let (tx, rx) = channel::unbounded();
    for i in 0..10_000 {
        tx.try_send(i).unwrap();
    }
    let weak = tx.downgrade();
    weak.upgrade().unwrap().try_send(10_000).unwrap();
    assert_eq!(tx.sender_count(), 1);
    drop(tx);
    assert!(weak.upgrade().is_none());
    assert_eq!(
        block_on(rx.collect::<Vec<_>>()),
        (0..=10_000).collect::<Vec<_>>()
    );
}

#[test]
fn rendezvous_is_done_when_the_value_is_taken() {
    let (tx, rx) = channel::rendezvous();
    assert!(matches!(tx.try_send(0), Err(TrySendError::Full(0))));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let mut send = Box::pin(tx.send(1));
    assert!(peek(send.as_mut()).is_pending());
    let mut second = Box::pin(tx.send(2));
    assert!(peek(second.as_mut()).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(matches!(peek(send.as_mut()), Poll::Ready(Ok(()))));
    assert!(peek(second.as_mut()).is_pending());
    // Given up: the value is taken back.
    drop(second);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let mut recv = Box::pin(rx.recv());
    assert!(peek(recv.as_mut()).is_pending());
    tx.try_send(3).unwrap();
    assert_eq!(peek(recv.as_mut()), Poll::Ready(Ok(3)));
    drop(recv);
    let mut send = Box::pin(tx.send(4));
    assert!(peek(send.as_mut()).is_pending());
    rx.close();
    match peek(send.as_mut()) {
        Poll::Ready(Err(error)) => assert_eq!(error.0, 4),
        _ => panic!("closed before it was taken"),
    }
}

#[test]
fn rendezvous_between_threads() {
    must_end("rendezvous", || {
        let (tx, rx) = channel::rendezvous();
        let senders: Vec<_> = (0..3)
            .map(|_| {
                let tx = tx.clone();
                std::thread::spawn(move || {
                    (0..2_000_u64).for_each(|i| tx.send_blocking(i).unwrap());
                })
            })
            .collect();
        drop(tx);
        let other = rx.clone();
        let count = move |rx: channel::rendezvous::Receiver<u64>| {
            let mut sum = 0;
            while let Ok(value) = rx.recv_blocking() {
                sum += value;
            }
            sum
        };
        let thread = std::thread::spawn(move || count(other));
        let sum = count(rx) + thread.join().unwrap();
        assert_eq!(sum, 3 * (0..2_000).sum::<u64>());
        senders
            .into_iter()
            .for_each(|sender| sender.join().unwrap());
    });
}

#[test]
fn broadcast_reaches_everybody_and_reports_lag() {
    let (drops, value) = counted();
    let value = std::sync::Arc::new(value);
    let (tx, mut rx) = channel::broadcast(2);
    let mut other = rx.clone();
    for i in 0..5 {
        assert_eq!(tx.send(std::sync::Arc::new(value(i))).unwrap(), 2);
    }
    assert!(matches!(
        rx.try_recv(),
        Err(broadcast::TryRecvError::Lagged(3))
    ));
    assert_eq!(rx.try_recv().unwrap().1, 3);
    assert_eq!(rx.try_recv().unwrap().1, 4);
    assert_eq!(drops.load(Ordering::SeqCst), 3);
    assert!(matches!(
        block_on(other.recv()),
        Err(broadcast::RecvError::Lagged(3))
    ));
    assert_eq!(block_on(other.recv()).unwrap().1, 3);
    // What everybody has seen is gone.
    assert_eq!(drops.load(Ordering::SeqCst), 4);
    drop(other);
    assert_eq!(drops.load(Ordering::SeqCst), 5);
    assert!(tx.is_empty());
    let (wakes, waker) = Wakes::new();
    {
        let mut recv = pin!(rx.recv());
        assert!(poll(recv.as_mut(), &waker).is_pending());
        drop(tx);
        assert_eq!(wakes.count(), 1);
        assert!(matches!(
            poll(recv.as_mut(), &waker),
            Poll::Ready(Err(broadcast::RecvError::Closed))
        ));
    }
}

#[test]
fn watch_shows_the_newest() {
    let (tx, mut rx) = channel::watch(0);
    assert_eq!(rx.has_changed(), Ok(false));
    tx.send(1).unwrap();
    tx.send_modify(|value| *value += 1);
    assert_eq!(rx.has_changed(), Ok(true));
    assert_eq!(*rx.borrow_and_update(), 2);
    let (wakes, waker) = Wakes::new();
    {
        let mut changed = pin!(rx.changed());
        assert!(poll(changed.as_mut(), &waker).is_pending());
        assert!(!tx.send_if_modified(|_| false));
        assert_eq!(wakes.count(), 0);
        tx.send(3).unwrap();
        assert_eq!(wakes.count(), 1);
        assert_eq!(poll(changed.as_mut(), &waker), Poll::Ready(Ok(())));
    }
    assert_eq!(*block_on(rx.wait_for(|value| *value == 3)).unwrap(), 3);
    drop(tx);
    assert_eq!(block_on(rx.changed()), Err(RecvError::Closed));
    assert_eq!(*rx.borrow(), 3);
}
