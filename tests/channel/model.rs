//! Random programs against a queue of the standard library.

use std::collections::VecDeque;

use nimsync::channel::{self, TryRecvError, TrySendError};
use proptest::prelude::*;

use crate::channel::support::peek;

#[derive(Clone, Debug)]
enum Step {
    TrySend,
    TryRecv,
    SendOnce,
    RecvOnce,
    SendMany(u8),
    RecvMany(u8),
    Reserve(bool),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::TrySend),
        6 => Just(Step::TryRecv),
        3 => Just(Step::SendOnce),
        3 => Just(Step::RecvOnce),
        2 => (0..6_u8).prop_map(Step::SendMany),
        2 => (1..6_u8).prop_map(Step::RecvMany),
        2 => any::<bool>().prop_map(Step::Reserve),
        1 => Just(Step::Close),
    ]
}

macro_rules! against_a_queue {
    ($mode:ident) => {
        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

            #[test]
            #[allow(unused_mut)]
            fn $mode(capacity in 1..6_usize, start in prop_oneof![Just(0), Just(usize::MAX - 3)], steps in prop::collection::vec(step(), 0..60)) {
                let (mut tx, mut rx) = channel::starting_at::$mode::<u32>(capacity, start);
                let mut model = VecDeque::new();
                let (mut closed, mut next) = (false, 0);
                for step in steps {
                    match step {
                        Step::TrySend => {
                            let sent = tx.try_send(next);
                            match (closed, model.len() < capacity) {
                                (true, _) => prop_assert!(matches!(sent, Err(TrySendError::Closed(_)))),
                                (_, true) => { prop_assert!(sent.is_ok()); model.push_back(next) }
                                _ => prop_assert!(matches!(sent, Err(TrySendError::Full(_)))),
                            }
                        }
                        Step::TryRecv => {
                            let received = rx.try_recv();
                            match model.pop_front() {
                                Some(value) => prop_assert_eq!(received, Ok(value)),
                                None if closed => prop_assert_eq!(received, Err(TryRecvError::Closed)),
                                None => prop_assert_eq!(received, Err(TryRecvError::Empty)),
                            }
                        }
                        Step::SendOnce => {
                            // One poll, then cancelled.
                            let sent = matches!(peek(std::pin::pin!(tx.send(next))), std::task::Poll::Ready(Ok(())));
                            prop_assert_eq!(sent, !closed && model.len() < capacity);
                            if sent { model.push_back(next) }
                        }
                        Step::RecvOnce => {
                            let received = match peek(std::pin::pin!(rx.recv())) {
                                std::task::Poll::Ready(received) => received.ok(),
                                std::task::Poll::Pending => { prop_assert!(!closed); None }
                            };
                            prop_assert_eq!(received, model.pop_front());
                        }
                        Step::SendMany(count) => {
                            let mut values = next..next + count as u32;
                            let done = peek(std::pin::pin!(tx.send_many(values.by_ref())));
                            let sent = if closed { 0 } else { (count as usize).min(capacity - model.len()) };
                            prop_assert_eq!(matches!(done, std::task::Poll::Ready(Ok(()))), sent == count as usize);
                            model.extend(next..next + sent as u32);
                            next += count as u32;
                        }
                        Step::RecvMany(limit) => {
                            let mut buffer = Vec::new();
                            let done = peek(std::pin::pin!(rx.recv_many(&mut buffer, limit as usize)));
                            let count = model.len().min(limit as usize);
                            prop_assert_eq!(done.is_ready(), count > 0 || closed);
                            prop_assert_eq!(buffer, model.drain(..count).collect::<Vec<_>>());
                        }
                        Step::Reserve(send) => {
                            let permit = tx.try_reserve();
                            prop_assert_eq!(permit.is_ok(), !closed && model.len() < capacity);
                            if let Ok(permit) = permit {
                                if send { permit.send(next); model.push_back(next) } else { drop(permit) }
                            }
                        }
                        Step::Close => {
                            prop_assert_eq!(rx.close(), !closed);
                            closed = true;
                        }
                    }
                    next += 1;
                    prop_assert_eq!(tx.len(), model.len());
                    prop_assert_eq!(rx.is_empty(), model.is_empty());
                    prop_assert_eq!(tx.is_full(), model.len() == capacity);
                }
            }
        }
    };
}

against_a_queue!(spsc);
against_a_queue!(mpsc);
against_a_queue!(spmc);
against_a_queue!(mpmc);
