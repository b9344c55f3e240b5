//! Items that belong together: by when they came, by their number, or by what they are.

use crate::time::{Sleep, now, sleep_until};
use futures::Stream;
use pin_project_lite::pin_project;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

pin_project! {
    /// The stream of [`window`](crate::stream::StreamExt::window).
    #[must_use = "a stream does nothing until it is polled"]
    pub struct Window<S: Stream> {
        // `None` when it has ended.
        #[pin]
        upstream: Option<S>,
        length: Duration,
        items: Vec<S::Item>,
        // When the present window ends; windows follow each other from the first poll on.
        end: Option<Instant>,
        // Set while there are items.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl<S: Stream> Window<S> {
    #[track_caller]
    pub(in crate::stream) fn new(upstream: S, length: Duration) -> Self {
        assert!(!length.is_zero(), "a window has a length");
        Self {
            upstream: Some(upstream),
            length,
            items: Vec::new(),
            end: None,
            timer: None,
        }
    }
}

/// The end of the first window that is not over at `now`.
fn next_end(end: Instant, length: Duration, now: Instant) -> Instant {
    if now < end {
        return end;
    }
    let over = (now - end).as_nanos() / length.as_nanos() + 1;
    end + length.saturating_mul(u32::try_from(over).unwrap_or(u32::MAX))
}

impl<S: Stream> Stream for Window<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<S::Item>>> {
        let mut this = self.project();
        while let Some(upstream) = this.upstream.as_mut().as_pin_mut() {
            // The timer first: an item that comes after the end is in the next window.
            if let Some(timer) = this.timer.as_mut().as_pin_mut()
                && timer.poll(cx).is_ready()
            {
                break;
            }
            let begun = *this.end.get_or_insert_with(|| now() + *this.length);
            match upstream.poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    if this.items.is_empty() {
                        let end = next_end(begun, *this.length, now());
                        *this.end = Some(end);
                        this.timer.set(Some(sleep_until(end)));
                    }
                    this.items.push(item);
                }
                Poll::Ready(None) => this.upstream.set(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        this.timer.set(None);
        let items = std::mem::take(this.items);
        Poll::Ready((!items.is_empty()).then_some(items))
    }
}

pin_project! {
    /// The stream of [`window_count`](crate::stream::StreamExt::window_count).
    #[must_use = "a stream does nothing until it is polled"]
    pub struct WindowCount<S: Stream> {
        #[pin]
        upstream: S,
        size: usize,
        step: usize,
        items: VecDeque<S::Item>,
        // Items to be left out before the next window, where windows do not touch.
        skip: usize,
    }
}

impl<S: Stream> WindowCount<S> {
    #[track_caller]
    pub(in crate::stream) fn new(upstream: S, size: usize, step: usize) -> Self {
        assert!(
            size > 0 && step > 0,
            "a window's size and step are at least 1"
        );
        Self {
            upstream,
            size,
            step,
            items: VecDeque::new(),
            skip: 0,
        }
    }
}

impl<S: Stream<Item: Clone>> Stream for WindowCount<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Vec<S::Item>>> {
        let mut this = self.project();
        loop {
            // An incomplete window at the end is none.
            let Some(item) = ready!(this.upstream.as_mut().poll_next(cx)) else {
                return Poll::Ready(None);
            };
            if *this.skip > 0 {
                *this.skip -= 1;
                continue;
            }
            this.items.push_back(item);
            if this.items.len() == *this.size {
                let window = this.items.iter().cloned().collect();
                *this.skip = this.step.saturating_sub(*this.size);
                this.items.drain(..(*this.step).min(*this.size));
                return Poll::Ready(Some(window));
            }
        }
    }
}

pin_project! {
    /// The stream of [`window_by`](crate::stream::StreamExt::window_by).
    #[must_use = "a stream does nothing until it is polled"]
    pub struct WindowBy<S: Stream, F, K> {
        // `None` when it has ended.
        #[pin]
        upstream: Option<S>,
        key: F,
        window: Option<(K, Vec<S::Item>)>,
    }
}

impl<S: Stream, F, K> WindowBy<S, F, K> {
    pub(in crate::stream) fn new(upstream: S, key: F) -> Self {
        Self {
            upstream: Some(upstream),
            key,
            window: None,
        }
    }
}

impl<S, F, K> Stream for WindowBy<S, F, K>
where
    S: Stream,
    F: FnMut(&S::Item) -> K,
    K: PartialEq,
{
    type Item = (K, Vec<S::Item>);

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while let Some(upstream) = this.upstream.as_mut().as_pin_mut() {
            let Some(item) = ready!(upstream.poll_next(cx)) else {
                this.upstream.set(None);
                break;
            };
            let key = (this.key)(&item);
            match this.window {
                Some((known, items)) if *known == key => items.push(item),
                _ => {
                    if let Some(before) = this.window.replace((key, vec![item])) {
                        return Poll::Ready(Some(before));
                    }
                }
            }
        }
        Poll::Ready(this.window.take())
    }
}
