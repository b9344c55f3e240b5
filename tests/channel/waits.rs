//! Waits that end in unusual ways: dropped at every point, polled by another task, left behind by everybody.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::atomic::Ordering,
    task::Poll,
};

use futures::executor::block_on;
use nimsync::channel::{self, RecvError, broadcast};

use crate::channel::support::*;

type Wait<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Two wait, in this order. Whatever becomes of the first, the second is woken when there is something for it.
fn second_is_woken<'a>(
    what: &str,
    mut first: Wait<'a>,
    mut second: Wait<'a>,
    make: impl FnOnce(),
    drop_first: bool,
) {
    let ((first_wakes, first_waker), (second_wakes, second_waker)) = (Wakes::new(), Wakes::new());
    assert!(poll(first.as_mut(), &first_waker).is_pending(), "{what}");
    assert!(poll(second.as_mut(), &second_waker).is_pending(), "{what}");
    make();
    assert_eq!(
        (first_wakes.count(), second_wakes.count()),
        (1, 0),
        "{what}"
    );
    if drop_first {
        // Woken and dropped: the wake goes on.
        drop(first);
        assert_eq!(second_wakes.count(), 1, "{what}");
        assert!(poll(second.as_mut(), &second_waker).is_ready(), "{what}");
    } else {
        // Whoever is not the first stays behind it.
        assert!(poll(second.as_mut(), &second_waker).is_pending(), "{what}");
        assert!(poll(first.as_mut(), &first_waker).is_ready(), "{what}");
        assert_eq!(second_wakes.count(), 0, "{what}");
    }
}

#[test]
fn a_receiver_that_is_dropped_or_served_leaves_the_rest_to_the_next() {
    for drop_first in [false, true] {
        for (n, what) in ["recv", "recv_many"].into_iter().enumerate() {
            let (tx, rx) = channel::mpmc(1);
            let other = rx.clone();
            let mut buffer = Vec::new();
            let first: Wait<'_> = match n {
                0 => Box::pin(async { drop(rx.recv().await.unwrap()) }),
                _ => Box::pin(async { assert_eq!(rx.recv_many(&mut buffer, 4).await, 1) }),
            };
            let second: Wait<'_> = Box::pin(async { drop(other.recv().await.unwrap()) });
            let make = || tx.try_send(String::from("one")).unwrap();
            second_is_woken(what, first, second, make, drop_first);
        }
    }
}

#[test]
fn a_sender_that_is_dropped_or_served_leaves_the_rest_to_the_next() {
    for drop_first in [false, true] {
        for (n, what) in ["send", "send_many", "reserve"].into_iter().enumerate() {
            let (tx, rx) = channel::mpmc(1);
            tx.try_send(0).unwrap();
            let other = tx.clone();
            let first: Wait<'_> = match n {
                0 => Box::pin(async { tx.send(1).await.unwrap() }),
                1 => Box::pin(async { tx.send_many([1]).await.unwrap() }),
                _ => Box::pin(async { tx.reserve().await.unwrap().send(1) }),
            };
            let second: Wait<'_> = Box::pin(async { other.send(2).await.unwrap() });
            let make = || assert_eq!(rx.try_recv(), Ok(0));
            second_is_woken(what, first, second, make, drop_first);
            let left = if drop_first { 2 } else { 1 };
            assert_eq!(rx.try_recv(), Ok(left), "{what}");
        }
    }
}

