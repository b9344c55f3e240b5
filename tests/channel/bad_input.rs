//! Wrong use, and what it says.

use std::{panic::catch_unwind, pin::pin, task::Poll};

use nimsync::channel::{self, RecvError};

use crate::channel::support::*;

fn message(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(f).expect_err("it should panic");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast::<&str>().unwrap().to_string(),
    }
}

#[test]
fn capacity_zero_names_rendezvous() {
    for text in [
        message(|| drop(channel::spsc::<u8>(0))),
        message(|| drop(channel::mpsc::<u8>(0))),
        message(|| drop(channel::spmc::<u8>(0))),
        message(|| drop(channel::mpmc::<u8>(0))),
    ] {
        assert!(text.contains("channel::rendezvous()"), "{text}");
    }
}

#[test]
fn capacity_beyond_memory_says_so() {
    for text in [
        message(|| drop(channel::spsc::<u64>(usize::MAX))),
        message(|| drop(channel::mpsc::<u64>(usize::MAX / 2))),
        message(|| drop(channel::spmc::<[u64; 1024]>(1 << 40))),
        message(|| drop(channel::mpmc::<u64>((1 << 63) + 1))),
    ] {
        assert!(text.contains("does not fit into memory"), "{text}");
    }
}

#[test]
fn errors_say_what_happened_without_debug() {
    struct Opaque;
    let (tx, rx) = channel::mpmc(1);
    tx.try_send(Opaque).unwrap();
    let full = tx.try_send(Opaque).unwrap_err();
    assert_eq!(
        (full.to_string(), format!("{full:?}")),
        ("the channel is full".into(), "Full(..)".into())
    );
    drop(rx);
    let closed = tx.send_blocking(Opaque).unwrap_err();
    let boxed: Box<dyn std::error::Error + Send + Sync> = closed.into();
    assert_eq!(boxed.to_string(), "the channel is closed");
}

#[test]
fn all_handles_dropped_while_others_wait() {
    let (tx, rx) = channel::mpmc::<u8>(1);
    let other = rx.clone();
    let (wakes, waker) = Wakes::new();
    let (mut first, mut second) = (pin!(rx.recv()), pin!(other.recv()));
    assert!(poll(first.as_mut(), &waker).is_pending());
    assert!(poll(second.as_mut(), &waker).is_pending());
    drop(tx);
    assert_eq!(wakes.count(), 2);
    assert_eq!(
        poll(second.as_mut(), &waker),
        Poll::Ready(Err(RecvError::Closed))
    );
    assert_eq!(
        poll(first.as_mut(), &waker),
        Poll::Ready(Err(RecvError::Closed))
    );
}
