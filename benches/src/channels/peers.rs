//! The peers' channels and queues.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;
use disruptor::{BusySpin, EventPoller, Producer, SingleConsumerBarrier, SingleProducer};
use disruptor::{SingleProducerBarrier, build_single_producer};
use fibre::{mpmc, mpsc, spsc};

use super::{
    AsyncRecv, AsyncSend, BatchRecv, BatchSend, BlockingRecv, BlockingSend, TryRecv, TrySend,
    impl_async, impl_blocking, impl_try, pause,
};

/// gil's way to say a capacity.
pub fn non_zero(capacity: usize) -> NonZeroUsize {
    NonZeroUsize::new(capacity).expect("it is not 0")
}

/// A queue of `crossbeam-queue` for both sides.
pub fn array_queue(capacity: usize) -> (Arc<ArrayQueue<u64>>, Arc<ArrayQueue<u64>>) {
    let queue = Arc::new(ArrayQueue::new(capacity));
    (queue.clone(), queue)
}

/// The sending side of a disruptor.
pub(super) type Publisher = SingleProducer<u64, SingleConsumerBarrier>;
/// The receiving side of a disruptor.
pub(super) type Poller = EventPoller<u64, SingleProducerBarrier>;

/// A disruptor with one producer and one consumer.
pub fn disruptor(capacity: usize) -> (Publisher, Poller) {
    let (poller, builder) = build_single_producer(capacity, || 0, BusySpin).new_event_poller();
    (builder.build(), poller)
}

impl_try!(
    Publisher, Poller:
    |tx, value| tx.try_publish(|slot| *slot = value).is_ok(),
    |rx| rx.take(1).ok().and_then(|mut events| (&mut events).next().copied())
);
impl_try!(
    nexus_queue::spsc::Producer<u64>, nexus_queue::spsc::Consumer<u64>:
    |tx, value| tx.push(value).is_ok(),
    |rx| rx.pop()
);
impl_try!(
    nexus_queue::mpsc::Producer<u64>, nexus_queue::mpsc::Consumer<u64>:
    |tx, value| tx.push(value).is_ok(),
    |rx| rx.pop()
);
impl_try!(
    nexus_queue::spmc::Producer<u64>, nexus_queue::spmc::Consumer<u64>:
    |tx, value| tx.push(value).is_ok(),
    |rx| rx.pop()
);
impl_try!(
    rtrb::Producer<u64>, rtrb::Consumer<u64>:
    |tx, value| tx.push(value).is_ok(),
    |rx| rx.pop().ok()
);
impl_try!(
    Arc<ArrayQueue<u64>>, Arc<ArrayQueue<u64>>:
    |tx, value| tx.push(value).is_ok(),
    |rx| rx.pop()
);

macro_rules! gil {
    ($($mode:ident)*) => {$(
        impl_try!(
            gil::$mode::Sender<u64>, gil::$mode::Receiver<u64>:
            |tx, value| tx.try_send(value).is_ok(),
            |rx| rx.try_recv()
        );
    )*};
}

gil!(spsc mpsc spmc mpmc);

/// Sides whose methods are called as most call them.
macro_rules! try_usual {
    ($($Tx:ty, $Rx:ty;)*) => {$(
        impl_try!($Tx, $Rx: |tx, value| tx.try_send(value).is_ok(), |rx| rx.try_recv().ok());
    )*};
}

macro_rules! blocking_usual {
    ($($Tx:ty, $Rx:ty;)*) => {$(
        impl_blocking!($Tx, $Rx: |tx, value| tx.send(value), |rx| rx.recv().ok());
    )*};
}

macro_rules! async_usual {
    ($($Tx:ty, $Rx:ty;)*) => {$(
        impl_async!($Tx, $Rx: |tx, value| tx.send(value).await, |rx| rx.recv().await.ok());
    )*};
}

type CrossfireSpsc = crossfire::spsc::Array<u64>;
type CrossfireMpsc = crossfire::mpsc::Array<u64>;
type CrossfireMpmc = crossfire::mpmc::Array<u64>;

type ChenalTx = chenal::MTx<u64, chenal::mpsc::Array>;
type ChenalRx = chenal::Rx<u64, chenal::mpsc::Array>;

