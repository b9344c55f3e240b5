//! One run of a handler or hook: how it is cut, what it leaves behind when it panics.

use super::control::{Control, KILL};
use super::reply::{AnyCell, NoReply};
use super::supervise::Boss;
use super::waits;
use crate::cancel::{Frame, Last, poll_last};
use crate::prim::thread_local;
use crate::task::PanicCause;
use pin_project_lite::pin_project;
use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(super) type Payload = Box<dyn Any + Send>;

thread_local! {
    /// Replies that were dropped by a panic, until its cause is known.
    static UNANSWERED: Cell<Vec<Arc<dyn AnyCell>>> = const { Cell::new(Vec::new()) };
    /// Whether what is being dropped ends with its actor, and if so, whether that is to be restarted.
    static ENDING: Cell<Option<bool>> = const { Cell::new(None) };
}

/// A reply was dropped unanswered (invariant 5).
pub(super) fn unanswered(cell: Arc<dyn AnyCell>) {
    if std::thread::panicking() && waits::is_hosting() {
        let mut cells = UNANSWERED.replace(Vec::new());
        cells.push(cell);
        UNANSWERED.set(cells);
        return;
    }
    cell.refuse(match ENDING.get() {
        Some(true) => NoReply::Restarting,
        Some(false) => NoReply::Stopped,
        None => NoReply::Unanswered,
    });
}

/// Tells those whose handler has panicked why there will be no reply.
pub(super) fn settle_unanswered(cause: &PanicCause) {
    for cell in UNANSWERED.replace(Vec::new()) {
        cell.refuse(NoReply::Panicked(cause.clone()));
    }
}

/// How a handler or hook has ended.
pub(super) enum Ran<T> {
    Done(T),
    Panicked(Payload),
    /// Killed or cancelled where it waited.
    Cut,
}

pin_project! {
    /// Runs a handler or hook; a kill cuts it if it is cuttable.
    ///
    /// Written by hand: an async function would hold the handler twice, and move it
    /// with each message.
    pub(super) struct Guarded<'a, F> {
        control: &'a Control,
        boss: Option<&'a Boss>,
        frame: Frame,
        cut: bool,
        #[pin]
        handler: Option<F>,
    }
}

/// Runs a handler or hook; a kill cuts it if `cuttable`.
#[inline]
pub(super) fn guarded<'a, F: Future>(
    control: &'a Control,
    boss: Option<&'a Boss>,
    cuttable: bool,
    handler: F,
) -> Guarded<'a, F> {
    Guarded {
        control,
        boss,
        frame: Frame::lazy_for(waits::waiter),
        cut: !cuttable,
        handler: Some(handler),
    }
}

impl<F: Future> Future for Guarded<'_, F> {
    type Output = Ran<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if !*this.cut && this.control.flags() & KILL != 0 {
            *this.cut = true;
            cancel(this.frame, this.control);
        }
        let Some(handler) = this.handler.as_mut().as_pin_mut() else {
            unreachable!("it is dropped after its last poll");
        };
        poll_guarded(this.frame, handler, cx).map(|ran| match ran {
            Ran::Cut => {
                let restarts = this.boss.is_some_and(Boss::restarts);
                let restarting = restarts && !this.control.is_killed_for_good();
                drop_cut(restarting, || this.handler.set(None))
            }
            ran => ran,
        })
    }
}

#[cold]
fn cancel(frame: &Frame, control: &Control) {
    let cause = control.cause_of_kill();
    let entered = frame.enter();
    frame.scope().cancel(cause);
    drop(entered);
}

/// Drops what was cut; its askers are told whether that is because of a restart.
pub(super) fn drop_cut<T>(restarting: bool, drop: impl FnOnce()) -> Ran<T> {
    match catch_unwind(AssertUnwindSafe(|| ending(restarting, drop))) {
        Ok(()) => Ran::Cut,
        Err(payload) => Ran::Panicked(payload),
    }
}

/// Drops what ends with its actor; its askers are told whether that is because of a restart.
pub(super) fn ending(restarting: bool, drop: impl FnOnce()) {
    struct Reset(Option<bool>);

    impl Drop for Reset {
        fn drop(&mut self) {
            ENDING.set(self.0);
        }
    }

    let _reset = Reset(ENDING.replace(Some(restarting)));
    drop();
}

/// Polls a handler or hook once; what it does not survive is caught.
pub(super) fn poll_guarded<F: Future>(
    frame: &Frame,
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Ran<F::Output>> {
    match catch_unwind(AssertUnwindSafe(|| poll_last(frame, future, cx))) {
        Ok(Last::Ready(value)) => Poll::Ready(Ran::Done(value)),
        Ok(Last::Pending) => Poll::Pending,
        Ok(Last::Cut) => Poll::Ready(Ran::Cut),
        Err(payload) => Poll::Ready(Ran::Panicked(payload)),
    }
}
