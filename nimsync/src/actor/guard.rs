//! The outermost future of a host: protects its end, and limits it.

use super::addr::Link;
use super::control::{Control, HALT, KILL, STOP};
use super::handling::ending;
use super::host::order_end;
use super::waits;
use crate::cancel::{Frame, Kind, Protection, current_is_ended, current_scope};
use crate::task::BoxError;
use crate::time::{Sleep, sleep};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

pin_project! {
    /// Runs a host.
    ///
    /// Cancellation from outside becomes an order, and from then on the host is
    /// shielded, so that `on_stop` can run. A stop that is not done within the
    /// limit becomes a kill; a kill that is not done within it drops the host.
    pub(super) struct Guard<F> {
        #[pin]
        host: Option<F>,
        link: Option<Arc<dyn Link>>,
        limit: Duration,
        shield: Option<(Frame, Protection)>,
        // The address of the waker that the lane has.
        watching: Option<usize>,
        #[pin]
        timer: Option<Sleep>,
        // Whether the timer is that of a kill.
        killing: bool,
    }
}

impl<F> Guard<F> {
    pub(super) fn new(link: Arc<dyn Link>, limit: Duration, host: F) -> Self {
        Self {
            host: Some(host),
            link: Some(link),
            limit,
            shield: None,
            watching: None,
            timer: None,
            killing: false,
        }
    }
}

/// Makes an actor the current one until it is dropped.
struct Current<'a> {
    place: &'a mut Option<Arc<dyn Link>>,
    before: Option<Arc<dyn Link>>,
}

impl<'a> Current<'a> {
    fn enter(place: &'a mut Option<Arc<dyn Link>>) -> Self {
        let before = waits::exchange_current(place.take());
        Self { place, before }
    }
}

impl Drop for Current<'_> {
    fn drop(&mut self) {
        *self.place = waits::exchange_current(self.before.take());
    }
}

impl<F: Future<Output = Result<(), BoxError>>> Future for Guard<F> {
    type Output = Result<(), BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        {
            let Some(link) = &*this.link else {
                unreachable!("the address is there between polls");
            };
            let control = link.control();
            let waker = cx.waker().data() as usize;
            if *this.watching != Some(waker) {
                *this.watching = Some(waker);
                control.watch_lane(cx.waker());
            }
            if this.shield.is_none() && current_is_ended() {
                order_end(control);
                let scope = current_scope().expect("what is cancelled has a scope");
                let frame = Frame::made(scope.child(Kind::Shield));
                *this.shield = Some((frame, Protection::here()));
            }
            if poll_limit(control, *this.limit, this.timer.as_mut(), this.killing, cx) {
                ending(false, || this.host.set(None));
            }
        }
        let poll = match this.host.as_mut().as_pin_mut() {
            // Its limit was over.
            None => Poll::Ready(Ok(())),
            Some(host) => {
                let _current = Current::enter(this.link);
                let _shielded = this.shield.as_ref().map(|(frame, _)| frame.enter());
                host.poll(cx)
            }
        };
        if poll.is_ready() {
            this.host.set(None);
            *this.shield = None;
        }
        poll
    }
}

/// Returns whether the host is to be dropped.
fn poll_limit(
    control: &Control,
    limit: Duration,
    mut timer: Pin<&mut Option<Sleep>>,
    killing: &mut bool,
    cx: &mut Context<'_>,
) -> bool {
    loop {
        let flags = control.flags();
        let kill = flags & KILL != 0;
        if flags & (STOP | KILL | HALT) == 0 {
            timer.set(None);
            return false;
        }
        if timer.is_none() || kill != *killing {
            *killing = kill;
            timer.set(Some(sleep(limit)));
        }
        let over = match timer.as_mut().as_pin_mut() {
            Some(timer) => timer.poll(cx).is_ready(),
            None => false,
        };
        if !over || kill {
            return over;
        }
        control.order(KILL);
    }
}