try_usual! {
    async_channel::Sender<u64>, async_channel::Receiver<u64>;
    ChenalTx, ChenalRx;
    crossbeam_channel::Sender<u64>, crossbeam_channel::Receiver<u64>;
    crossfire::Tx<CrossfireSpsc>, crossfire::Rx<CrossfireSpsc>;
    crossfire::MTx<CrossfireMpsc>, crossfire::Rx<CrossfireMpsc>;
    crossfire::MTx<CrossfireMpmc>, crossfire::MRx<CrossfireMpmc>;
    spsc::BoundedSyncSender<u64>, spsc::BoundedSyncReceiver<u64>;
    mpsc::BoundedSyncSender<u64>, mpsc::BoundedSyncReceiver<u64>;
    mpmc::Sender<u64>, mpmc::Receiver<u64>;
    flume::Sender<u64>, flume::Receiver<u64>;
    rapidfire::Sender<u64>, rapidfire::Receiver<u64>;
    tachyonix::Sender<u64>, tachyonix::Receiver<u64>;
    tokio::sync::mpsc::Sender<u64>, tokio::sync::mpsc::Receiver<u64>;
}

impl TryRecv for rapidfire::mpsc::Receiver<u64> {
    #[inline]
    fn accept(&mut self) -> Option<u64> {
        self.try_recv().ok()
    }
}

impl_try!(
    kanal::Sender<u64>, kanal::Receiver<u64>:
    |tx, value| tx.try_send(value) == Ok(true),
    |rx| rx.try_recv().ok().flatten()
);

blocking_usual! {
    crossbeam_channel::Sender<u64>, crossbeam_channel::Receiver<u64>;
    crossfire::Tx<CrossfireSpsc>, crossfire::Rx<CrossfireSpsc>;
    crossfire::MTx<CrossfireMpsc>, crossfire::Rx<CrossfireMpsc>;
    crossfire::MTx<CrossfireMpmc>, crossfire::MRx<CrossfireMpmc>;
    spsc::BoundedSyncSender<u64>, spsc::BoundedSyncReceiver<u64>;
    spsc::RendezvousSyncSender<u64>, spsc::RendezvousSyncReceiver<u64>;
    mpsc::BoundedSyncSender<u64>, mpsc::BoundedSyncReceiver<u64>;
    mpmc::Sender<u64>, mpmc::Receiver<u64>;
    flume::Sender<u64>, flume::Receiver<u64>;
    kanal::Sender<u64>, kanal::Receiver<u64>;
}

impl_blocking!(
    async_channel::Sender<u64>, async_channel::Receiver<u64>:
    |tx, value| tx.send_blocking(value),
    |rx| rx.recv_blocking().ok()
);
impl_blocking!(
    ChenalTx, ChenalRx:
    |tx, value| tx.send_blocking(value),
    |rx| rx.recv_blocking().ok()
);
impl_blocking!(
    tokio::sync::mpsc::Sender<u64>, tokio::sync::mpsc::Receiver<u64>:
    |tx, value| tx.blocking_send(value),
    |rx| rx.blocking_recv()
);

async_usual! {
    async_channel::Sender<u64>, async_channel::Receiver<u64>;
    ChenalTx, ChenalRx;
    crossfire::AsyncTx<CrossfireSpsc>, crossfire::AsyncRx<CrossfireSpsc>;
    crossfire::MAsyncTx<CrossfireMpsc>, crossfire::AsyncRx<CrossfireMpsc>;
    crossfire::MAsyncTx<CrossfireMpmc>, crossfire::MAsyncRx<CrossfireMpmc>;
    spsc::BoundedAsyncSender<u64>, spsc::BoundedAsyncReceiver<u64>;
    spsc::RendezvousAsyncSender<u64>, spsc::RendezvousAsyncReceiver<u64>;
    mpsc::BoundedAsyncSender<u64>, mpsc::BoundedAsyncReceiver<u64>;
    mpmc::AsyncSender<u64>, mpmc::AsyncReceiver<u64>;
    kanal::AsyncSender<u64>, kanal::AsyncReceiver<u64>;
    rapidfire::Sender<u64>, rapidfire::Receiver<u64>;
    tachyonix::Sender<u64>, tachyonix::Receiver<u64>;
}

