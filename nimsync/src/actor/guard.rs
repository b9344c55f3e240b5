//! The outermost future of a host: protects its end, and limits it.

use super::addr::Link;
use super::control::{Control, HALT, KILL, STOP};
use super::handling::ending;
use super::host::order_end;
use super::waits::Hosting;
use crate::cancel::{Frame, Kind, Protection, current_is_ended, current_scope};
use crate::task::BoxError;
use crate::time::{Sleep, sleep};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The orders that have a time limit.
const ENDS: u32 = STOP | KILL | HALT;

pin_project! {
    /// Runs a host.
    ///
    /// Cancellation from outside becomes an order, and from then on the host is
    /// shielded, so that `on_stop` can run. A stop that is not done within the
    /// limit becomes a kill; a kill that is not done within it drops the host.
    ///
    /// What few actors come to have is in boxes: there may be many actors.
    pub(super) struct Guard<F> {
        #[pin]
        host: Option<F>,
        link: Arc<dyn Link>,
        limit: Duration,
        shield: Option<Box<(Frame, Protection)>>,
        // The address of the waker that the lane has.
        watching: Option<usize>,
        ending: Option<Pin<Box<Ending>>>,
    }
}

pin_project! {
    /// A host that was ordered to end, and has not at once.
    struct Ending {
        #[pin]
        timer: Sleep,
        // Whether the timer is that of a kill.
        killing: bool,
    }
}

impl<F> Guard<F> {
    pub(super) fn new(link: Arc<dyn Link>, limit: Duration, host: F) -> Self {
        Self {
            host: Some(host),
            link,
            limit,
            shield: None,
            watching: None,
            ending: None,
        }
    }
}

impl<F: Future<Output = Result<(), BoxError>>> Future for Guard<F> {
    type Output = Result<(), BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let control = this.link.control();
        let waker = cx.waker().data() as usize;
        if *this.watching != Some(waker) {
            *this.watching = Some(waker);
            control.watch_lane(cx.waker());
        }
        if this.shield.is_none() && current_is_ended() {
            order_end(control);
            *this.shield = Some(shield());
        }
        // The first look at the clock comes after the host's: most end at once.
        let over = this.ending.is_some() && is_over(control, *this.limit, this.ending, cx);
        let poll = match this.host.as_mut().as_pin_mut() {
            Some(host) if !over => {
                let _hosting = Hosting::enter(this.link);
                let _shielded = this.shield.as_ref().map(|shield| shield.0.enter());
                host.poll(cx)
            }
            _ => Poll::Ready(Ok(())),
        };
        let poll = match poll {
            Poll::Pending
                if control.flags() & ENDS != 0
                    && this.ending.is_none()
                    && is_over(control, *this.limit, this.ending, cx) =>
            {
                Poll::Ready(Ok(()))
            }
            poll => poll,
        };
        if poll.is_ready() {
            ending(false, || this.host.set(None));
            *this.shield = None;
        }
        poll
    }
}

#[cold]
fn shield() -> Box<(Frame, Protection)> {
    let scope = current_scope().expect("what is cancelled has a scope");
    let frame = Frame::made(scope.child(Kind::Shield));
    Box::new((frame, Protection::here()))
}

/// Whether the time limit of a host that was ordered to end is over, so that it is
/// to be dropped.
#[cold]
fn is_over(
    control: &Control,
    limit: Duration,
    ending: &mut Option<Pin<Box<Ending>>>,
    cx: &mut Context<'_>,
) -> bool {
    loop {
        let flags = control.flags();
        let kill = flags & KILL != 0;
        if flags & ENDS == 0 {
            *ending = None;
            return false;
        }
        if ending.as_ref().is_none_or(|ending| ending.killing != kill) {
            *ending = Some(Box::pin(Ending {
                timer: sleep(limit),
                killing: kill,
            }));
        }
        let Some(ending) = ending else {
            unreachable!("set above");
        };
        let over = ending.as_mut().project().timer.poll(cx).is_ready();
        if !over || kill {
            return over;
        }
        control.order(KILL);
    }
}
