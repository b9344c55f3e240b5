//! Loom models: every interleaving of a few operations, for each ring and for sleeping, waking, closing.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};

use loom::{future::block_on, thread};

use crate::prim::model::check_within;

use super::{
    RecvError, TrySendError, broadcast, modes::starting_at, mpmc, mpsc, spmc, spsc, watch,
};

/// Two switches; for three threads that wait for each other, one must do.
fn model(f: impl Fn() + Send + Sync + 'static) {
    check_within(2, f);
}

/// Polls once, and leaves the wait as it is.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
    future
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}

#[test]
fn spsc_passes_values_through_one_place() {
    model(|| {
        let (mut tx, mut rx) = starting_at::spsc(1, usize::MAX);
        let sender = thread::spawn(move || {
            block_on(tx.send(1)).unwrap();
            block_on(tx.send(2)).unwrap();
        });
        assert_eq!(block_on(rx.recv()), Ok(1));
        assert_eq!(block_on(rx.recv()), Ok(2));
        assert_eq!(block_on(rx.recv()), Err(RecvError::Closed));
        sender.join().unwrap();
    });
}

#[test]
fn spsc_try_without_waiting() {
    model(|| {
        let (mut tx, mut rx) = spsc(2);
        let sender = thread::spawn(move || {
            tx.try_send(1).unwrap();
            tx.try_send(2).unwrap();
            let _ = tx.try_send(3);
        });
        let mut last = 0;
        for _ in 0..3 {
            if let Ok(value) = rx.try_recv() {
                assert_eq!(value, last + 1);
                last = value;
            }
        }
        sender.join().unwrap();
    });
}

/// The flag goes up, down (after one calm message under loom) and up again.
#[test]
fn spsc_changes_between_fenced_and_free() {
    model(|| {
        let (mut tx, mut rx) = spsc(3);
        assert!(!poll_once(pin!(rx.recv())));
        let sender = thread::spawn(move || {
            for i in 0..3 {
                tx.try_send(i).unwrap();
            }
        });
        for i in 0..3 {
            assert_eq!(block_on(rx.recv()), Ok(i));
        }
        sender.join().unwrap();
    });
}

/// What a sender was told is sent is received, though the receiver closes meanwhile.
#[test]
fn spsc_closed_by_the_receiver() {
    model(|| {
        let (mut tx, mut rx) = spsc(2);
        let sender = thread::spawn(move || tx.try_send(1).is_ok());
        rx.close();
        let received = block_on(rx.recv()).is_ok();
        if received {
            assert_eq!(block_on(rx.recv()), Err(RecvError::Closed));
        }
        assert_eq!(sender.join().unwrap(), received);
    });
}

#[test]
fn spmc_closed_by_a_receiver() {
    model(|| {
        let (mut tx, rx) = spmc(2);
        let sender = thread::spawn(move || tx.try_send(1).is_ok());
        rx.close();
        let received = block_on(rx.recv()).is_ok();
        assert_eq!(sender.join().unwrap(), received);
    });
}

#[test]
fn mpsc_closed_by_the_receiver() {
    model(|| {
        let (tx, mut rx) = mpsc(2);
        let sender = thread::spawn(move || tx.try_send(1).is_ok());
        rx.close();
        let received = block_on(rx.recv()).is_ok();
        assert_eq!(sender.join().unwrap(), received);
    });
}

#[test]
fn mpsc_two_senders_one_place() {
    check_within(1, || {
        let (tx, mut rx) = mpsc(1);
        let other = tx.clone();
        let first = thread::spawn(move || block_on(tx.send(1)).unwrap());
        let second = thread::spawn(move || block_on(other.send(2)).unwrap());
        let sum = block_on(rx.recv()).unwrap() + block_on(rx.recv()).unwrap();
        assert_eq!(sum, 3);
        assert_eq!(block_on(rx.recv()), Err(RecvError::Closed));
        first.join().unwrap();
        second.join().unwrap();
    });
}

/// The receiver may see the second place written and the first only claimed.
#[test]
fn mpsc_receiver_meets_a_place_that_is_claimed() {
    model(|| {
        let (tx, mut rx) = mpsc(2);
        let other = tx.clone();
        let first = thread::spawn(move || tx.try_send(1).unwrap());
        other.try_send(2).unwrap();
        // Sent, so it is not empty; the other one may still be writing in front.
        let received = block_on(rx.recv()).unwrap();
        assert!(received == 1 || received == 2);
        first.join().unwrap();
    });
}

