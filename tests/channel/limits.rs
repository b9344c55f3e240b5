//! Time limits of the channels that are not rings. (Those of the rings are in `conformance`.)

use std::time::Duration;

use futures::executor::block_on;
use nimsync::channel::{
    self, RecvError, RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError, broadcast,
};

use crate::channel::support::*;

const LIMIT: Duration = Duration::from_millis(1);

#[test]
fn rendezvous_gives_the_value_back() {
    let (tx, rx) = channel::rendezvous::<u32>();
    for _ in 0..3 {
        assert!(matches!(
            tx.send_blocking_timeout(1, LIMIT),
            Err(SendTimeoutError::Timeout(1))
        ));
        assert!(matches!(
            block_on(tx.send_timeout(2, LIMIT)),
            Err(SendTimeoutError::Timeout(2))
        ));
        // Nothing stayed on the counter.
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(
            rx.recv_blocking_timeout(LIMIT),
            Err(RecvTimeoutError::Timeout)
        );
        assert_eq!(
            block_on(rx.recv_timeout(LIMIT)),
            Err(RecvTimeoutError::Timeout)
        );
        // Nobody is counted as waiting.
        assert!(matches!(tx.try_send(3), Err(TrySendError::Full(3))));
    }
    tx.close();
    assert!(matches!(
        tx.send_blocking_timeout(4, LIMIT),
        Err(SendTimeoutError::Closed(4))
    ));
    assert_eq!(
        rx.recv_blocking_timeout(LIMIT),
        Err(RecvTimeoutError::Closed)
    );
    assert_eq!(
        block_on(rx.recv_timeout(LIMIT)),
        Err(RecvTimeoutError::Closed)
    );
}

#[test]
fn rendezvous_meets_within_the_limit() {
    must_end("rendezvous with limits", || {
        let (tx, rx) = channel::rendezvous();
        let sender = std::thread::spawn(move || {
            for value in 0..1_000 {
                tx.send_blocking_timeout(value, Duration::MAX).unwrap();
            }
        });
        for value in 0..1_000 {
            assert_eq!(rx.recv_blocking_timeout(Duration::MAX), Ok(value));
        }
        assert_eq!(
            rx.recv_blocking_timeout(Duration::MAX),
            Err(RecvTimeoutError::Closed)
        );
        sender.join().unwrap();
    });
}

/// A send that says "in time" was received, one that says "too late" was not, however the two race.
#[test]
fn rendezvous_limits_that_race_lose_nothing() {
    must_end("rendezvous at the limit", || {
        let (tx, rx) = channel::rendezvous();
        let sender = std::thread::spawn(move || {
            let mut sent = Vec::new();
            for value in 0..2_000_u32 {
                let limit = Duration::from_micros(u64::from(value % 40));
                match tx.send_blocking_timeout(value, limit) {
                    Ok(()) => sent.push(value),
                    Err(SendTimeoutError::Timeout(back)) => assert_eq!(back, value),
                    Err(SendTimeoutError::Closed(_)) => panic!("closed"),
                }
            }
            sent
        });
        let mut received = Vec::new();
        loop {
            let limit = Duration::from_micros(received.len() as u64 % 40);
            match rx.recv_blocking_timeout(limit) {
                Ok(value) => received.push(value),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Closed) => break,
            }
        }
        assert_eq!(sender.join().unwrap(), received);
    });
}

#[test]
fn oneshot_can_still_be_received_after_a_limit() {
    let (tx, mut rx) = channel::oneshot();
    assert_eq!(
        rx.recv_blocking_timeout(LIMIT),
        Err(RecvTimeoutError::Timeout)
    );
    assert_eq!(
        block_on(rx.recv_timeout(LIMIT)),
        Err(RecvTimeoutError::Timeout)
    );
    let sender = std::thread::spawn(move || tx.send(7).unwrap());
    assert_eq!(rx.recv_blocking_timeout(Duration::MAX), Ok(7));
    sender.join().unwrap();
    assert_eq!(
        rx.recv_blocking_timeout(Duration::MAX),
        Err(RecvTimeoutError::Closed)
    );
    let (tx, mut rx) = channel::oneshot::<u8>();
    drop(tx);
    assert_eq!(
        block_on(rx.recv_timeout(LIMIT)),
        Err(RecvTimeoutError::Closed)
    );
}

#[test]
fn broadcast_says_timeout_lagged_or_closed() {
    let (tx, mut rx) = channel::broadcast(1);
    assert_eq!(
        rx.recv_blocking_timeout(LIMIT),
        Err(broadcast::RecvTimeoutError::Timeout)
    );
    assert_eq!(
        block_on(rx.recv_timeout(LIMIT)),
        Err(broadcast::RecvTimeoutError::Timeout)
    );
    tx.send(1).unwrap();
    tx.send(2).unwrap();
    assert_eq!(
        rx.recv_blocking_timeout(LIMIT),
        Err(broadcast::RecvTimeoutError::Lagged(1))
    );
    assert_eq!(rx.recv_blocking_timeout(LIMIT), Ok(2));
    let sender = std::thread::spawn(move || tx.send(3).unwrap());
    assert_eq!(rx.recv_blocking_timeout(Duration::MAX), Ok(3));
    sender.join().unwrap();
    assert_eq!(
        rx.recv_blocking_timeout(Duration::MAX),
        Err(broadcast::RecvTimeoutError::Closed)
    );
    assert_eq!(
        broadcast::RecvTimeoutError::Lagged(2).to_string(),
        "the receiver was too slow and missed 2 values"
    );
}

#[test]
fn watch_waits_for_a_change_on_a_thread() {
    let (tx, mut rx) = channel::watch(0);
    assert_eq!(
        rx.changed_blocking_timeout(LIMIT),
        Err(RecvTimeoutError::Timeout)
    );
    assert_eq!(
        block_on(rx.changed_timeout(LIMIT)),
        Err(RecvTimeoutError::Timeout)
    );
    tx.send(1).unwrap();
    assert_eq!(rx.changed_blocking_timeout(LIMIT), Ok(()));
    let sender = std::thread::spawn(move || {
        tx.send(2).unwrap();
        tx
    });
    assert_eq!(rx.changed_blocking(), Ok(()));
    assert_eq!(*rx.borrow(), 2);
    drop(sender.join().unwrap());
    assert_eq!(rx.changed_blocking(), Err(RecvError::Closed));
    assert_eq!(
        rx.changed_blocking_timeout(Duration::MAX),
        Err(RecvTimeoutError::Closed)
    );
}
