//! One run of a handler or hook: how it is cut, what it leaves behind when it panics.

use super::control::{Control, KILL};
use super::reply::{Answer, AnyAnswer, NoReply};
use super::supervise::Boss;
use super::waits;
use crate::cancel::{Frame, Last, poll_last};
use crate::prim::thread_local;
use crate::task::PanicCause;
use std::any::Any;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

pub(super) type Payload = Box<dyn Any + Send>;

thread_local! {
    /// Replies that were dropped by a panic, until its cause is known.
    static UNANSWERED: Cell<Vec<Box<dyn AnyAnswer>>> = const { Cell::new(Vec::new()) };
    /// Whether what is being dropped ends with its actor, and if so, whether that is to be restarted.
    static ENDING: Cell<Option<bool>> = const { Cell::new(None) };
}

/// A reply was dropped unanswered (invariant 5).
#[cold]
pub(super) fn unanswered<T: Send + 'static>(answer: Answer<T>) {
    if std::thread::panicking() && waits::is_hosting() {
        let mut answers = UNANSWERED.replace(Vec::new());
        answers.push(Box::new(answer));
        UNANSWERED.set(answers);
        return;
    }
    answer.refuse(match ENDING.get() {
        Some(true) => NoReply::Restarting,
        Some(false) => NoReply::Stopped,
        None => NoReply::Unanswered,
    });
}

/// Tells those whose handler has panicked why there will be no reply.
pub(super) fn settle_unanswered(cause: &PanicCause) {
    for answer in UNANSWERED.replace(Vec::new()) {
        answer.refuse(NoReply::Panicked(cause.clone()));
    }
}

/// How a handler or hook has ended.
pub(super) enum Ran<T> {
    Done(T),
    Panicked(Payload),
    /// Killed or cancelled where it waited.
    Cut,
}

/// What is kept of a run of a handler or hook, besides itself.
///
/// The future is kept by who runs it: with it in here it would be moved with each
/// message.
pub(super) struct Handling<'a> {
    control: &'a Control,
    boss: Option<&'a Boss>,
    frame: Frame,
    cut: bool,
}

impl<'a> Handling<'a> {
    /// Begins a run; a kill cuts it if `cuttable`.
    #[inline(always)]
    pub(super) fn new(control: &'a Control, boss: Option<&'a Boss>, cuttable: bool) -> Self {
        Self {
            control,
            boss,
            frame: Frame::lazy_for(waits::waiter),
            cut: !cuttable,
        }
    }

    /// Goes on with it. Not to be moved between two calls.
    #[inline(always)]
    pub(super) fn poll<F: Future>(
        &mut self,
        mut place: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Ran<F::Output>> {
        if !self.cut && self.control.flags() & KILL != 0 {
            self.cut = true;
            cancel(&self.frame, self.control);
        }
        let Some(handler) = place.as_mut().as_pin_mut() else {
            unreachable!("it is dropped after its last poll");
        };
        match poll_guarded(&self.frame, handler, cx) {
            Poll::Ready(Ran::Cut) => Poll::Ready(self.drop_cut(place)),
            poll => poll,
        }
    }

    #[cold]
    fn drop_cut<F: Future>(&self, mut place: Pin<&mut Option<F>>) -> Ran<F::Output> {
        let restarts = self.boss.is_some_and(Boss::restarts);
        let restarting = restarts && !self.control.is_killed_for_good();
        drop_cut(restarting, || place.set(None))
    }
}

/// Runs a handler or hook; a kill cuts it if `cuttable`.
pub(super) async fn guarded<F: Future>(
    control: &Control,
    boss: Option<&Boss>,
    cuttable: bool,
    handler: F,
) -> Ran<F::Output> {
    let mut handling = Handling::new(control, boss, cuttable);
    let mut place = pin!(Some(handler));
    poll_fn(|cx| handling.poll(place.as_mut(), cx)).await
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
#[inline(always)]
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
