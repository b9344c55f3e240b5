//! Random interleavings of sending, receiving, closing and dropping, against a model.

use super::support::Disk;
use nimsync::prelude::*;
use nimsync::stream::{Receiver, SendError, Sender, Sending, Sent, Spill};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

#[derive(Clone, Copy, Debug)]
enum Policy {
    Block,
    DropNewest,
    DropOldest,
    Latest,
    Fail,
    Memory(usize),
    File { short: usize, limit: u64 },
}

#[derive(Clone, Copy, Debug)]
enum Action {
    TrySend,
    /// Begins to send, and leaves the future waiting if it has to.
    Send,
    /// Polls the future that has waited longest.
    PollSend,
    /// Drops the future that has waited longest.
    GiveUp,
    Receive,
    ReceiveMany(usize),
    Fail,
    Close,
    DropReceiver,
    DiskFull(bool),
}

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        Just(Policy::Block),
        Just(Policy::DropNewest),
        Just(Policy::DropOldest),
        Just(Policy::Latest),
        Just(Policy::Fail),
        (0_usize..8).prop_map(Policy::Memory),
        (1_usize..2_000, 1_000_u64..150_000)
            .prop_map(|(short, limit)| Policy::File { short, limit }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        30 => Just(Action::TrySend),
        10 => Just(Action::Send),
        10 => Just(Action::PollSend),
        4 => Just(Action::GiveUp),
        24 => Just(Action::Receive),
        6 => (1_usize..20).prop_map(Action::ReceiveMany),
        3 => any::<bool>().prop_map(Action::DiskFull),
    ]
}

fn last() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Fail),
        Just(Action::Close),
        Just(Action::DropReceiver),
    ]
}

type Item = Result<Vec<u8>, u32>;

/// Items of different sizes, that tell their number.
fn item(number: u32) -> Item {
    let mut bytes = vec![7; number as usize * 37 % 900 + 4];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    Ok(bytes)
}

fn number(item: &Item) -> u32 {
    match item {
        Ok(bytes) => u32::from_le_bytes(bytes[..4].try_into().unwrap()),
        Err(number) => *number,
    }
}

struct Run {
    next: u32,
    refused: u64,
    dropped: Vec<u32>,
    /// What has to come, in this order.
    expected: VecDeque<u32>,
    delivered: u64,
    produced: u64,
}

impl Run {
    fn sent(&mut self, this: u32, result: Result<Sent<Item>, SendError<Item>>) {
        match result {
            Err(error) => {
                assert_eq!(number(&error.into_inner()), this);
                self.refused += 1;
                return;
            }
            Ok(Sent::Queued | Sent::Spilled) => self.expected.push_back(this),
            Ok(Sent::Dropped(item)) => {
                assert_eq!(number(&item), this);
                self.dropped.push(this);
            }
            Ok(Sent::Replaced(item)) => {
                let oldest = self.expected.pop_front();
                assert_eq!(Some(number(&item)), oldest, "the oldest is dropped");
                self.expected.push_back(this);
                self.dropped.push(number(&item));
            }
        }
        self.produced += 1;
    }

    fn received(&mut self, item: &Item) {
        assert_eq!(
            Some(number(item)),
            self.expected.pop_front(),
            "order is kept"
        );
        self.delivered += 1;
    }
}

