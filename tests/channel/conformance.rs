//! What holds in each mode.

macro_rules! conformance {
    ($mode:ident) => {
        mod $mode {
            #![allow(unused_mut)]

            use std::{
                panic::{AssertUnwindSafe, catch_unwind},
                pin::pin,
                sync::atomic::Ordering,
                task::Poll,
                time::Duration,
            };

            use futures::{FutureExt, SinkExt, StreamExt, executor::block_on, stream::FusedStream};
            use nimsync::channel::{
                self, RecvError, RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError,
            };

            use crate::channel::support::*;

            #[test]
            fn values_come_out_in_order() {
                for capacity in [1, 2, 3, 4, 7, 8, 100] {
                    let (mut tx, mut rx) = channel::$mode(capacity);
                    for lap in 0..5 {
                        for i in 0..capacity {
                            tx.try_send(lap * capacity + i).unwrap();
                        }
                        assert!(matches!(tx.try_send(0), Err(TrySendError::Full(0))));
                        for i in 0..capacity {
                            assert_eq!(rx.try_recv(), Ok(lap * capacity + i));
                        }
                        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
                    }
                }
            }

            #[test]
            fn capacity_is_exact_and_counts_are_right() {
                let (mut tx, mut rx) = channel::$mode(3);
                assert_eq!((tx.capacity(), rx.capacity()), (3, 3));
                assert!(tx.is_empty() && rx.is_empty() && !tx.is_full());
                for i in 0..3 {
                    tx.try_send(i).unwrap();
                    assert_eq!((tx.len(), rx.len()), (i + 1, i + 1));
                }
                assert!(tx.is_full() && rx.is_full() && !rx.is_empty());
                rx.try_recv().unwrap();
                assert!(!tx.is_full());
                assert_eq!((tx.sender_count(), rx.receiver_count()), (1, 1));
                assert!(tx.same_channel(&tx) && rx.same_channel(&rx));
                let (other, _rx) = channel::$mode::<usize>(3);
                assert!(!tx.same_channel(&other));
            }

            #[test]
            fn a_place_given_back_is_free_at_once() {
                let (mut tx, mut rx) = channel::$mode(5);
                for i in 0..5 {
                    tx.try_send(i).unwrap();
                }
                for i in 5..50 {
                    assert!(tx.try_send(i).is_err());
                    assert_eq!(rx.try_recv(), Ok(i - 5));
                    tx.try_send(i).unwrap();
                }
            }

            #[test]
            fn positions_wrap_around() {
                for start in [usize::MAX - 2, usize::MAX, (1 << 47) - 3] {
                    for capacity in [1, 2, 3, 4, 5] {
                        let (mut tx, mut rx) = channel::starting_at::$mode(capacity, start);
                        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
                        for i in 0..3 * capacity {
                            for j in 0..capacity {
                                tx.try_send((i, j)).unwrap();
                            }
                            assert!(tx.try_send((0, 0)).is_err());
                            assert_eq!(tx.len(), capacity);
                            for j in 0..capacity {
                                assert_eq!(rx.try_recv(), Ok((i, j)));
                            }
                            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
                        }
                    }
                }
            }

            #[test]
            fn values_left_over_a_wrap_are_dropped() {
                let (drops, value) = counted();
                let (mut tx, rx) = channel::starting_at::$mode(4, usize::MAX - 1);
                for i in 0..4 {
                    assert!(tx.try_send(value(i)).is_ok());
                }
                drop(tx);
                assert_eq!(drops.load(Ordering::SeqCst), 0);
                drop(rx);
                assert_eq!(drops.load(Ordering::SeqCst), 4);
            }

            #[test]
            fn zero_sized_and_large_values() {
                let (mut tx, mut rx) = channel::$mode(2);
                tx.try_send(()).unwrap();
                tx.try_send(()).unwrap();
                assert!(tx.try_send(()).is_err());
                assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(()), Ok(())));
                assert!(rx.try_recv().is_err());
                let (mut tx, mut rx) = channel::$mode(2);
                for i in 0..5_u8 {
                    tx.try_send([i; 4096]).unwrap();
                    assert_eq!(rx.try_recv(), Ok([i; 4096]));
                }
            }

            #[test]
            fn dropping_the_sender_closes_after_what_was_sent() {
                let (mut tx, mut rx) = channel::$mode(4);
                tx.try_send(1).unwrap();
                tx.try_send(2).unwrap();
                drop(tx);
                assert!(rx.is_closed());
                assert_eq!(block_on(rx.recv()), Ok(1));
                assert_eq!(rx.recv_blocking(), Ok(2));
                assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
                assert_eq!(block_on(rx.recv()), Err(RecvError::Closed));
                assert_eq!(rx.recv_blocking(), Err(RecvError::Closed));
                assert_eq!(block_on(rx.recv_many(&mut Vec::new(), 4)), 0);
            }

            #[test]
            fn closing_by_either_side_refuses_and_drains() {
                for by_receiver in [false, true] {
                    let (mut tx, mut rx) = channel::$mode(4);
                    tx.try_send(1).unwrap();
                    assert!(if by_receiver { rx.close() } else { tx.close() });
                    assert!(!rx.close() && !tx.close());
                    assert!(matches!(tx.try_send(2), Err(TrySendError::Closed(2))));
                    assert_eq!(block_on(tx.send(3)).unwrap_err().into_inner(), 3);
                    assert_eq!(tx.send_blocking(4).unwrap_err().0, 4);
                    assert_eq!(block_on(tx.send_many(5..7)).unwrap_err().0, 5);
                    assert!(block_on(tx.reserve()).is_err());
                    assert_eq!(rx.try_recv(), Ok(1));
                    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
                }
            }

            #[test]
            fn the_last_receiver_drops_what_is_left_at_once() {
                let (drops, value) = counted();
                let (mut tx, mut rx) = channel::$mode(8);
                for i in 0..5 {
                    assert!(tx.try_send(value(i)).is_ok());
                }
                drop(rx.try_recv().ok());
                assert_eq!(drops.load(Ordering::SeqCst), 1);
                drop(rx);
                assert_eq!(drops.load(Ordering::SeqCst), 5);
                assert!(tx.try_send(value(9)).is_err());
                drop(tx);
                assert_eq!(drops.load(Ordering::SeqCst), 6);
            }

            #[test]
            fn a_panicking_destructor_loses_nobody_elses() {
                struct Bomb(Counted);
                impl Drop for Bomb {
                    fn drop(&mut self) {
                        if self.0.1 == 1 {
                            panic!("boom");
                        }
                    }
                }
                let (drops, value) = counted();
                let (mut tx, rx) = channel::$mode(4);
                for i in 0..4 {
                    assert!(tx.try_send(Bomb(value(i))).is_ok());
                }
                assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
                assert_eq!(drops.load(Ordering::SeqCst), 4);
                assert!(tx.is_closed());
                assert_eq!(tx.len(), 0);
            }

            #[test]
            fn a_receiver_is_woken_by_a_value_and_by_closing() {
                let (mut tx, mut rx) = channel::$mode(1);
                let (wakes, waker) = Wakes::new();
                let mut recv = Box::pin(rx.recv());
                assert!(poll(recv.as_mut(), &waker).is_pending());
                assert_eq!(wakes.count(), 0);
                tx.try_send(7).unwrap();
                assert_eq!(wakes.count(), 1);
                assert_eq!(poll(recv.as_mut(), &waker), Poll::Ready(Ok(7)));
                drop(recv);
                let mut recv = Box::pin(rx.recv());
                assert!(poll(recv.as_mut(), &waker).is_pending());
                drop(tx);
                assert_eq!(wakes.count(), 2);
                assert_eq!(
                    poll(recv.as_mut(), &waker),
                    Poll::Ready(Err(RecvError::Closed))
                );
            }

            #[test]
            fn a_sender_is_woken_by_room_and_by_closing() {
                let (mut tx, mut rx) = channel::$mode(1);
                let (wakes, waker) = Wakes::new();
                tx.try_send(0).unwrap();
                let mut send = Box::pin(tx.send(1));
                assert!(poll(send.as_mut(), &waker).is_pending());
                assert_eq!(rx.try_recv(), Ok(0));
                assert_eq!(wakes.count(), 1);
                assert!(matches!(poll(send.as_mut(), &waker), Poll::Ready(Ok(()))));
                drop(send);
                let mut send = Box::pin(tx.send(2));
                assert!(poll(send.as_mut(), &waker).is_pending());
                drop(rx);
                assert_eq!(wakes.count(), 2);
                match poll(send.as_mut(), &waker) {
                    Poll::Ready(Err(error)) => assert_eq!(error.0, 2),
                    _ => panic!("a send into a closed channel"),
                }
            }

            #[test]
            fn the_same_waiter_may_be_polled_by_another_task() {
                let (mut tx, mut rx) = channel::$mode(1);
                let ((first, first_waker), (second, second_waker)) = (Wakes::new(), Wakes::new());
                let mut recv = Box::pin(rx.recv());
                assert!(poll(recv.as_mut(), &first_waker).is_pending());
                assert!(poll(recv.as_mut(), &second_waker).is_pending());
                tx.try_send(1).unwrap();
                assert_eq!((first.count(), second.count()), (0, 1));
                assert_eq!(poll(recv.as_mut(), &first_waker), Poll::Ready(Ok(1)));
            }

            #[test]
            fn a_dropped_wait_has_done_nothing() {
                let (drops, value) = counted();
                let (mut tx, mut rx) = channel::$mode(1);
                {
                    let mut recv = pin!(rx.recv());
                    assert!(peek(recv.as_mut()).is_pending());
                    assert!(tx.try_send(value(1)).is_ok());
                    // Woken, and dropped all the same.
                }
                {
                    let mut send = pin!(tx.send(value(2)));
                    assert!(peek(send.as_mut()).is_pending());
                    let received = rx.try_recv().ok().unwrap();
                    assert_eq!(received.1, 1);
                    // As above.
                }
                assert_eq!(drops.load(Ordering::SeqCst), 2);
                assert!(rx.is_empty());
                // A wait that was never polled.
                drop(tx.send(value(3)));
                assert_eq!(drops.load(Ordering::SeqCst), 3);
                assert!(rx.is_empty());
            }

            #[test]
            fn permits_keep_a_place_and_give_it_back() {
                let (mut tx, mut rx) = channel::$mode(1);
                let permit = tx.try_reserve().unwrap();
                assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
                permit.send(1);
                assert_eq!(rx.try_recv(), Ok(1));
                drop(block_on(tx.reserve()).unwrap());
                tx.try_send(2).unwrap();
                {
                    let mut reserve = pin!(tx.reserve());
                    assert!(peek(reserve.as_mut()).is_pending());
                    assert_eq!(rx.try_recv(), Ok(2));
                    match peek(reserve.as_mut()) {
                        Poll::Ready(Ok(permit)) => permit.send(3),
                        _ => panic!("there is room"),
                    }
                }
                assert_eq!(rx.try_recv(), Ok(3));
                {
                    let permit = tx.try_reserve().unwrap();
                    drop(rx);
                    permit.send(4);
                }
                assert!(tx.is_closed());
            }

            #[test]
            fn batches_keep_order_and_wait_for_room() {
                let (mut tx, mut rx) = channel::$mode(4);
                let mut buffer = Vec::new();
                {
                    let mut values = 0..10;
                    let mut send = pin!(tx.send_many(values.by_ref()));
                    assert!(peek(send.as_mut()).is_pending());
                    assert_eq!(block_on(rx.recv_many(&mut buffer, 3)), 3);
                    assert!(peek(send.as_mut()).is_pending());
                    assert_eq!(block_on(rx.recv_many(&mut buffer, 64)), 4);
                    assert!(peek(send.as_mut()).is_ready());
                }
                assert_eq!(rx.recv_many_blocking(&mut buffer, 64), 3);
                assert_eq!(buffer, (0..10).collect::<Vec<_>>());
                assert_eq!(block_on(rx.recv_many(&mut buffer, 0)), 0);
                // Half way: what was taken was sent, but for the one that waited; the rest stays.
                let mut values = 0..10;
                {
                    let mut send = pin!(tx.send_many(values.by_ref()));
                    assert!(peek(send.as_mut()).is_pending());
                }
                assert_eq!(values.next(), Some(5));
                assert_eq!(rx.len(), 4);
                assert!(rx.is_full());
            }

            #[test]
            fn a_panicking_iterator_sends_what_it_yielded() {
                let (mut tx, mut rx) = channel::$mode(8);
                let values = (0..5).map(|i| if i == 3 { panic!("boom") } else { i });
                let (wakes, waker) = Wakes::new();
                let mut recv = Box::pin(rx.recv());
                assert!(poll(recv.as_mut(), &waker).is_pending());
                assert!(catch_unwind(AssertUnwindSafe(|| tx.send_many_blocking(values))).is_err());
                assert_eq!(wakes.count(), 1);
                drop(recv);
                for i in 0..3 {
                    assert_eq!(rx.try_recv(), Ok(i));
                }
                assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
                assert!(!tx.is_full());
                tx.send_many_blocking(0..8).unwrap();
                assert!(tx.is_full());
            }

            #[test]
            fn an_iterator_that_miscounts_sends_what_it_yields() {
                struct Wrong(std::ops::Range<usize>, usize);
                impl Iterator for Wrong {
                    type Item = usize;
                    fn next(&mut self) -> Option<usize> {
                        self.0.next()
                    }
                    fn size_hint(&self) -> (usize, Option<usize>) {
                        (self.1, Some(self.1))
                    }
                }
                for said in [0, 1, 2, 5, 100, usize::MAX] {
                    let (mut tx, mut rx) = channel::$mode(8);
                    tx.send_many_blocking(Wrong(0..3, said)).unwrap();
                    assert_eq!(rx.len(), 3);
                    // No place is lost.
                    tx.send_many_blocking(Wrong(3..8, said)).unwrap();
                    assert!(tx.is_full());
                    let mut buffer = Vec::new();
                    assert_eq!(rx.recv_many_blocking(&mut buffer, 100), 8);
                    assert_eq!(buffer, (0..8).collect::<Vec<_>>());
                }
            }

            #[test]
            fn batches_of_values_of_any_size() {
                let (mut tx, mut rx) = channel::$mode(70);
                let mut large = Vec::new();
                tx.send_many_blocking((0..70_u8).map(|i| [i; 100])).unwrap();
                assert_eq!(rx.recv_many_blocking(&mut large, usize::MAX), 70);
                assert!(large.iter().zip(0..).all(|(value, i)| *value == [i; 100]));
                let (mut tx, mut rx) = channel::$mode(70);
                let (drops, value) = counted();
                assert!(tx.send_many_blocking((0..70).map(value)).is_ok());
                let mut some = Vec::new();
                assert_eq!(rx.recv_many_blocking(&mut some, 40), 40);
                drop(rx);
                assert_eq!(drops.load(Ordering::SeqCst), 30);
                assert!(some.iter().zip(0..).all(|(value, i)| value.1 == i));
                let (mut tx, mut rx) = channel::$mode(70);
                let mut nothing = Vec::new();
                tx.send_many_blocking([(); 70]).unwrap();
                assert_eq!(rx.recv_many_blocking(&mut nothing, 100), 70);
            }

            #[test]
            fn time_limits_give_the_value_back() {
                let (mut tx, mut rx) = channel::$mode(1);
                let limit = Duration::from_millis(1);
                assert_eq!(
                    rx.recv_blocking_timeout(limit),
                    Err(RecvTimeoutError::Timeout)
                );
                assert_eq!(
                    block_on(rx.recv_timeout(limit)),
                    Err(RecvTimeoutError::Timeout)
                );
                tx.send_blocking_timeout(1, limit).unwrap();
                assert!(matches!(
                    tx.send_blocking_timeout(2, limit),
                    Err(SendTimeoutError::Timeout(2))
                ));
                assert!(matches!(
                    block_on(tx.send_timeout(3, limit)),
                    Err(SendTimeoutError::Timeout(3))
                ));
                assert_eq!(block_on(rx.recv_timeout(Duration::MAX)), Ok(1));
                rx.close();
                assert!(matches!(
                    block_on(tx.send_timeout(4, limit)),
                    Err(SendTimeoutError::Closed(4))
                ));
                assert_eq!(
                    rx.recv_blocking_timeout(limit),
                    Err(RecvTimeoutError::Closed)
                );
            }

            #[test]
            fn handles_are_stream_and_sink() {
                let (mut tx, mut rx) = channel::$mode(2);
                block_on(async {
                    tx.send_all(&mut futures::stream::iter([Ok(1), Ok(2)]))
                        .await
                        .unwrap();
                    assert!(SinkExt::feed(&mut tx, 3).now_or_never().is_none());
                    assert_eq!(rx.next().await, Some(1));
                    SinkExt::send(&mut tx, 3).await.unwrap();
                    assert!(!rx.is_terminated());
                    drop(tx);
                    assert_eq!(rx.next().await, Some(2));
                    assert_eq!(rx.next().await, Some(3));
                    assert_eq!(rx.next().await, None);
                    assert!(rx.is_terminated());
                    assert_eq!(rx.next().await, None);
                });
            }

            #[test]
            fn a_stream_that_was_polled_leaves_recv_its_wake() {
                let (mut tx, mut rx) = channel::$mode(1);
                assert!(peek(pin!(rx.next())).is_pending());
                let (wakes, waker) = Wakes::new();
                let mut recv = Box::pin(rx.recv());
                assert!(poll(recv.as_mut(), &waker).is_pending());
                tx.try_send(1).unwrap();
                assert_eq!(wakes.count(), 1);
                assert_eq!(poll(recv.as_mut(), &waker), Poll::Ready(Ok(1)));
            }

            #[test]
            fn two_threads_pass_everything_on() {
                for capacity in [1, 2, 7, 64] {
                    must_end(stringify!($mode), move || {
                        let (mut tx, mut rx) = channel::$mode(capacity);
                        let sender = std::thread::spawn(move || {
                            for i in 0..20_000 {
                                tx.send_blocking(i).unwrap();
                            }
                        });
                        for i in 0..20_000 {
                            assert_eq!(rx.recv_blocking(), Ok(i));
                        }
                        assert_eq!(rx.recv_blocking(), Err(RecvError::Closed));
                        sender.join().unwrap();
                    });
                }
            }

            #[test]
            fn two_threads_pass_batches_on() {
                must_end(stringify!($mode), || {
                    let (mut tx, mut rx) = channel::$mode(10);
                    let sender = std::thread::spawn(move || {
                        for batch in 0..500 {
                            tx.send_many_blocking(batch * 64..(batch + 1) * 64).unwrap();
                        }
                    });
                    let mut all = Vec::new();
                    while rx.recv_many_blocking(&mut all, 7) > 0 {}
                    assert_eq!(all, (0..500 * 64).collect::<Vec<_>>());
                    sender.join().unwrap();
                });
            }

            #[test]
            fn handles_are_send_and_sync() {
                fn check<T: Send + Sync + Unpin>(_: &T) {}
                fn check_future<T: Send>(_: &T) {}
                let (mut tx, mut rx) = channel::$mode::<std::cell::Cell<u8>>(1);
                check(&tx);
                check(&rx);
                check_future(&tx.send(std::cell::Cell::new(1)));
                check_future(&rx.recv());
            }
        }
    };
}

conformance!(spsc);
conformance!(mpsc);
conformance!(spmc);
conformance!(mpmc);
