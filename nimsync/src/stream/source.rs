//! What `stream!` and `try_stream!` expand to.

use futures::Stream;
use futures::stream::FusedStream;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::prim::Lock;

/// Where the code of a source puts an item, and the stream finds it.
type Slot<T> = Arc<Lock<Option<T>>>;

/// Makes a stream of code that yields.
#[doc(hidden)]
pub fn source<T, M, F>(make: M) -> Source<T, F>
where
    M: FnOnce(Yielder<T>) -> F,
    F: Future<Output = Option<T>>,
{
    let slot = Slot::default();
    Source {
        code: Some(Box::pin(make(Yielder { slot: slot.clone() }))),
        slot,
    }
}

impl<T> Default for Lock<Option<T>> {
    fn default() -> Self {
        Lock::new(None)
    }
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

/// What `yield` gives its items to.
#[doc(hidden)]
pub struct Yielder<T> {
    slot: Slot<T>,
}

impl<T> Yielder<T> {
    /// Hands an item to the stream, and goes on when the next is asked for.
    #[inline]
    pub fn put(&mut self, item: T) -> impl Future<Output = ()> + use<T> {
        let before = self.slot.lock().replace(item);
        debug_assert!(
            before.is_none(),
            "the stream takes an item before it goes on"
        );
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
        match this.slot.lock().take() {
            Some(item) => Poll::Ready(Some(item)),
            None => Poll::Pending,
        }
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