fn run(policy: Policy, capacity: usize, actions: &[Action]) {
    let disk = match policy {
        Policy::File { short, .. } => Disk::short(short),
        _ => Disk::default(),
    };
    let (made, bound) = match policy {
        Policy::Block => (Backpressure::Block, capacity),
        Policy::DropNewest => (Backpressure::DropNewest, capacity),
        Policy::DropOldest => (Backpressure::DropOldest, capacity),
        Policy::Latest => (Backpressure::Latest, 1),
        Policy::Fail => (Backpressure::Fail, capacity),
        Policy::Memory(limit) => (Backpressure::Spill(Spill::memory(limit)), capacity + limit),
        Policy::File { limit, .. } => {
            let spill = Spill::file(disk.clone(), limit);
            (Backpressure::Spill(spill), capacity + limit as usize / 5)
        }
    };
    let (tx, rx): (Sender<Item>, Receiver<Item>) = stream::with(made).capacity(capacity).build();
    let mut rx = Some(rx);
    let mut waiting: VecDeque<(u32, Pin<Box<Sending<'_, Item>>>)> = VecDeque::new();
    let mut cx = Context::from_waker(Waker::noop());
    let mut run = Run {
        next: 0,
        refused: 0,
        dropped: Vec::new(),
        expected: VecDeque::new(),
        delivered: 0,
        produced: 0,
    };
    for &action in actions {
        match action {
            Action::TrySend => {
                let this = run.next;
                run.next += 1;
                run.sent(this, tx.try_send(item(this)));
            }
            Action::Send => {
                let this = run.next;
                run.next += 1;
                let mut sending = Box::pin(tx.send(item(this)));
                match sending.as_mut().poll(&mut cx) {
                    Poll::Ready(result) => run.sent(this, result),
                    Poll::Pending => waiting.push_back((this, sending)),
                }
            }
            Action::PollSend => {
                if let Some((this, mut sending)) = waiting.pop_front() {
                    match sending.as_mut().poll(&mut cx) {
                        Poll::Ready(result) => run.sent(this, result),
                        Poll::Pending => waiting.push_front((this, sending)),
                    }
                }
            }
            Action::GiveUp => drop(waiting.pop_front()),
            Action::Receive => {
                if let Some(rx) = &mut rx {
                    match rx.try_recv() {
                        Ok(item) => run.received(&item),
                        Err(_) => assert!(run.expected.is_empty(), "nothing is lost"),
                    }
                }
            }
            Action::ReceiveMany(limit) => {
                if let Some(rx) = &mut rx {
                    let mut items = Vec::new();
                    let mut receiving = Box::pin(rx.recv_many(&mut items, limit));
                    let ready = receiving.as_mut().poll(&mut cx).is_ready();
                    drop(receiving);
                    assert!(items.len() <= limit);
                    assert!(ready || run.expected.is_empty(), "nothing is lost");
                    items.iter().for_each(|item| run.received(item));
                }
            }
            Action::Fail => {
                let this = run.next;
                run.next += 1;
                if tx.fail(this).is_ok() {
                    run.expected.push_back(this);
                    run.produced += 1;
                }
            }
            Action::Close => drop(tx.close()),
            Action::DropReceiver => drop(rx.take()),
            Action::DiskFull(full) => disk.set_full(full),
        }
        let stats = tx.stats();
        assert_eq!(stats.produced, run.produced, "{stats:?}");
        assert_eq!(stats.delivered, run.delivered, "{stats:?}");
        assert_eq!(stats.dropped, run.dropped.len() as u64, "{stats:?}");
        assert_eq!(stats.refused, run.refused, "{stats:?}");
        assert_eq!(
            stats.produced,
            stats.delivered + stats.dropped + stats.discarded + stats.buffered as u64,
            "{stats:?}"
        );
        assert!(stats.high_water <= bound, "{stats:?}");
        if let Policy::File { limit, .. } = policy {
            assert!(disk.len() as u64 <= limit);
        }
        if rx.is_some() {
            assert_eq!(stats.buffered, run.expected.len(), "{stats:?}");
        } else {
            assert_eq!(stats.buffered, 0);
            assert_eq!(stats.discarded, run.expected.len() as u64);
        }
    }
    // What is left comes, in order, and then the end.
    drop(waiting);
    drop(tx);
    if let Some(mut rx) = rx {
        while let Ok(item) = rx.try_recv() {
            run.received(&item);
        }
        assert!(run.expected.is_empty(), "nothing is lost");
        assert_eq!(rx.stats().buffered, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_item_is_accounted_for(
        policy in policy(),
        capacity in 1_usize..6,
        actions in prop::collection::vec(action(), 0..200),
        last in prop::option::of(last()),
        after in prop::collection::vec(action(), 0..20),
    ) {
        let actions: Vec<_> = actions.into_iter().chain(last).chain(after).collect();
        run(policy, capacity, &actions);
    }
}