#[test]
fn spmc_two_receivers() {
    check_within(1, || {
        let (mut tx, rx) = spmc(1);
        let other = rx.clone();
        let first = thread::spawn(move || block_on(rx.recv()).unwrap());
        let second = thread::spawn(move || block_on(other.recv()).unwrap());
        block_on(tx.send(1)).unwrap();
        block_on(tx.send(2)).unwrap();
        assert_eq!(first.join().unwrap() + second.join().unwrap(), 3);
    });
}

#[test]
fn mpmc_one_place() {
    check_within(1, || {
        let (tx, rx) = mpmc(1);
        let other = tx.clone();
        let first = thread::spawn(move || block_on(tx.send(1)).unwrap());
        let second = thread::spawn(move || block_on(other.send(2)).unwrap());
        let sum = block_on(rx.recv()).unwrap() + block_on(rx.recv()).unwrap();
        assert_eq!(sum, 3);
        first.join().unwrap();
        second.join().unwrap();
    });
}

/// Two wait, one is woken and dropped: the other one gets the wake.
#[test]
fn a_dropped_waiter_passes_its_wake_on() {
    model(|| {
        let (tx, rx) = mpmc(1);
        let other = rx.clone();
        let mut waiting = Box::pin(async move { rx.recv().await });
        assert!(!poll_once(waiting.as_mut()));
        let receiver = thread::spawn(move || block_on(other.recv()).unwrap());
        let dropper = thread::spawn(move || drop(waiting));
        tx.try_send(1).unwrap();
        assert_eq!(receiver.join().unwrap(), 1);
        dropper.join().unwrap();
    });
}

#[test]
fn a_permit_given_back_wakes_a_sender() {
    model(|| {
        let (tx, mut rx) = mpsc(1);
        let other = tx.clone();
        let sender = thread::spawn(move || block_on(other.send(1)).unwrap());
        if let Ok(permit) = tx.try_reserve() {
            assert!(matches!(tx.try_send(0), Err(TrySendError::Full(0))));
            drop(permit);
        }
        sender.join().unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
    });
}

#[test]
fn a_sender_waiting_for_room_sees_the_receiver_go() {
    model(|| {
        let (mut tx, rx) = spsc(1);
        tx.try_send(0).unwrap();
        // It ends: in time for the receiver to drop the value, or refused.
        let sender = thread::spawn(move || {
            let _ = block_on(tx.send(1));
        });
        drop(rx);
        sender.join().unwrap();
    });
}

/// With room for one: each value comes, or is reported as missed.
#[test]
fn broadcast_counts_what_was_missed() {
    model(|| {
        let (tx, mut rx) = broadcast(1);
        let sender = thread::spawn(move || {
            tx.send(1).unwrap();
            tx.send(2).unwrap();
        });
        let mut seen = 0;
        loop {
            match block_on(rx.recv()) {
                Ok(value) => {
                    seen += 1;
                    assert_eq!(value, seen);
                }
                Err(broadcast::RecvError::Lagged(missed)) => seen += missed,
                Err(broadcast::RecvError::Closed) => break,
            }
        }
        assert_eq!(seen, 2);
        sender.join().unwrap();
    });
}

#[test]
fn broadcast_reaches_everybody() {
    check_within(1, || {
        let (tx, mut rx) = broadcast(2);
        let mut other = rx.clone();
        let first = thread::spawn(move || {
            assert_eq!(block_on(rx.recv()), Ok(1));
            assert_eq!(block_on(rx.recv()), Err(broadcast::RecvError::Closed));
        });
        let second = thread::spawn(move || assert_eq!(block_on(other.recv()), Ok(1)));
        tx.send(1).unwrap();
        drop(tx);
        first.join().unwrap();
        second.join().unwrap();
    });
}

/// What was sent is received, what was refused is not, and "closed" is final.
#[test]
fn broadcast_closed_while_sending() {
    model(|| {
        let (tx, mut rx) = broadcast(1);
        let other = tx.clone();
        let sender = thread::spawn(move || other.send(1).is_ok());
        tx.close();
        let received = block_on(rx.recv()).is_ok();
        if received {
            assert_eq!(block_on(rx.recv()), Err(broadcast::RecvError::Closed));
        }
        let sent = sender.join().unwrap();
        assert_eq!(rx.try_recv(), Err(broadcast::TryRecvError::Closed));
        assert_eq!(sent, received);
    });
}

/// A value is owed to those who were there when it was sent, and goes with the last of them.
#[test]
fn broadcast_receivers_come_and_go_while_sending() {
    check_within(1, || {
        let (tx, rx) = broadcast(2);
        let other = rx.clone();
        let leaving = thread::spawn(move || drop(rx));
        let cloning = thread::spawn(move || {
            let mut clone = other.clone();
            drop(other);
            assert_eq!(block_on(clone.recv()), Ok(1));
            clone
        });
        tx.send(1).unwrap();
        leaving.join().unwrap();
        let clone = cloning.join().unwrap();
        assert!(tx.is_empty());
        assert_eq!(tx.receiver_count(), 1);
        drop(clone);
    });
}

