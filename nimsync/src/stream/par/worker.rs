//! A child that runs jobs, one after the other.

use super::hub::{Hub, More, Step};
use crate::group::Spawner;
use crate::runtime;
use crate::wait;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

pin_project! {
    /// A child that runs jobs, one after the other.
    pub(super) struct Worker<J: Future> {
        hub: Arc<Hub<J, J::Output>>,
        spawner: Spawner,
        measures: bool,
        #[pin]
        job: Option<J>,
        number: u64,
        began: Option<Instant>,
        // Its name at the hub.
        id: usize,
        // Whether the hub counts it as active.
        active: bool,
        // Whether the present job, or else the last one, waited.
        waited: bool,
    }
}

/// Lets one worker more begin, if the hub wants it.
pub(super) fn employ<J>(more: More, hub: &Arc<Hub<J, J::Output>>, spawner: &Spawner, measures: bool)
where
    J: Future<Output: Send + 'static> + Send + 'static,
{
    match more {
        More::Nothing => {}
        More::Wake(waker) => {
            waker.wake();
            runtime::share();
        }
        More::Spawn(id) => {
            let worker = Worker {
                hub: hub.clone(),
                spawner: spawner.clone(),
                measures,
                job: None,
                number: 0,
                began: None,
                id,
                active: true,
                waited: false,
            };
            // A group that has ended takes no more children, and wants none.
            drop(spawner.spawn(worker));
            runtime::share();
        }
    }
}

impl<J> Future for Worker<J>
where
    J: Future<Output: Send + 'static> + Send + 'static,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let mut step = None;
        let mut give_way = false;
        loop {
            if this.job.is_none() {
                let waker = cx.waker();
                let next = match step.take() {
                    Some(step) => step,
                    None => {
                        let patient = *this.waited;
                        let Some((step, more)) = this.hub.first_job(*this.id, patient, waker)
                        else {
                            wait::note(&"jobs of par_map");
                            return Poll::Pending;
                        };
                        *this.active = !patient;
                        employ(more, this.hub, this.spawner, *this.measures);
                        step
                    }
                };
                match next {
                    Step::End => return Poll::Ready(()),
                    Step::Rest => {
                        *this.active = false;
                        wait::note(&"jobs of par_map");
                        return Poll::Pending;
                    }
                    Step::Run(number, job) => {
                        *this.number = number;
                        this.job.set(Some(job));
                        *this.waited = false;
                        *this.began = this.measures.then(crate::time::now);
                    }
                }
            }
            if std::mem::take(&mut give_way) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !wait::budget(cx) {
                return Poll::Pending;
            }
            let Some(job) = this.job.as_mut().as_pin_mut() else {
                continue;
            };
            let Poll::Ready(result) = job.poll(cx) else {
                *this.waited = true;
                if std::mem::take(this.active) {
                    let more = this.hub.waits();
                    employ(more, this.hub, this.spawner, *this.measures);
                }
                return Poll::Pending;
            };
            this.job.set(None);
            let latency = this.began.map(|began| crate::time::now() - began);
            let counted = !*this.waited;
            let active = (std::mem::replace(this.active, counted), counted);
            let me = (*this.id, cx.waker());
            let finished = this.hub.finish(*this.number, result, latency, active, me);
            if let Some(consumer) = finished.consumer {
                consumer.wake();
            }
            give_way = finished.give_way;
            step = Some(finished.step);
        }
    }
}
