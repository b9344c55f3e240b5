//! The stream of `par_map` and its kin.

use super::hub::{Hub, More};
use super::limit::Limit;
use super::worker::employ;
use crate::group::{GroupOptions, Hosted};
use crate::wait;
use futures::Stream;
use futures::stream::FusedStream;
use pin_project_lite::pin_project;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

pin_project! {
    /// The stream of [`par_map`](crate::stream::StreamExt::par_map) and its kin.
    #[must_use = "a stream does nothing until it is polled"]
    pub struct ParMap<S, F, J>
    where
        J: Future,
    {
        #[pin]
        upstream: Option<S>,
        map: F,
        limit: Limit,
        measures: bool,
        ends: fn(&J::Output) -> bool,
        hub: Arc<Hub<J, J::Output>>,
        group: Option<Hosted>,
        // Jobs that are about to be brought to the hub; kept for its memory.
        jobs: Vec<(u64, J)>,
        // Results that were taken from the hub.
        results: VecDeque<J::Output>,
        brought: u64,
        yielded: u64,
        ended: bool,
    }
}

impl<S, F, J: Future> ParMap<S, F, J> {
    pub(in crate::stream) fn new(
        upstream: S,
        limit: Limit,
        map: F,
        ordered: bool,
        ends: fn(&J::Output) -> bool,
    ) -> Self {
        let hub = Hub::new(limit, ordered, ends);
        Self {
            upstream: Some(upstream),
            map,
            limit,
            measures: hub.measures(),
            ends,
            hub: Arc::new(hub),
            group: None,
            jobs: Vec::new(),
            results: VecDeque::new(),
            brought: 0,
            yielded: 0,
            ended: false,
        }
    }

    /// Returns how many jobs may run at a time, now.
    pub fn limit(&self) -> usize {
        if self.measures {
            self.hub.width()
        } else {
            self.limit.most()
        }
    }

    /// Returns how many items have been taken from upstream and not been yielded yet.
    pub fn in_flight(&self) -> usize {
        (self.brought - self.yielded) as usize
    }
}

impl<S, F, J> ParMap<S, F, J>
where
    S: Stream,
    F: FnMut(S::Item) -> J,
    J: Future<Output: Send + 'static> + Send + 'static,
{
    /// Takes items from upstream as far as there is room, and makes jobs of them.
    fn feed(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let width = self.limit();
        let in_flight = self.in_flight();
        let mut this = self.project();
        let room = (2 * width).saturating_sub(in_flight);
        // Some at once, so that the hub is locked rarely.
        if room < (width / 2).max(1) {
            return;
        }
        while this.jobs.len() < room {
            let Some(upstream) = this.upstream.as_mut().as_pin_mut() else {
                break;
            };
            match upstream.poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    this.jobs.push((*this.brought, (this.map)(item)));
                    *this.brought += 1;
                }
                Poll::Ready(None) => this.upstream.set(None),
                Poll::Pending => break,
            }
        }
        if this.jobs.is_empty() {
            return;
        }
        let group = this
            .group
            .get_or_insert_with(|| Hosted::open(GroupOptions::new().name("par_map"), cx));
        this.hub.bring(this.jobs);
        loop {
            match this.hub.staff() {
                More::Nothing => break,
                more => employ(more, this.hub, group.spawner(), *this.measures),
            }
        }
    }
}

impl<S, F, J> Stream for ParMap<S, F, J>
where
    S: Stream,
    F: FnMut(S::Item) -> J,
    J: Future<Output: Send + 'static> + Send + 'static,
{
    type Item = J::Output;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<J::Output>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if !wait::budget(cx) {
            return Poll::Pending;
        }
        if self.upstream.is_some() {
            self.as_mut().feed(cx);
        }
        let mut this = self.project();
        if this.results.is_empty() {
            this.hub.results(this.results, cx.waker());
        }
        if let Some(result) = this.results.pop_front() {
            *this.yielded += 1;
            if (this.ends)(&result) {
                *this.ended = true;
                this.upstream.set(None);
                // Cancels what still runs.
                *this.group = None;
            }
            return Poll::Ready(Some(result));
        }
        if this.upstream.is_none() && this.brought == this.yielded {
            this.hub.close();
            if let Some(group) = this.group {
                group.close();
                // A failure can only be a cancellation, and who cancelled knows.
                drop(ready!(group.poll(cx)));
            }
            *this.ended = true;
            *this.group = None;
            return Poll::Ready(None);
        }
        if let Some(group) = this.group
            && group.poll(cx).is_ready()
        {
            // It was cancelled, so nothing will come.
            *this.ended = true;
            *this.group = None;
            return Poll::Ready(None);
        }
        wait::note(&"next of par_map");
        Poll::Pending
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.results.len(), self.ended.then_some(0))
    }
}

impl<S, F, J> FusedStream for ParMap<S, F, J>
where
    S: Stream,
    F: FnMut(S::Item) -> J,
    J: Future<Output: Send + 'static> + Send + 'static,
{
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<S, F, J: Future> fmt::Debug for ParMap<S, F, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParMap")
            .field("limit", &self.limit())
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}