/// Changes may be missed, the last one never is.
#[test]
fn watch_shows_the_last_change() {
    model(|| {
        let (tx, mut rx) = watch(0);
        let sender = thread::spawn(move || {
            tx.send(1).unwrap();
            tx.send(2).unwrap();
        });
        let mut last = 0;
        while block_on(rx.changed()).is_ok() {
            let value = *rx.borrow_and_update();
            assert!(value >= last);
            last = value;
        }
        assert_eq!(last, 2);
        sender.join().unwrap();
    });
}

#[test]
fn watch_wakes_everybody() {
    check_within(1, || {
        let (tx, mut rx) = watch(0);
        let mut other = rx.clone();
        let first = thread::spawn(move || *block_on(rx.wait_for(|value| *value == 1)).unwrap());
        let second = thread::spawn(move || block_on(other.changed()).unwrap());
        tx.send(1).unwrap();
        assert_eq!(first.join().unwrap(), 1);
        second.join().unwrap();
    });
}

/// A wait that is dropped takes no wake from the others.
#[test]
fn watch_wakes_beside_a_wait_that_is_dropped() {
    check_within(1, || {
        let (tx, mut rx) = watch(0);
        let mut other = rx.clone();
        let mut waiting = Box::pin(async move { other.changed().await });
        assert!(!poll_once(waiting.as_mut()));
        let dropper = thread::spawn(move || drop(waiting));
        let waits = thread::spawn(move || block_on(rx.changed()));
        drop(tx);
        assert_eq!(waits.join().unwrap(), Err(RecvError::Closed));
        dropper.join().unwrap();
    });
}

/// A batch is promised its places, then takes them: between the two another sender comes, and the receiver closes.
#[test]
fn mpsc_batch_beside_a_sender_while_closing() {
    check_within(1, || {
        let (tx, mut rx) = mpsc(3);
        let other = tx.clone();
        let batch = thread::spawn(move || match block_on(tx.send_many([1, 2])) {
            Ok(()) => 2,
            Err(refused) => refused.0 - 1,
        });
        let single = thread::spawn(move || usize::from(other.try_send(7).is_ok()));
        rx.close();
        let mut received = 0;
        while block_on(rx.recv()).is_ok() {
            received += 1;
        }
        assert_eq!(batch.join().unwrap() + single.join().unwrap(), received);
    });
}

/// Values keep their order through a ring that a batch fills.
#[test]
fn mpmc_batches_through_two_places() {
    check_within(1, || {
        let (tx, rx) = mpmc(2);
        let sender = thread::spawn(move || block_on(tx.send_many(0..3)).unwrap());
        let mut all = Vec::new();
        while block_on(rx.recv_many(&mut all, 2)) > 0 {}
        assert_eq!(all, [0, 1, 2]);
        sender.join().unwrap();
    });
}

/// Two claim several places at once, while the sender adds one.
#[test]
fn spmc_two_receivers_take_batches() {
    check_within(2, || {
        let (mut tx, rx) = spmc(3);
        let other = rx.clone();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        let receiver = thread::spawn(move || {
            let mut some = Vec::new();
            let _ = poll_once(pin!(other.recv_many(&mut some, 2)));
            some
        });
        let mut all = Vec::new();
        let _ = poll_once(pin!(rx.recv_many(&mut all, 2)));
        tx.try_send(3).unwrap();
        drop(tx);
        all.extend(receiver.join().unwrap());
        while block_on(rx.recv_many(&mut all, 2)) > 0 {}
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
    });
}

/// Places kept for values that do not come are given back, and who waits for them is woken.
#[test]
fn mpsc_a_batch_that_ends_early_wakes_a_sender() {
    /// Says two, and yields one.
    struct Short(Option<i32>);
    impl Iterator for Short {
        type Item = i32;
        fn next(&mut self) -> Option<i32> {
            self.0.take()
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (2, None)
        }
    }

    model(|| {
        let (tx, mut rx) = mpsc(2);
        let other = tx.clone();
        let sender = thread::spawn(move || block_on(other.send(2)).unwrap());
        block_on(tx.send_many(Short(Some(1)))).unwrap();
        sender.join().unwrap();
        drop(tx);
        assert_eq!(rx.try_recv().unwrap() + rx.try_recv().unwrap(), 3);
        assert!(rx.try_recv().is_err());
    });
}
