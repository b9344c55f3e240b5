//! Waiting on a plain thread.

#[cfg(not(loom))]
mod imp {
    use crate::wait::spin;
    use std::{
        cell::RefCell,
        future::Future,
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        task::{Context, Poll, Wake, Waker},
        thread::{self, Thread},
        time::{Duration, Instant},
    };

    /// Wakes a thread that is parked in [`block_on`].
    struct Unpark {
        thread: Thread,
        woken: AtomicBool,
    }

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.wake_by_ref();
        }

        fn wake_by_ref(self: &Arc<Self>) {
            // Release pairs with the Acquire in `wait`: what happened before the wake is visible to the next poll.
            if !self.woken.swap(true, Ordering::Release) {
                self.thread.unpark();
            }
        }
    }

    impl Unpark {
        /// Gives a wake that is near the time to come.
        fn spin(&self) {
            // Relaxed: `wait` takes the wake.
            let _ = spin(|| self.woken.load(Ordering::Relaxed).then_some(()));
        }

        /// Waits for a wake; false if the deadline passed first.
        fn wait(&self, deadline: Option<Instant>) -> bool {
            loop {
                // Acquire pairs with the Release in `wake_by_ref`.
                if self.woken.swap(false, Ordering::Acquire) {
                    return true;
                }
                match deadline {
                    None => thread::park(),
                    Some(deadline) => {
                        let left = deadline.saturating_duration_since(Instant::now());
                        if left.is_zero() {
                            return false;
                        }
                        thread::park_timeout(left);
                    }
                }
            }
        }
    }

    thread_local! {
        /// The thread's parker, unless a `block_on` further out uses it.
        static PARKER: RefCell<Option<(Arc<Unpark>, Waker)>> = const { RefCell::new(None) };
    }

    fn run<F: Future>(future: F, deadline: Option<Instant>) -> Option<F::Output> {
        let parker = PARKER
            .try_with(|parker| parker.borrow_mut().take())
            .ok()
            .flatten();
        let (unpark, waker) = parker.unwrap_or_else(|| {
            let unpark = Arc::new(Unpark {
                thread: thread::current(),
                woken: AtomicBool::new(false),
            });
            (unpark.clone(), Waker::from(unpark))
        });
        let output = {
            let mut future = pin!(future);
            let mut cx = Context::from_waker(&waker);
            loop {
                if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                    break Some(output);
                }
                unpark.spin();
                if !unpark.wait(deadline) {
                    break None;
                }
            }
        };
        // When the thread is going away its parker simply goes too.
        let _ = PARKER.try_with(|parker| parker.replace(Some((unpark, waker))));
        output
    }

    /// Runs a future on this thread, which sleeps while the future waits.
    pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
        run(future, None).expect("without a deadline it ends with the future")
    }

    /// As [`block_on`], but gives up after `limit`.
    pub(crate) fn block_on_timeout<F: Future>(future: F, limit: Duration) -> Option<F::Output> {
        // A deadline beyond what an `Instant` can hold is none.
        run(future, Instant::now().checked_add(limit))
    }
}

#[cfg(loom)]
mod imp {
    pub(crate) use loom::future::block_on;
}

pub(crate) use imp::block_on;
#[cfg(not(loom))]
pub(crate) use imp::block_on_timeout;