#[test]
fn rendezvous_waits_that_are_dropped_leave_the_rest_to_the_next() {
    for drop_first in [false, true] {
        let (tx, rx) = channel::rendezvous();
        let other = rx.clone();
        let first: Wait<'_> = Box::pin(async { assert_eq!(rx.recv().await, Ok(1)) });
        let second: Wait<'_> = Box::pin(async { assert_eq!(other.recv().await, Ok(1)) });
        let make = || tx.try_send(1).unwrap();
        let (wakes, waker) = Wakes::new();
        let (mut first, mut second) = (first, second);
        assert!(poll(first.as_mut(), &waker).is_pending());
        assert!(poll(second.as_mut(), &waker).is_pending());
        make();
        assert_eq!(wakes.count(), 1);
        if drop_first {
            drop(first);
            assert_eq!(wakes.count(), 2);
            assert!(poll(second.as_mut(), &waker).is_ready());
        } else {
            assert!(poll(first.as_mut(), &waker).is_ready());
        }
    }
    // Senders: the value of the first goes with it, and the counter is free for the second.
    let (tx, rx) = channel::rendezvous();
    let (wakes, waker) = Wakes::new();
    let mut first = Box::pin(tx.send(1));
    let mut second = Box::pin(tx.send(2));
    assert!(poll(first.as_mut(), &waker).is_pending());
    assert!(poll(second.as_mut(), &waker).is_pending());
    drop(first);
    assert_eq!(wakes.count(), 1);
    assert!(poll(second.as_mut(), &waker).is_pending());
    assert_eq!(rx.try_recv(), Ok(2));
    assert!(matches!(poll(second.as_mut(), &waker), Poll::Ready(Ok(()))));
}

/// Polls with one waker, then with another, then makes it ready: only the last one is woken.
fn last_waker_counts<F: Future>(mut wait: Pin<&mut F>, make: impl FnOnce()) -> F::Output {
    let ((first, first_waker), (second, second_waker)) = (Wakes::new(), Wakes::new());
    assert!(poll(wait.as_mut(), &first_waker).is_pending());
    assert!(poll(wait.as_mut(), &second_waker).is_pending());
    make();
    assert_eq!((first.count(), second.count()), (0, 1));
    match poll(wait, &first_waker) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("woken, and not ready"),
    }
}

#[test]
fn any_wait_may_be_polled_by_another_task() {
    let (tx, rx) = channel::mpmc(1);
    tx.try_send(0).unwrap();
    last_waker_counts(pin!(tx.send(1)), || assert_eq!(rx.try_recv(), Ok(0))).unwrap();
    drop(last_waker_counts(pin!(tx.reserve()), || assert_eq!(rx.try_recv(), Ok(1))).unwrap());
    let (tx, rx) = channel::unbounded();
    let received = last_waker_counts(pin!(rx.recv()), || tx.try_send(1).unwrap());
    assert_eq!(received, Ok(1));
    let (tx, rx) = channel::rendezvous();
    last_waker_counts(pin!(tx.send(1)), || assert_eq!(rx.try_recv(), Ok(1))).unwrap();
    let received = last_waker_counts(pin!(rx.recv()), || tx.try_send(2).unwrap());
    assert_eq!(received, Ok(2));
    let (tx, mut rx) = channel::oneshot();
    let received = last_waker_counts(Pin::new(&mut rx), || tx.send(3).unwrap());
    assert_eq!(received, Ok(3));
    let (tx, mut rx) = channel::broadcast(1);
    let received = last_waker_counts(pin!(rx.recv()), || assert_eq!(tx.send(4), Ok(1)));
    assert_eq!(received, Ok(4));
    let (tx, mut rx) = channel::watch(0);
    last_waker_counts(pin!(rx.changed()), || tx.send(5).unwrap()).unwrap();
}

