//! A lock for critical sections of a few instructions.
//!
//! Taking it costs one exchange and releasing it one store, about half of what
//! a `std::sync::Mutex` costs, and its state is one byte. In exchange nothing
//! sleeps on it: who finds it taken spins briefly and then yields its time
//! slice. So nothing may happen under it that takes long, blocks, calls user
//! code or drops user values.

#[cfg(not(any(loom, shuttle)))]
pub(crate) use spin::Lock;

#[cfg(any(loom, shuttle))]
pub(crate) use under_model::Lock;

#[cfg(not(any(loom, shuttle)))]
mod spin {
    use std::cell::UnsafeCell;
    use std::ops::{Deref, DerefMut};
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Spins between two looks before the time slice is given up.
    ///
    /// The sections are shorter than this many pauses; a holder that is not
    /// done by then was preempted and needs the processor more than we do.
    const SPINS: u32 = 32;

    pub(crate) struct Lock<T> {
        taken: AtomicBool,
        value: UnsafeCell<T>,
    }

    // SAFETY: the lock hands the value to one thread at a time, so sharing the
    // lock needs no more than that the value may move between threads.
    unsafe impl<T: Send> Sync for Lock<T> {}
    // SAFETY: owning the lock is owning the value.
    unsafe impl<T: Send> Send for Lock<T> {}

    pub(crate) struct LockGuard<'a, T> {
        lock: &'a Lock<T>,
    }

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self {
                taken: AtomicBool::new(false),
                value: UnsafeCell::new(value),
            }
        }

        #[inline]
        pub(crate) fn lock(&self) -> LockGuard<'_, T> {
            // Acquire pairs with the release in `LockGuard::drop`: what the
            // previous holder did to the value is visible.
            if self.taken.swap(true, Ordering::Acquire) {
                self.lock_contended();
            }
            LockGuard { lock: self }
        }

        #[cold]
        fn lock_contended(&self) {
            let mut spins = 0;
            // Acquire as in `lock`.
            while self.taken.swap(true, Ordering::Acquire) {
                // Relaxed: only a hint when to try the exchange again.
                while self.taken.load(Ordering::Relaxed) {
                    spins += 1;
                    if spins < SPINS {
                        std::hint::spin_loop();
                    } else {
                        std::thread::yield_now();
                    }
                }
            }
        }
    }

    impl<T> Deref for LockGuard<'_, T> {
        type Target = T;
        #[inline]
        fn deref(&self) -> &T {
            // SAFETY: the guard exists only while its thread holds the lock.
            unsafe { &*self.lock.value.get() }
        }
    }

    impl<T> DerefMut for LockGuard<'_, T> {
        #[inline]
        fn deref_mut(&mut self) -> &mut T {
            // SAFETY: as in `deref`, and `&mut self` makes the access unique.
            unsafe { &mut *self.lock.value.get() }
        }
    }

    impl<T> Drop for LockGuard<'_, T> {
        #[inline]
        fn drop(&mut self) {
            // Release pairs with the acquire in `lock`.
            self.lock.taken.store(false, Ordering::Release);
        }
    }
}

#[cfg(any(loom, shuttle))]
mod under_model {
    #[cfg(loom)]
    use loom::sync::{Mutex, MutexGuard as LockGuard};
    #[cfg(shuttle)]
    use shuttle::sync::{Mutex, MutexGuard as LockGuard};

    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> LockGuard<'_, T> {
            self.0.lock().unwrap()
        }
    }
}
