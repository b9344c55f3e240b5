//! nimsync's channels.

use std::ops::Range;

use nimsync::channel::{mpmc, mpsc, rendezvous, spmc, spsc};

use super::{
    AsyncRecv, AsyncSend, BatchRecv, BatchSend, BlockingRecv, BlockingSend, TryRecv, TrySend,
    impl_async, impl_blocking, impl_try,
};

macro_rules! impl_mode {
    ($mode:ident) => {
        impl_try!(
            $mode::Sender<u64>, $mode::Receiver<u64>:
            |tx, value| tx.try_send(value).is_ok(),
            |rx| rx.try_recv().ok()
        );
        impl_blocking!(
            $mode::Sender<u64>, $mode::Receiver<u64>:
            |tx, value| tx.send_blocking(value),
            |rx| rx.recv_blocking().ok()
        );
        impl_async!(
            $mode::Sender<u64>, $mode::Receiver<u64>:
            |tx, value| tx.send(value).await,
            |rx| rx.recv().await.ok()
        );
    };
}

impl_mode!(spsc);
impl_mode!(mpsc);
impl_mode!(spmc);
impl_mode!(mpmc);
impl_mode!(rendezvous);

impl BatchSend for spsc::Sender<u64> {
    fn put_all(&mut self, values: Range<u64>) {
        self.send_many_blocking(values)
            .expect("the receiver is there");
    }
}

/// With the buffer that its caller would keep.
impl BatchRecv for (spsc::Receiver<u64>, Vec<u64>) {
    fn get_some(&mut self, limit: usize, take: impl FnMut(u64)) -> usize {
        let (rx, buffer) = self;
        let count = rx.recv_many_blocking(buffer, limit);
        buffer.drain(..).for_each(take);
        count
    }
}
