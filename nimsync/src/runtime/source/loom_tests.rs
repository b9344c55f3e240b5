//! Models of readiness: edges that come at any moment of an operation.

use super::*;
use crate::prim::model::{self, Bell};
use loom::sync::atomic::AtomicUsize;
use loom::thread;

/// Bytes in the kernel, and the source that watches them.
struct Pipe {
    bytes: AtomicUsize,
    source: Arc<Source>,
}

impl Pipe {
    fn new() -> Arc<Self> {
        let driver = Driver::new().unwrap();
        Arc::new(Self {
            bytes: AtomicUsize::new(0),
            source: Arc::new(Source::new(driver)),
        })
    }

    /// A byte arrives, and the driver is told.
    fn arrive(&self, bits: u32) {
        self.bytes.fetch_add(1, Ordering::AcqRel);
        let mut wakers = Vec::new();
        self.source.raise(bits, &mut wakers);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn take(&self) -> io::Result<usize> {
        // A read-modify-write, as the kernel's lock orders it.
        let take = |bytes: usize| bytes.checked_sub(1);
        self.bytes
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, take)
            .map_err(|_| io::ErrorKind::WouldBlock.into())
    }

    fn take_all(&self) -> io::Result<usize> {
        match self.bytes.swap(0, Ordering::AcqRel) {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            bytes => Ok(bytes),
        }
    }

    /// Takes a byte; one that is never told of makes a deadlock.
    fn receive(&self, bell: &Arc<Bell>) {
        let waker = bell.waker();
        let mut cx = Context::from_waker(&waker);
        let mut wait = SourceWait::new(&self.source, Direction::Read, &"read");
        while wait.poll_io(&mut cx, || self.take()).is_pending() {
            bell.wait();
        }
    }
}

/// An edge that comes between "would block" and "clear" is not lost.
#[test]
fn loom_an_edge_is_not_lost() {
    model::check(|| {
        let pipe = Pipe::new();
        let kernel = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.arrive(READABLE)
        });
        pipe.receive(&Bell::new());
        kernel.join().unwrap();
    });
}

/// Nor is one that comes while a short read is taken for the last.
#[test]
fn loom_an_edge_after_a_short_read_is_not_lost() {
    model::check(|| {
        let pipe = Pipe::new();
        let kernel = thread::spawn({
            let pipe = pipe.clone();
            move || {
                pipe.arrive(READABLE);
                pipe.arrive(READABLE);
            }
        });
        let bell = Bell::new();
        let waker = bell.waker();
        let mut cx = Context::from_waker(&waker);
        let mut wait = SourceWait::new(&pipe.source, Direction::Read, &"read");
        let mut received = 0;
        while received < 2 {
            match wait.poll_bytes(&mut cx, 8, || pipe.take_all()) {
                Poll::Ready(bytes) => received += bytes.unwrap(),
                Poll::Pending => bell.wait(),
            }
        }
        kernel.join().unwrap();
    });
}

/// Two wait for one source; an edge tells both.
#[test]
fn loom_an_edge_tells_all_who_wait() {
    model::check_within(2, || {
        let pipe = Pipe::new();
        let other = thread::spawn({
            let pipe = pipe.clone();
            move || pipe.receive(&Bell::new())
        });
        pipe.arrive(READABLE);
        pipe.arrive(READABLE);
        pipe.receive(&Bell::new());
        other.join().unwrap();
    });
}

/// The runtime ends while somebody is about to wait.
#[test]
fn loom_the_end_of_the_driver_ends_the_wait() {
    model::check(|| {
        let pipe = Pipe::new();
        let runtime = thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut wakers = Vec::new();
                pipe.source.end(&mut wakers);
                wakers.into_iter().for_each(Waker::wake);
            }
        });
        let bell = Bell::new();
        let waker = bell.waker();
        let mut cx = Context::from_waker(&waker);
        let mut wait = SourceWait::new(&pipe.source, Direction::Read, &"read");
        let error = loop {
            match wait.poll_io(&mut cx, || pipe.take()) {
                Poll::Ready(outcome) => break outcome.unwrap_err(),
                Poll::Pending => bell.wait(),
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::Other);
        runtime.join().unwrap();
    });
}