#[test]
fn everybody_who_waits_is_told_when_the_other_side_goes() {
    let (wakes, waker) = Wakes::new();
    let (tx, rx) = channel::mpmc(1);
    tx.try_send(0).unwrap();
    {
        let other = tx.clone();
        let (mut first, mut second) = (pin!(tx.send(1)), pin!(other.reserve()));
        assert!(poll(first.as_mut(), &waker).is_pending());
        assert!(poll(second.as_mut(), &waker).is_pending());
        drop(rx);
        assert_eq!(wakes.count(), 2);
        assert!(matches!(poll(second, &waker), Poll::Ready(Err(_))));
        match poll(first, &waker) {
            Poll::Ready(Err(back)) => assert_eq!(back.0, 1),
            _ => panic!("nobody receives"),
        }
    }
    let (tx, rx) = channel::rendezvous();
    {
        let (mut first, mut second) = (pin!(tx.send(1)), pin!(tx.send(2)));
        assert!(poll(first.as_mut(), &waker).is_pending());
        assert!(poll(second.as_mut(), &waker).is_pending());
        drop(rx);
        for (wait, value) in [(first, 1), (second, 2)] {
            match poll(wait, &waker) {
                Poll::Ready(Err(back)) => assert_eq!(back.0, value),
                _ => panic!("nobody receives"),
            }
        }
    }
    let (tx, mut rx) = channel::broadcast::<u8>(1);
    let mut other = tx.subscribe();
    {
        let (mut first, mut second) = (pin!(rx.recv()), pin!(other.recv()));
        assert!(poll(first.as_mut(), &waker).is_pending());
        assert!(poll(second.as_mut(), &waker).is_pending());
        let before = wakes.count();
        drop(tx);
        assert_eq!(wakes.count(), before + 2);
        let closed = Poll::Ready(Err(broadcast::RecvError::Closed));
        assert_eq!(poll(first, &waker), closed);
        assert_eq!(poll(second, &waker), closed);
    }
    let (tx, mut rx) = channel::watch(0);
    let mut other = rx.clone();
    {
        let (mut first, mut second) = (pin!(rx.changed()), pin!(other.changed()));
        assert!(poll(first.as_mut(), &waker).is_pending());
        assert!(poll(second.as_mut(), &waker).is_pending());
        drop(tx);
        assert_eq!(poll(first, &waker), Poll::Ready(Err(RecvError::Closed)));
        assert_eq!(poll(second, &waker), Poll::Ready(Err(RecvError::Closed)));
    }
}

#[test]
fn sends_after_closing_give_the_value_back() {
    let (tx, rx) = channel::unbounded();
    rx.close();
    assert_eq!(tx.try_send(1).unwrap_err().into_inner(), 1);
    assert_eq!(tx.send_blocking(2).unwrap_err().0, 2);
    let (tx, rx) = channel::rendezvous();
    rx.close();
    assert_eq!(tx.try_send(1).unwrap_err().into_inner(), 1);
    assert_eq!(tx.send_blocking(2).unwrap_err().0, 2);
    assert_eq!(block_on(tx.send(3)).unwrap_err().0, 3);
    let (tx, mut rx) = channel::oneshot();
    rx.close();
    assert_eq!(tx.send(1).unwrap_err().0, 1);
    let (tx, mut rx) = channel::broadcast(1);
    tx.send(0).unwrap();
    assert!(tx.close());
    assert_eq!(tx.send(1).unwrap_err().0, 1);
    assert_eq!(rx.recv_blocking(), Ok(0));
    assert_eq!(rx.recv_blocking(), Err(broadcast::RecvError::Closed));
    let (tx, rx) = channel::broadcast(1);
    drop(rx);
    assert_eq!(tx.send(2).unwrap_err().0, 2);
    let (tx, rx) = channel::watch(0);
    drop(rx);
    assert_eq!(tx.send(1).unwrap_err().0, 1);
}

/// Panics when number 1 is dropped.
struct Bomb(Counted);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0.1 == 1 {
            panic!("boom");
        }
    }
}

#[test]
fn panicking_destructors_lose_nobody_elses_outside_the_rings() {
    let (drops, value) = counted();
    let (tx, rx) = channel::unbounded();
    for i in 0..4 {
        assert!(tx.try_send(Bomb(value(i))).is_ok());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!(drops.load(Ordering::SeqCst), 4);
    assert!(tx.is_closed());

    let (tx, rx) = channel::rendezvous();
    let mut send = Box::pin(tx.send(Bomb(value(1))));
    let mut next = Box::pin(tx.send(Bomb(value(2))));
    assert!(peek(send.as_mut()).is_pending());
    assert!(peek(next.as_mut()).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(send))).is_err());
    // The counter is free again.
    assert!(peek(next.as_mut()).is_pending());
    assert_eq!(rx.try_recv().ok().map(|bomb| bomb.0.1), Some(2));

    let (tx, rx) = channel::oneshot();
    assert!(tx.send(Bomb(value(1))).is_ok());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!(drops.load(Ordering::SeqCst), 7);
}