impl AsyncRecv for rapidfire::mpsc::Receiver<u64> {
    #[inline]
    async fn get_async(&mut self) -> Option<u64> {
        self.recv().await.ok()
    }
}

impl_async!(
    flume::Sender<u64>, flume::Receiver<u64>:
    |tx, value| tx.send_async(value).await,
    |rx| rx.recv_async().await.ok()
);
impl_async!(
    tokio::sync::mpsc::Sender<u64>, tokio::sync::mpsc::Receiver<u64>:
    |tx, value| tx.send(value).await,
    |rx| rx.recv().await
);

impl BatchSend for rtrb::Producer<u64> {
    fn put_all(&mut self, mut values: Range<u64>) {
        let mut tries = 0;
        while !values.is_empty() {
            let room = self
                .slots()
                .min(values.end as usize - values.start as usize);
            if room == 0 {
                pause(&mut tries);
                continue;
            }
            let chunk = self.write_chunk_uninit(room).expect("there is room");
            chunk.fill_from_iter(&mut values);
        }
    }
}

impl BatchRecv for rtrb::Consumer<u64> {
    fn get_some(&mut self, limit: usize, take: impl FnMut(u64)) -> usize {
        let mut tries = 0;
        loop {
            let count = self.slots().min(limit);
            if count > 0 {
                let chunk = self.read_chunk(count).expect("they are there");
                chunk.into_iter().for_each(take);
                return count;
            }
            pause(&mut tries);
        }
    }
}

/// A disruptor publishes a batch as a whole or not at all.
impl BatchSend for Publisher {
    fn put_all(&mut self, values: Range<u64>) {
        let count = (values.end - values.start) as usize;
        let mut fill = || {
            let values = values.clone();
            self.try_batch_publish(count, |slots| {
                slots.zip(values).for_each(|(slot, value)| *slot = value);
            })
        };
        let mut tries = 0;
        while fill().is_err() {
            pause(&mut tries);
        }
    }
}

impl BatchRecv for Poller {
    fn get_some(&mut self, limit: usize, mut take: impl FnMut(u64)) -> usize {
        let mut tries = 0;
        loop {
            if let Ok(mut events) = self.take(limit as u64) {
                let mut count = 0;
                for &event in &mut events {
                    take(event);
                    count += 1;
                }
                return count;
            }
            pause(&mut tries);
        }
    }
}

impl BatchSend for gil::spsc::Sender<u64> {
    fn put_all(&mut self, mut values: Range<u64>) {
        let mut tries = 0;
        while !values.is_empty() {
            let mut count = 0;
            for (slot, value) in self.write_buffer().iter_mut().zip(&mut values) {
                slot.write(value);
                count += 1;
            }
            // SAFETY: the first `count` slots of the buffer were written above.
            unsafe { self.commit(count) };
            if count == 0 {
                pause(&mut tries);
            }
        }
    }
}

impl BatchRecv for gil::spsc::Receiver<u64> {
    fn get_some(&mut self, limit: usize, take: impl FnMut(u64)) -> usize {
        let mut tries = 0;
        loop {
            let mut guard = self.read_guard();
            let count = guard.len().min(limit);
            if count > 0 {
                guard.as_slice()[..count].iter().copied().for_each(take);
                guard.advance(count);
                return count;
            }
            drop(guard);
            pause(&mut tries);
        }
    }
}

/// With the buffer that its caller would keep.
impl BatchSend for (spsc::BoundedSyncSender<u64>, Vec<u64>) {
    fn put_all(&mut self, values: Range<u64>) {
        let (tx, buffer) = self;
        buffer.extend(values);
        tx.send_batch_mut(buffer).expect("the receiver is there");
    }
}

/// With the buffer that its caller would keep.
impl BatchRecv for (spsc::BoundedSyncReceiver<u64>, Vec<u64>) {
    fn get_some(&mut self, limit: usize, take: impl FnMut(u64)) -> usize {
        let (rx, buffer) = self;
        let count = rx
            .recv_batch_mut(buffer, limit)
            .expect("the sender is there");
        buffer.drain(..).for_each(take);
        count
    }
}
