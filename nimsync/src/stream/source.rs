//! What `stream!` and `try_stream!` expand to.

use futures::Stream;
use futures::stream::FusedStream;
use std::cell::UnsafeCell;
use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

/// Where the code of a source puts an item, and the stream finds it.
///
/// It is a plain cell and not a lock, since that would be most of what an item costs: 12 ns
/// against 2. What makes it sound:
///
/// - The stream owns it, and frees it after the code.
/// - The code's yielder touches it only while the code is polled, which the stream does with
///   itself borrowed mutably. Nobody else has a yielder: the name of it that the macros use
///   cannot be written by their users, and it is not `Clone`.
/// - The stream touches it only between polls.
type Slot<T> = NonNull<UnsafeCell<Option<T>>>;

/// Makes a stream of code that yields.
///
/// For the expansions of `stream!` and `try_stream!` only: `make` keeps the yielder in the
/// future that it returns, which calls `put` when it is polled and at no other time.
#[doc(hidden)]
pub fn source<T, M, F>(make: M) -> Source<T, F>
where
    M: FnOnce(Yielder<T>) -> F,
    F: Future<Output = Option<T>>,
{
    let slot: Slot<T> = NonNull::from(Box::leak(Box::new(UnsafeCell::new(None))));
    let mut source = Source { code: None, slot };
    source.code = Some(Box::pin(make(Yielder { slot })));
    source
}

/// The stream of a `stream!`.
///
/// The code is in one allocation that is made with the stream, so the stream can be moved
/// and used without `pin!`. No item allocates.
#[must_use = "a stream does nothing until it is polled"]
pub struct Source<T, F> {
    /// `None` when it has ended: what it owned is dropped then.
    code: Option<Pin<Box<F>>>,
    slot: Slot<T>,
}

// SAFETY: the slot is owned like a box, and the code is used by who owns the stream.
unsafe impl<T: Send, F: Send> Send for Source<T, F> {}
// SAFETY: a shared source gives access to neither.
unsafe impl<T: Send, F: Send> Sync for Source<T, F> {}

/// What `yield` gives its items to.
#[doc(hidden)]
pub struct Yielder<T> {
    slot: Slot<T>,
}

// SAFETY: it is part of the code, and goes where the stream goes, which is `Send` only if `T` is.
unsafe impl<T: Send> Send for Yielder<T> {}
// SAFETY: `put` takes it mutably.
unsafe impl<T: Send> Sync for Yielder<T> {}

impl<T> Yielder<T> {
    /// Hands an item to the stream, and goes on when the next is asked for.
    #[inline]
    pub fn put(&mut self, item: T) -> impl Future<Output = ()> + use<T> {
        // SAFETY: the code is being polled (`source`), so the slot is there and nobody else
        // touches it. It is empty: the stream takes an item before it polls again.
        unsafe { *(*self.slot.as_ptr()).get() = Some(item) };
        Handed(false)
    }
}

/// Pending once. Nobody is to be woken: the stream has an item, and its consumer comes back
/// for the next.
struct Handed(bool);

impl Future for Handed {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl<T, F: Future<Output = Option<T>>> Stream for Source<T, F> {
    type Item = T;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        let Some(code) = &mut this.code else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(last) = code.as_mut().poll(cx) {
            this.code = None;
            return Poll::Ready(last);
        }
        // SAFETY: the code is not being polled.
        match unsafe { (*(*this.slot.as_ptr()).get()).take() } {
            Some(item) => Poll::Ready(Some(item)),
            None => Poll::Pending,
        }
    }
}

impl<T, F> Drop for Source<T, F> {
    fn drop(&mut self) {
        // The code first: its destructors do not yield, but it has the yielder.
        self.code = None;
        // SAFETY: made by `Box::leak` in `source`, and nobody has it any more.
        drop(unsafe { Box::from_raw(self.slot.as_ptr()) });
    }
}

/// The code is boxed, and the items are moved as values.
impl<T, F> Unpin for Source<T, F> {}

impl<T, F: Future<Output = Option<T>>> FusedStream for Source<T, F> {
    fn is_terminated(&self) -> bool {
        self.code.is_none()
    }
}

impl<T, F> std::fmt::Debug for Source<T, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("ended", &self.code.is_none())
            .finish_non_exhaustive()
    }
}
