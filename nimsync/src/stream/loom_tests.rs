//! Models of the buffer: sleeping, waking, closing.

use super::buffer::{Attempt, Buffer, Patience, Refill};
use super::policy::Backpressure;
use crate::prim::model::check_within;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

/// Two switches: three threads that wait for each other do not come to an end with more.
fn model(f: impl Fn() + Send + Sync + 'static) {
    check_within(2, f);
}

type Pipe = Arc<Buffer<u32>>;

fn pipe(policy: Backpressure<u32>, capacity: usize) -> Pipe {
    Arc::new(Buffer::new(policy, capacity, None))
}

/// As `Sender::send`; true if it was sent.
fn send(pipe: &Pipe, item: u32) -> bool {
    let mut held = Some(item);
    let mut ticket = None;
    loom::future::block_on(poll_fn(move |cx| {
        let item = held.take().unwrap();
        match pipe.push(item, Patience::Wait(&mut ticket, cx.waker())) {
            Attempt::Done(result) => Poll::Ready(result.is_ok()),
            Attempt::Wait(item) => {
                held = Some(item);
                Poll::Pending
            }
        }
    }))
}

/// As `Receiver::next`.
fn next(pipe: &Pipe, ready: &mut VecDeque<u32>) -> Option<u32> {
    loom::future::block_on(poll_fn(|cx| {
        if ready.is_empty() {
            match pipe.refill(ready, Some(cx.waker())) {
                Refill::One(item) => return Poll::Ready(Some(item)),
                Refill::Many => {}
                Refill::Empty => return Poll::Pending,
                Refill::Ended(_) => return Poll::Ready(None),
            }
        }
        let item = ready.pop_front();
        pipe.handed_out(1);
        Poll::Ready(item)
    }))
}

#[test]
fn loom_a_sender_that_waits_for_room_is_woken() {
    model(|| {
        let pipe = pipe(Backpressure::Block, 1);
        let sender = {
            let pipe = pipe.clone();
            loom::thread::spawn(move || {
                assert!(send(&pipe, 1));
                assert!(send(&pipe, 2));
                let _ = pipe.close(None);
            })
        };
        let mut ready = VecDeque::new();
        assert_eq!(next(&pipe, &mut ready), Some(1));
        assert_eq!(next(&pipe, &mut ready), Some(2));
        assert_eq!(next(&pipe, &mut ready), None);
        sender.join().unwrap();
    });
}

#[test]
fn loom_two_senders_and_one_place() {
    model(|| {
        let pipe = pipe(Backpressure::Block, 1);
        let senders: Vec<_> = (1..3)
            .map(|item| {
                let pipe = pipe.clone();
                loom::thread::spawn(move || assert!(send(&pipe, item)))
            })
            .collect();
        let mut ready = VecDeque::new();
        let sum = next(&pipe, &mut ready).unwrap() + next(&pipe, &mut ready).unwrap();
        assert_eq!(sum, 3);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn loom_a_receiver_that_goes_ends_the_wait_of_a_sender() {
    model(|| {
        let pipe = pipe(Backpressure::Block, 1);
        let sender = {
            let pipe = pipe.clone();
            loom::thread::spawn(move || u64::from(send(&pipe, 1)) + u64::from(send(&pipe, 2)))
        };
        let mut ready = VecDeque::new();
        let taken = match pipe.refill(&mut ready, None) {
            Refill::Many => {
                pipe.handed_out(1);
                ready.pop_front();
                1
            }
            _ => 0,
        };
        pipe.drop_receiver(&mut ready);
        let sent = sender.join().unwrap();
        let stats = pipe.stats();
        assert_eq!((stats.produced, stats.delivered), (sent, taken));
        assert_eq!(stats.discarded, sent - taken);
    });
}

#[test]
fn loom_the_oldest_goes_once() {
    model(|| {
        let pipe = pipe(Backpressure::DropOldest, 1);
        let sender = {
            let pipe = pipe.clone();
            loom::thread::spawn(move || {
                assert!(send(&pipe, 1));
                assert!(send(&pipe, 2));
                let _ = pipe.close(None);
            })
        };
        let mut ready = VecDeque::new();
        let mut last = 0;
        let mut count = 0;
        while let Some(item) = next(&pipe, &mut ready) {
            assert!(item > last);
            last = item;
            count += 1;
        }
        sender.join().unwrap();
        assert_eq!((last, pipe.stats().dropped), (2, 2 - count));
    });
}
